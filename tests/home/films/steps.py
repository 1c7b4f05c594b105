"""What an owner does with a film of ours: open a form, fill it in, press."""

import io
from pathlib import Path
from typing import Any

from elearn.media.manifest import Manifest, read_manifest
from tests.client import PageClient

FILM = "/owner/films/why-we-ask"
VTT = "WEBVTT\n\n00:02.000 --> 00:05.000\nHej med dig.\n\n00:06.000 --> 00:08.000\nOg dig.\n"


def film(manifest: Path) -> Manifest:
    return read_manifest(manifest).value


def send(owner: PageClient, page: str, **fields: Any) -> Any:
    """Open a form, fill fields in and press its button."""
    shown = owner.page(FILM + page)
    state = shown.find("input", {"name": "state"})
    assert state
    return owner.press(FILM + page, **({"state": state["value"]} | fields))


def send_captions(owner: PageClient, text: str | bytes, name: str = "film.vtt", language: str = "da") -> Any:
    raw = text if isinstance(text, bytes) else text.encode()
    return send(owner, f"/captions/{language}", file=(io.BytesIO(raw), name))


def rows(**cells: str) -> dict[str, str]:
    """Fields of a form with rows: at0='00:05' is the first row's `at`."""
    return {f"rows-{name[-1]}-{name[:-1]}": text for name, text in cells.items()}
