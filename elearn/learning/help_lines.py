"""Help lines by country, read from an editable file that says who confirmed each number, and when.

The file is `data/help_lines.yaml`. A number that nobody has confirmed for 90 days is named by `unconfirmed`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from elearn.core.content_files import read_file

FILE = Path(__file__).parent / "data" / "help_lines.yaml"
CONFIRMED_FOR = timedelta(days=90)

Number = Annotated[str, Field(pattern=r"^\+?[0-9]+( [0-9]+)*$", description="the number as people read it: 116 111")]


@dataclass(frozen=True)
class HelpLine:
    """One way to help, as a page shows it."""

    label: str
    """A number, or who it is."""
    href: str
    text: str
    """Whom it is for."""


@dataclass(frozen=True)
class HelpLines:
    """What stands at the foot of every learner's page."""

    emergency: str
    """The number to call when somebody is in danger now."""
    lines: list[HelpLine]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Confirmed(_Part):
    number: Number
    source: str = Field(pattern=r"^https://", description="the page that the number was read on")
    confirmed_on: date = Field(description="the day as 2026-11-22")
    confirmed_by: str = Field(min_length=2, description="the name of whoever called or looked it up")


class _Line(_Confirmed):
    name: str = Field(min_length=2)
    text: dict[Literal["da", "nb", "nn", "en"], str]


class _Country(_Part):
    emergency: _Confirmed
    lines: list[_Line] = Field(min_length=1)


class _File(_Part):
    DK: _Country
    NO: _Country


def of_country(country: str, language: str) -> HelpLines:
    """Return a country's ('DK', 'NO') emergency number and help lines, with texts in a language."""
    found = _country(country)
    lines = [HelpLine(line.number, phone_link(line.number), line.text[language]) for line in found.lines]  # type: ignore[index]  # one of our four
    return HelpLines(found.emergency.number, lines)


def unconfirmed(on: date) -> list[str]:
    """Return the numbers that nobody has confirmed within 90 days of a day, as 'DK 116 111'."""
    return [
        f"{code} {entry.number}"
        for code in ("DK", "NO")
        for entry in (_country(code).emergency, *_country(code).lines)
        if on - entry.confirmed_on > CONFIRMED_FOR
    ]


def phone_link(number: str) -> str:
    """Return the address that calls a number."""
    return f"tel:{number.replace(' ', '')}"


def _country(code: str) -> _Country:
    found: _Country = getattr(_read(), code)
    return found


@cache
def _read() -> _File:
    return read_file(FILE, _File).value
