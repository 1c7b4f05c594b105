"""The sentences that scripts say, in `frontend/strings.json`: its keys are the scripts', its texts our msgids."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any

from elearn.core.i18n import gettext

FILE = Path(__file__).parent.parent / "frontend" / "strings.json"
SITE = "site."
"""Keys of what every page's script says."""
UPLOAD = "upload."
"""Keys of what is said while a film is sent; the rest is the player's."""


def site_strings() -> dict[str, str]:
    """Return what every page's script says, in the language spoken now."""
    return {key: gettext(text) for key, text in _strings().items() if key.startswith(SITE)}


def player_strings() -> dict[str, str]:
    """Return all that the player says, in the language spoken now."""
    return {key: gettext(text) for key, text in _strings().items() if not key.startswith((SITE, UPLOAD))}


def upload_strings() -> dict[str, str]:
    """Return what is said while a film is sent, in the language spoken now."""
    return {key: gettext(text) for key, text in _strings().items() if key.startswith(UPLOAD)}


def client_string(key: str) -> str:
    """Return one sentence in the language spoken now, its {names} left open: for pages that say the same."""
    return gettext(_strings()[key])


@cache
def _strings() -> dict[str, str]:
    """Return all sentences in English, by key."""
    found: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def extract(file: IO[bytes], _keywords: Any, _tags: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Give the sentences to Babel's extraction (translations/babel.cfg), which passes `options` by that name."""
    del options
    for number, text in enumerate(json.load(file).values(), start=2):
        yield number, "gettext", text, []
