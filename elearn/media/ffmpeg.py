"""The only door to ffmpeg: found, started with an argument list (never a shell), watched, and its failure worded."""

import ctypes
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from elearn.media.errors import FfmpegMissing

LEAST_VERSION = 5
STANDS_STILL_S = 120
LINES_KEPT = 50
NO_ROOM = os.strerror(errno.ENOSPC)
Watch = Callable[[float], None]
"""Is told, a few times a second, how many seconds of film are done, whether or not there are more than before. What it
raises ends the work."""


class FfmpegFailed(Exception):
    """ffmpeg ended with an error; the message is the last thing it said."""


@cache
def find_ffmpeg() -> str:
    """Return the ffmpeg to use: the machine's own when it is new enough and has H.264, else the one we bring."""
    own = shutil.which("ffmpeg")
    return own if own and _is_usable(own) else bundled_ffmpeg()


@cache
def bundled_ffmpeg() -> str:
    """Return the ffmpeg that comes with the product, one version for everybody. Raises `FfmpegMissing`."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing(
            f"No ffmpeg {LEAST_VERSION} or later with libx264 was found. Install one: apt install ffmpeg."
        ) from error


def run(arguments: Sequence[str], folder: Path, watch: Watch | None = None, *, program: str | None = None) -> None:
    """Run ffmpeg in `folder` until it has done its work. Raises `FfmpegFailed`, and `OSError` when the disk is full.

    Killed with this process: on an exception at once, and on Linux also when this process dies by signal 9.
    """
    command = [
        program or find_ffmpeg(),
        *("-hide_banner", "-nostdin", "-y", "-loglevel", "error", "-progress", "pipe:1", "-stats_period", "0.25"),
        *arguments,
    ]
    said: deque[str] = deque(maxlen=LINES_KEPT)  # not in a file: on a full disk it would say nothing
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    ) as process:
        assert process.stderr is not None
        listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
        listener.start()
        try:
            _follow(process, watch)
        except BaseException:
            process.kill()
            raise
        finally:
            listener.join()
    if any(NO_ROOM in line for line in said):  # it ends with 0 all the same when only a file's end found no room
        raise OSError(errno.ENOSPC, NO_ROOM)
    if process.returncode != 0:
        raise FfmpegFailed(_last_line(said) or f"ffmpeg ended with code {process.returncode}")


def _follow(process: subprocess.Popen[str], watch: Watch | None) -> None:
    """Tell how far it is until it ends. Raises `FfmpegFailed` when it stands still: it was seen to wait for itself."""
    assert process.stdout is not None
    furthest_us, moved_at = -1, time.monotonic()
    ended = threading.Event()

    def end_when_it_stands_still() -> None:
        while not ended.wait(1):
            if time.monotonic() - moved_at > STANDS_STILL_S:
                process.kill()

    threading.Thread(target=end_when_it_stands_still, daemon=True).start()
    try:
        for line in process.stdout:
            name, _, value = line.strip().partition("=")
            if name == "out_time_us" and value.lstrip("-").isdigit() and int(value) > furthest_us:
                furthest_us, moved_at = int(value), time.monotonic()
            if name == "progress" and watch:
                watch(max(0, furthest_us) / 1_000_000)
    finally:
        ended.set()
    if time.monotonic() - moved_at > STANDS_STILL_S:
        raise FfmpegFailed("ffmpeg made no headway for two minutes and was stopped. Try again.")


def _is_usable(program: str) -> bool:
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=10, check=True).stdout
        version = re.match(r"ffmpeg version n?(\d+)", said)
        return version is not None and int(version[1]) >= LEAST_VERSION and "--enable-libx264" in said
    return False


def _last_line(said: Iterable[str]) -> str:
    lines = [line.strip() for line in said if line.strip()]
    return re.sub(r"^(\[[^]]*\] ?)+", "", lines[-1]) if lines else ""


def _die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
