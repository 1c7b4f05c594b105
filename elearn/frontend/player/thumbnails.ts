/** Small pictures above the seek bar: media-chrome shows them where it finds a track of this label. */
export function addThumbnails(video: HTMLVideoElement, src: string): void {
  const track = document.createElement("track");
  Object.assign(track, { kind: "metadata", label: "thumbnails", default: true, src });
  video.append(track);
}
