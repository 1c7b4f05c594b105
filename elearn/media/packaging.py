"""From a film to what browsers play: HLS with CMAF segments, one run of ffmpeg for all sizes, and still pictures."""

import hashlib
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from elearn.media import ffmpeg, flashes, thumbnails
from elearn.media.errors import NotAFilm
from elearn.media.ladder import Rung, ladder
from elearn.media.manifest import SAME_LENGTH_S, Rendition, Source, Written
from elearn.media.probe import MOST_PIXELS, Probe, probe, refuse_endless
from elearn.media.stores.packages import MASTER, NOTES_FILE, Tell, named_in
from elearn.media.stores.storage import MediaStore

RECIPE = 2
"""Raised when packages are to be made differently: every film is then packaged anew under a new name."""
SEGMENT_S = 4
"""A seek fetches one segment, an hour takes 900 requests."""
AUDIO_CODEC = "mp4a.40.2"
GREY_FILE = "flashes.grey"
WIDEST_POSTER = 1280
BLOCK_BYTES = 1_000_000


@dataclass(frozen=True)
class Added:
    """What packaging a film came to."""

    written: Written
    made: bool
    """False when the package was there already and nothing had to be done."""


def add_package(film: Path, store: MediaStore, *, poster_s: float, watch: ffmpeg.Watch | None = None) -> Added:
    """Package a film into the store, unless that was done before.

    Raises `NotAFilm`, and then leaves nothing behind.
    """
    found = probe(film)
    source = describe_source(film, watch)
    package = package_name(source.sha256)
    store.finish(package, _sending(watch, found))
    notes = None if store.damage(package) else store.notes(package)
    if notes is None:
        written = _make(film, source, found, store, package, watch)
    else:
        written = Written.model_validate_json(notes).model_copy(update={"source": source})
    add_poster(film, found, store, package, poster_s, written.duration)
    add_thumbnails(film, found, store, written, watch)
    return Added(written, made=notes is None)


def describe_source(film: Path, watch: ffmpeg.Watch | None = None) -> Source:
    """Return a film's name, checksum and size; that takes a while, so `watch` is told that nothing is done yet."""
    checksum = hashlib.sha256()
    with film.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            checksum.update(block)
            if watch:
                watch(0.0)
    return Source(file=film.name, sha256=checksum.hexdigest(), bytes=film.stat().st_size)


def package_name(sha256: str) -> str:
    """Return the name of a source's package: the same film packaged the same way has the same name."""
    return hashlib.sha256(f"{sha256}:{RECIPE}".encode()).hexdigest()[:16]


def poster_file(poster_s: float) -> str:
    """Return the name of the poster taken at a second: another place is another file."""
    return f"poster-{round(poster_s * 1000)}.jpg"


def _make(
    film: Path,
    source: Source,
    found: Probe,
    store: MediaStore,
    package: str,
    watch: ffmpeg.Watch | None,
) -> Written:
    rungs = ladder(found.width, found.height)
    with store.making(package, _sending(watch, found)) as folder:
        try:
            ffmpeg.run(arguments(film, found, rungs), folder, _unless_endless(film, watch))
        except ffmpeg.FfmpegFailed as error:
            raise NotAFilm(f"{film.name} cannot be read as a film: {error}.") from error
        duration = playlist_duration_s(folder / f"{rungs[-1].name}.m3u8")
        _refuse_short(film, found, duration)
        renditions = [_rendition(folder, rung, found) for rung in rungs]
        (folder / MASTER).write_text(_master(folder, rungs, renditions, found))
        count = flashes.most_flashes_per_s(folder / GREY_FILE, found.rate)
        (folder / GREY_FILE).unlink()
        _thumbnails_of_smallest(folder, rungs[0], found, duration, watch)
        written = Written(source=source, duration=duration, package=package, renditions=renditions, flashes_per_s=count)
        (folder / NOTES_FILE).write_text(written.model_dump_json())
        return written


def _thumbnails_of_smallest(
    folder: Path, smallest: Rung, found: Probe, duration_s: float, watch: ffmpeg.Watch | None
) -> None:
    """Make the seek bar's pictures of what was just made: a segment of the smallest size begins with a whole one."""
    made = ["-skip_frame", "nokey", "-allowed_extensions", "ALL", "-i", str(folder / f"{smallest.name}.m3u8")]
    with tempfile.TemporaryDirectory() as scratch, suppress(ffmpeg.FfmpegFailed):
        height = thumbnails.tall(found.width, found.height)
        content = thumbnails.draw(made, height, duration_s, Path(scratch), _still_at_work(watch, duration_s))
        (folder / thumbnails.sprite_file(duration_s)).write_bytes(content)


