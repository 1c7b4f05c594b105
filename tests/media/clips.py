"""Small films made on the spot, so that the tests need no files of their own."""

import subprocess
from pathlib import Path

from elearn.media.ffmpeg import bundled_ffmpeg

SOUND = ["-f", "lavfi", "-i", "sine=f=220:d={seconds}"]


def make_clip(
    path: Path,
    *,
    size: str = "320x180",
    seconds: float = 2,
    rate: str = "25",
    sound_s: float | None = None,
    extra: tuple[str, ...] = (),
    picture: str = "testsrc2",
) -> Path:
    """Make a film of moving squares with a tone; `sound_s` 0 leaves the sound out."""
    sound_s = seconds if sound_s is None else sound_s
    arguments = ["-f", "lavfi", "-i", f"{picture}=s={size}:r={rate}:d={seconds}"]
    if sound_s:
        arguments += ["-f", "lavfi", "-i", f"sine=f=220:d={sound_s}"]
    run(*arguments, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *extra, str(path))
    return path


def run(*arguments: str) -> None:
    subprocess.run([bundled_ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], check=True)
