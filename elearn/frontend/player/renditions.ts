export interface Rendition {
  id: string;
  width: number;
  height: number;
  bitrate: number;
}

/** The film's picture sizes in the form media-chrome's quality menu reads; -1 means: chosen by the connection. */
export class Renditions extends EventTarget implements Iterable<Rendition> {
  [index: number]: Rendition;
  private list: Rendition[] = [];
  private selected = -1;

  get length(): number {
    return this.list.length;
  }

  get selectedIndex(): number {
    return this.selected;
  }

  set selectedIndex(index: number) {
    if (index === this.selected) return;
    this.selected = index;
    this.dispatchEvent(new Event("change"));
  }

  fill(list: Rendition[]): void {
    this.list = list;
    list.forEach((rendition, index) => (this[index] = rendition));
    this.dispatchEvent(new Event("addrendition"));
  }

  [Symbol.iterator](): Iterator<Rendition> {
    return this.list[Symbol.iterator]();
  }
}