def _still_at_work(watch: ffmpeg.Watch | None, duration_s: float) -> ffmpeg.Watch | None:
    return (lambda _done_s: watch(duration_s)) if watch else None


def _sending(watch: ffmpeg.Watch | None, found: Probe) -> Tell | None:
    """Sending a package away takes a while after all of the film is done: `watch` is asked whether to go on."""
    return (lambda _done, _size: watch(found.duration_s or 0.0)) if watch else None


def _unless_endless(film: Path, watch: ffmpeg.Watch | None) -> ffmpeg.Watch:
    """A film need not say how long it is, and its sound may say something else."""

    def look(done_s: float) -> None:
        refuse_endless(film, done_s)
        if watch:
            watch(done_s)

    return look


def _refuse_short(film: Path, found: Probe, duration_s: float) -> None:
    """ffmpeg ends well when the rest of a film cannot be read; the length tells."""
    if found.duration_s and duration_s < found.duration_s - max(SAME_LENGTH_S, 0.02 * found.duration_s):
        raise NotAFilm(
            f"{film.name} says it is {found.duration_s:.1f} s long, but only {duration_s:.1f} s can be read: "
            "it is damaged or was not copied to its end."
        )


def arguments(film: Path, found: Probe, rungs: list[Rung]) -> list[str]:
    """Return ffmpeg's arguments: one decoder, one output per size, and grey squares for the flash check.

    The poster is no output of this run: ffmpeg 9 was seen to wait for itself for ever, near the end of films of ten
    minutes, when one output had closed after its only picture.
    """
    made = [*_input(film, found), "-filter_complex", _filters(found, rungs)]
    for rung in rungs:
        made += _output(rung, found)
    made += ["-map", "[grey]", "-f", "rawvideo", GREY_FILE]
    return made


POSTER_FORMAT = ("-c:v", "mjpeg", "-q:v", "3", "-f", "image2", "-update", "1")


def _input(film: Path, found: Probe) -> list[str]:
    limits = ["-protocol_whitelist", "file", "-max_pixels", MOST_PIXELS]
    return [*limits, "-f", found.container, "-i", f"file:{film.absolute()}"]


def _filters(found: Probe, rungs: list[Rung]) -> str:
    head = [f"fps={found.rate}:start_time=0"]
    if found.interlaced:
        head.insert(0, "yadif=deint=interlaced")
    if found.still_s > 0:
        head.append(f"tpad=stop_mode=clone:stop_duration={found.still_s:.3f}")
    names = [f"[s{rung.name}]" for rung in rungs]
    chains = [f"[0:{found.video_index}]{','.join(head)},split={len(rungs) + 1}{''.join(names)}[g]"]
    chains += [
        f"[s{rung.name}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1,format=yuv420p[v{rung.name}]"
        for rung in rungs
    ]
    chains.append(f"[g]scale={flashes.COLUMNS}:{flashes.ROWS}:flags=area,format=gray[grey]")
    return ";".join(chains)


def _poster_place(duration_s: float, poster_s: float) -> float:
    """A poster asked for after the end is taken shortly before it."""
    return max(0.0, min(poster_s, duration_s - 0.5))


def _poster_scale(found: Probe) -> str:
    top = ladder(found.width, found.height)[-1]
    share = min(1.0, WIDEST_POSTER / top.width)
    return f"scale={round(top.width * share)}:{round(top.height * share)}:out_range=full,setsar=1,format=yuvj420p"


