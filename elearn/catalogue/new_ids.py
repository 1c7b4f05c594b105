"""Ids for what is new, made from its words."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST_NEW_ID = 40
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ß": "ss"})


def new_id(words: str, taken: Iterable[str]) -> str:
    """Return an id that says what the words say and is not taken."""
    plain = unicodedata.normalize("NFKD", words.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    stem = "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_NEW_ID].strip("-") or "x"
    known = set(taken)
    number = 1
    while (candidate := stem if number == 1 else f"{stem}-{number}") in known:
        number += 1
    return candidate
