"""Drawing PDFs with typst: PDF/UA-1, tagged, the same bytes for the same words."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent.parent / "static" / "build" / "fonts-ttf"
DOCUMENT = Path(__file__).with_name("document.typ")
STANDARD = "ua-1"


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
    told = json.dumps(words)
    for fonts in (_own_fonts, _all_fonts):
        try:
            return _compile(template, told, fonts(), [STANDARD])
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
    return _compile(template, told, _all_fonts(), [])


def _compile(template: Path, told: str, fonts: typst.Fonts, standards: list[Any]) -> bytes:
    compiler = typst.Compiler(template, font_paths=fonts)
    drawn = compiler.compile(format="pdf", sys_inputs={"words": told}, pdf_standards=standards, timestamp=0)
    assert isinstance(drawn, bytes)
    return drawn


@cache
def _own_fonts() -> typst.Fonts:
    """Inter as the front-end build made it, and typst's own; the machine's are left out so that bytes stay the same."""
    return typst.Fonts(include_system_fonts=False, font_paths=_built_fonts())


@cache
def _all_fonts() -> typst.Fonts:
    """The machine's fonts too, for letters that ours do not have."""
    return typst.Fonts(include_system_fonts=True, font_paths=_built_fonts())


def _built_fonts() -> list[Path]:
    return [FONTS] if FONTS.is_dir() else []