def _output(rung: Rung, found: Probe) -> list[str]:
    ceiling = rung.ceiling_kbps
    made = ["-map", f"[v{rung.name}]", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "23"]
    made += ["-maxrate", f"{ceiling}k", "-bufsize", f"{2 * ceiling}k"]
    # Every size is cut at the same seconds, whatever the film's rate: a player may change size at any of them.
    # No cut in the last second: players stumble over a segment of a picture or two without sound.
    cuts = f"gte(t,n_forced*{SEGMENT_S})" + (f"*lt(t,max(0.1,{found.duration_s - 1:.3f}))" if found.duration_s else "")
    made += ["-force_key_frames", f"expr:{cuts}", "-g", str(round(found.rate * (SEGMENT_S + 2)))]
    made += ["-sc_threshold", "0"]
    if found.audio_index is not None:
        made += ["-map", f"0:{found.audio_index}", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
        made += ["-af", "aresample=async=1:first_pts=0"]
    # Who filmed where and with what is nobody's business.
    made += ["-map_metadata", "-1", "-map_chapters", "-1"]
    made += ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    made += ["-hls_flags", "independent_segments", "-hls_fmp4_init_filename", f"{rung.name}-init.mp4"]
    # Pictures that are reordered would otherwise be shown two frames late, and the sound would run ahead.
    made += ["-hls_segment_options", "movflags=+negative_cts_offsets:use_editlist=0"]
    return [*made, "-hls_segment_filename", f"{rung.name}-%05d.m4s", f"{rung.name}.m3u8"]


def add_poster(film: Path, found: Probe, store: MediaStore, package: str, poster_s: float, duration_s: float) -> None:
    """Put the poster of a second beside a package that lacks it: a new one, or somebody chose another place."""
    name = poster_file(poster_s)
    if store.has(package, name):
        return
    place = _poster_place(duration_s, poster_s)
    with store.scratch() as folder:
        shot = [
            "-ss",
            f"{place:.3f}",
            *_input(film, found),
            "-map",
            f"0:{found.video_index}",
            "-vf",
            _poster_scale(found),
        ]
        try:
            ffmpeg.run([*shot, "-frames:v", "1", *POSTER_FORMAT, name], folder)
            store.add(package, name, (folder / name).read_bytes())
        except (ffmpeg.FfmpegFailed, FileNotFoundError) as error:
            raise NotAFilm(f"{film.name} has no picture at {place:.1f} s for the poster.") from error


def add_thumbnails(
    film: Path, found: Probe, store: MediaStore, written: Written, watch: ffmpeg.Watch | None = None
) -> None:
    """Put the seek bar's pictures beside a package of before there were any. A film without any does without."""
    name = thumbnails.sprite_file(written.duration)
    if store.has(written.package, name):
        return
    source = [*_input(film, found), "-map", f"0:{found.video_index}"]
    with store.scratch() as folder, suppress(ffmpeg.FfmpegFailed):
        height = thumbnails.tall(found.width, found.height)
        store.add(
            written.package,
            name,
            thumbnails.draw(source, height, written.duration, folder, _still_at_work(watch, written.duration)),
        )


def playlist_duration_s(playlist: Path) -> float:
    """Return a playlist's length: what a player shows and counts seconds by."""
    return round(sum(_segment_durations(playlist)), 3)


def _segment_durations(playlist: Path) -> list[float]:
    return [float(value) for value in re.findall(r"^#EXTINF:([\d.]+)", playlist.read_text(), re.MULTILINE)]


def _rendition(folder: Path, rung: Rung, found: Probe) -> Rendition:
    codecs = _avc_codec(folder / f"{rung.name}-init.mp4")
    if found.audio_index is not None:
        codecs += f",{AUDIO_CODEC}"
    return Rendition(height=rung.height, width=rung.width, video_kbps=rung.ceiling_kbps, codecs=codecs)


def _avc_codec(init: Path) -> str:
    """Return the codec as playlists write it; profile and level stand in the init segment's avcC box."""
    raw = init.read_bytes()
    box = raw.index(b"avcC") + 5
    return f"avc1.{raw[box : box + 3].hex()}"


def _master(folder: Path, rungs: list[Rung], renditions: list[Rendition], found: Probe) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rung, rendition in zip(rungs, renditions, strict=True):
        peak, average = _bandwidth(folder / f"{rung.name}.m3u8")
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},"
            f'CODECS="{rendition.codecs}",RESOLUTION={rung.width}x{rung.height},FRAME-RATE={float(found.rate):.3f}'
        )
        lines.append(f"{rung.name}.m3u8")
    return "\n".join(lines) + "\n"


def _bandwidth(playlist: Path) -> tuple[int, int]:
    """Return the bits per second of the fullest segment and of all, as they turned out."""
    durations = _segment_durations(playlist)
    segments = [name for name in named_in(playlist.read_text()) if name.endswith(".m4s")]
    bits = [(playlist.parent / name).stat().st_size * 8 for name in segments]
    peak = max(size / max(length, 0.5) for size, length in zip(bits, durations, strict=True))
    return round(peak), round(sum(bits) / sum(durations))
