"""Films from drawings: still scenes with a few words and a soft tone, drawn by a command instead of kept as files.

The same drawings give the same bytes, so that a film drawn again is not packaged again: one ffmpeg for everybody,
a fixed number of threads, whole-number arithmetic, and sound without loss.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import av
import typst
from pydantic import BaseModel, ConfigDict, Field

from elearn.core.content_files import FileProblems, Loaded, read_file
from elearn.media import ffmpeg
from elearn.media.film_rules import DrawingRule
from elearn.media.manifest import FileName, Id

WIDTH, HEIGHT, RATE = 1280, 720, 25
CROSSFADE_S = 0.6
OPENING_S = 0.8
RECIPE = 1
"""Raised when films are to be drawn differently."""
FONTS = Path(__file__).parent.parent / "static" / "build" / "fonts-ttf"
SHARED_DRAWINGS = "drawings"
FILM_FILE = "film.yaml"
PAGE = Path(__file__).with_name("drawing.typ")
"""How one scene looks: the drawing, and the words in a panel over it."""
PAPER_GREY = "0xEFEAE0"
"""What a film begins and ends with."""


class Scene(BaseModel):
    """One drawing with the words beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drawing: FileName = Field(description="the name of an SVG file beside this one or in drawings/")
    seconds: float = Field(ge=1, le=60)
    text: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(default=[], max_length=3)


class Film(BaseModel):
    """A film.yaml: the scenes in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id = Field(description="the film's name in small letters, digits and hyphens")
    tone: float = Field(ge=60, le=600, description="the root of the soft tone in Hz, such as 196")
    scenes: list[Scene] = Field(min_length=1, max_length=60)

    @property
    def duration_s(self) -> float:
        """The film's length."""
        return sum(scene.seconds for scene in self.scenes)


@dataclass(frozen=True)
class Drawn:
    """A film that lies ready to be packaged."""

    path: Path
    made: bool
    """False when it had been drawn before, from the same drawings."""


def film_files(courses: Path) -> list[Path]:
    """Return the film.yaml files of all courses, by course and film."""
    return sorted(courses.glob(f"*/films/*/{FILM_FILE}"))


def draw_film(film_file: Path, films: Path, watch: ffmpeg.Watch | None = None) -> Drawn:
    """Draw a film into the folder `films` as <id>.mp4, unless it is there. Raises `FileProblems`."""
    loaded = read_film(film_file)
    film = loaded.value
    drawings = _drawings(loaded)
    stamp = _stamp(loaded, drawings)
    target = films / f"{film.id}.mp4"
    if target.is_file() and _stamp_of(target) == stamp:
        return Drawn(target, made=False)
    work = films / f".drawing-{film.id}"
    work.mkdir(parents=True, exist_ok=True)
    try:
        for index, picture in enumerate(_pictures(film, drawings)):
            (work / f"{index:03}.png").write_bytes(picture)
        ffmpeg.run(_arguments(film, stamp), work, watch, program=ffmpeg.bundled_ffmpeg())
        (work / "film.mp4").replace(target)
    finally:
        for left in work.glob("*"):
            left.unlink()
        work.rmdir()
    return Drawn(target, made=True)


def read_film(film_file: Path) -> Loaded[Film]:
    """Read and check a film.yaml with the drawings it names. Raises `FileProblems`."""
    loaded = read_file(film_file, Film)
    problems = []
    if loaded.value.id != film_file.parent.name:
        problems.append(loaded.problem(("id",), DrawingRule.ID_NOT_FOLDER, folder=film_file.parent.name))
    for index, scene in enumerate(loaded.value.scenes):
        if _drawing_path(film_file, scene.drawing) is None:
            here = ("scenes", index, "drawing")
            problems.append(loaded.problem(here, DrawingRule.NO_DRAWING, drawing=scene.drawing))
    if problems:
        raise FileProblems(problems)
    return loaded


def _drawing_path(film_file: Path, name: str) -> Path | None:
    places = (film_file.parent / name, film_file.parent.parent / SHARED_DRAWINGS / name)
    return next((path for path in places if path.is_file()), None)


def _drawings(loaded: Loaded[Film]) -> list[bytes]:
    paths = [_drawing_path(loaded.path, scene.drawing) for scene in loaded.value.scenes]
    return [path.read_bytes() for path in paths if path]


def _fonts() -> list[Path]:
    return sorted(FONTS.glob("*.ttf"))


def _stamp(loaded: Loaded[Film], drawings: list[bytes]) -> str:
    """Return a checksum of all that a film is drawn from; it is kept in the film."""
    parts = [f"{RECIPE}".encode(), loaded.value.model_dump_json().encode(), *drawings]
    parts += [path.read_bytes() for path in [PAGE, *_fonts()]]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _stamp_of(film: Path) -> str | None:
    try:
        with av.open(str(film)) as container:
            return str(container.metadata.get("comment"))
    except av.error.FFmpegError:
        return None


