"""Who else handles people's data for the course house, and where it lies: one file fills page and agreement."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from elearn.core.content_files import read_file

EU_AND_EEA = "AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|IS|LI|NO"
Texts = dict[Literal["da", "nb", "nn", "en"], Annotated[str, Field(min_length=2)]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubProcessor(_Part):
    """One supplier."""

    name: Texts
    country: str = Field(
        pattern=f"^({EU_AND_EEA})$", description="a country of the EU or the EEA, in two capital letters: DK"
    )
    what: Texts
    data: Texts


class SubProcessors(_Part):
    """The whole file."""

    checked_on: date = Field(description="the day as 2026-11-25")
    sub_processors: list[SubProcessor]


def read(file: Path) -> SubProcessors:
    """Return what the file says. Raises `FileProblems` naming line and cure, also for a country outside the EEA."""
    return read_file(file, SubProcessors).value
