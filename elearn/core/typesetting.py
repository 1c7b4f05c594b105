"""Setting PDFs, by typst."""

from functools import cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).parent.parent / "static" / "build" / "fonts-ttf"
STANDARD = "ua-1"


def typeset(template: Path, told: str) -> bytes:
    """Return the PDF that a template makes of what it is told, with our fonts or, where they lack a letter, any."""
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
