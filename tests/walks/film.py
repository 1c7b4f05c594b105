"""A short film for journeys: a moving pattern and a tone, made by ffmpeg."""

import subprocess
from pathlib import Path

from elearn.media import ffmpeg

FILM_S = 16
MANIFEST = """\
id: the-film
language: da
captions: {da: the-film.da.vtt, en: the-film.en.vtt}
described:
  statement: {by: Redaktionen, on: 2026-11-01, text: Alt står i teksten.}
chapters:
  - {at: "00:00", title: {da: Begyndelsen, en: The beginning}}
  - {at: "00:08", title: {da: Slutningen, en: The end}}
passages:
  - {id: memory, from: "00:05", to: "00:08"}
"""


CAPTIONS = f"WEBVTT\n\n00:00.500 --> 00:{FILM_S - 1:02}.000\nHvordan har du det?\n"


def make_film(path: Path) -> Path:
    """Write a film of FILM_S seconds, 320 x 180."""
    subprocess.run(
        [
            ffmpeg.find_ffmpeg(),
            *("-hide_banner", "-loglevel", "error", "-y"),
            *("-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={FILM_S}"),
            *("-f", "lavfi", "-i", f"sine=frequency=220:duration={FILM_S}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)),
        ],
        check=True,
    )
    return path