def _pictures(film: Film, drawings: list[bytes]) -> list[bytes]:
    """Return one PNG per scene."""
    scenes = [
        {"drawing": drawing.decode(), "text": scene.text} for scene, drawing in zip(film.scenes, drawings, strict=True)
    ]
    made: Any = typst.compile(  # several pages come as a list, which its types do not say
        str(PAGE),
        format="png",
        ppi=72,
        font_paths=[str(FONTS)] if _fonts() else [],
        ignore_system_fonts=True,
        sys_inputs={"scenes": json.dumps(scenes)},
    )
    return list(made) if isinstance(made, list) else [made]


def _arguments(film: Film, stamp: str) -> list[str]:
    made: list[str] = []
    for index in range(len(film.scenes)):
        made += ["-framerate", str(RATE), "-i", f"{index:03}.png"]
    made += ["-filter_complex", f"{_picture_filters(film)};{_tone_filters(film)}", "-map", "[film]", "-map", "[tone]"]
    made += ["-t", f"{film.duration_s:.3f}", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-threads", "2"]
    made += ["-pix_fmt", "yuv420p", "-g", str(RATE * 4)]
    made += ["-c:a", "flac", "-bitexact", "-flags", "+bitexact"]
    return [*made, "-metadata", f"comment={stamp}", "-f", "mp4", "film.mp4"]


def _picture_filters(film: Film) -> str:
    """Stills that melt into each other, from paper and back to it; a scene is half there when its time begins.

    Each still is decoded and converted once, then repeated; only the moments between two are computed.
    """
    exact = "flags=bicubic+accurate_rnd+bitexact+full_chroma_int"
    last = len(film.scenes)
    half, opening = round(CROSSFADE_S / 2 * RATE), round(OPENING_S * RATE)
    paper = f"color=c={PAPER_GREY}:s={WIDTH}x{HEIGHT}:r={RATE}"
    chains = [
        f"{paper},trim=end_frame=1,format=yuv420p[from0]",
        f"{paper},trim=end_frame=1,format=yuv420p[into{last + 1}]",
    ]
    parts = [_melt(chains, 0, opening)]
    for number, scene in enumerate(film.scenes, start=1):
        before, after = opening if number == 1 else half, opening if number == last else half
        chains.append(
            f"[{number - 1}:v]scale={WIDTH}:{HEIGHT}:{exact},format=yuv420p,setsar=1,"
            f"split=3[into{number}][still{number}][from{number}]"
        )
        chains.append(f"[still{number}]{_repeated(round(scene.seconds * RATE) - before - after)}[part{number}]")
        parts += [f"[part{number}]", _melt(chains, number, opening if number == last else 2 * half)]
    chains.append(f"{''.join(parts)}concat=n={len(parts)}:v=1:a=0,fps={RATE}[film]")
    return ";".join(chains)


def _melt(chains: list[str], number: int, frames: int) -> str:
    """Add the moment in which one still becomes the next, and return its name."""
    chains.append(f"[from{number}]{_repeated(frames)}[leaving{number}]")
    chains.append(f"[into{number + 1}]{_repeated(frames)}[coming{number}]")
    melting = f"xfade=transition=fade:duration={frames / RATE}:offset=0"
    chains.append(f"[leaving{number}][coming{number}]{melting}[melt{number}]")
    return f"[melt{number}]"


def _repeated(frames: int) -> str:
    # setpts forgets the rate, and ffmpeg 7 melts only pictures whose rate it knows.
    return f"loop=loop={frames - 1}:size=1,setpts=N/{RATE}/TB,fps={RATE}"


def _tone_filters(film: Film) -> str:
    """Root, fifth and octave, swelling slowly, about -28 LUFS: there when listened to, easy to forget."""
    length = f"r=48000:d={film.duration_s:.3f}"
    partials = [film.tone, film.tone * 1.5, film.tone * 2]
    chains = [f"sine=f={hz:.2f}:{length}[t{index}]" for index, hz in enumerate(partials)]
    fade_s = min(3.0, film.duration_s / 3)
    chains.append(
        "[t0][t1][t2]amerge=inputs=3,pan=mono|c0=0.64*c0+0.22*c1+0.11*c2,tremolo=f=0.12:d=0.5,"
        f"afade=in:d={fade_s:.2f},afade=out:st={film.duration_s - fade_s:.2f}:d={fade_s:.2f},aformat=s16[tone]"
    )
    return ";".join(chains)
