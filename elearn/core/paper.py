"""What is drawn as a PDF: PDF/UA-1, tagged, the same bytes for the same words."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).with_name("document.typ")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; each block is what one of the functions below returns."""

    heading: str
    blocks: list[dict[str, Any]]


def text(value: str) -> dict[str, Any]:
    """Return a block: a paragraph."""
    return {"kind": "text", "value": value}


def question(value: str, facts: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a block: what was asked, with facts in one line below; it stands on the page of what follows."""
    return {"kind": "question", "value": value, "facts": " · ".join(f"{name}: {fact}" for name, fact in facts)}


def lead(value: str) -> dict[str, Any]:
    """Return a block: a paragraph in larger letters."""
    return {"kind": "lead", "value": value}


def items(values: list[str]) -> dict[str, Any]:
    """Return a block: a list."""
    return {"kind": "list", "items": values}


def pairs(values: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a block: names and what they are."""
    return {"kind": "pairs", "pairs": values}


def table(head: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """Return a block: rows under a head."""
    return {"kind": "table", "head": head, "rows": rows}


def heading(value: str) -> dict[str, Any]:
    """Return a block: a heading below the section's."""
    return {"kind": "heading", "value": value}


def new_page() -> dict[str, Any]:
    """Return a block: what follows begins on a new page."""
    return {"kind": "break"}


@dataclass(frozen=True)
class Marked:
    """A row of a chart: its words, its marks, and its numbers as they are read."""

    label: str
    marks: list[tuple[float, float, float]]
    """Where each stands, and where its interval begins and ends, in per cent of the width; none where withheld."""
    cells: list[str]
    """A cell's lines are parted by line breaks."""


def marks(head: list[str], chart: str, ticks: list[tuple[float, str]], rows: list[Marked]) -> dict[str, Any]:
    """Return a block: a table with a chart of its rows' marks, of two the first hollow; `chart` names that column."""
    return {
        "kind": "marks",
        "head": head,
        "chart": chart,
        "ticks": [{"at": at, "text": text} for at, text in ticks],
        "rows": [
            {
                "label": row.label,
                "marks": [{"at": at, "low": low, "high": high} for at, low, high in row.marks],
                "cells": row.cells,
            }
            for row in rows
        ],
    }


def bars(head: list[str], chart: str, rows: Sequence[tuple[str, float | None, list[str]]]) -> dict[str, Any]:
    """Return a block: a table with a bar in each row, from a share of 0 to 1; None where it is withheld."""
    return {
        "kind": "bars",
        "head": head,
        "chart": chart,
        "rows": [{"label": label, "share": share, "cells": cells} for label, share, cells in rows],
    }


def tenths(head: list[str], chart: str, rows: list[tuple[str, int | None, list[str]]]) -> dict[str, Any]:
    """Return a block: a table with ten cells in each row, so many of them full; None where it is withheld."""
    return {
        "kind": "tenths",
        "head": head,
        "chart": chart,
        "rows": [{"label": label, "step": step, "cells": cells} for label, step, cells in rows],
    }


def document(
    *, language: str, house: str, title: str, lead: str, foot: str, sections: list[Section], has_cover: bool = False
) -> bytes:
    """Return a PDF of sections; `house` stands on top, `foot` at the bottom of every page.

    With a cover, the title has a page of its own.
    """
    return draw(
        DOCUMENT,
        {
            "cover": has_cover,
            "language": language,
            "house": house,
            "title": title,
            "lead": lead,
            "foot": foot,
            "sections": [asdict(section) for section in sections],
        },
    )


def draw(template: Path, words: dict[str, Any]) -> bytes:
    """Return the PDF that a template makes of words; it finds them as JSON in `sys.inputs.words`.

    Words are plain texts, never read as Typst. Letters that our fonts lack are taken from the machine's fonts; when no
    font has them the PDF is readable but for them, tagged, and does not claim to be PDF/UA.
    """
    from elearn.core import typesetting  # typst takes 7 MB of memory: only who draws a page holds it

    return typesetting.typeset(template, json.dumps(words))
