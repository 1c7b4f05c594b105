"""What operators' pages share: reading a list's page and search, and saying days."""

from datetime import datetime

from flask import request

from elearn.core import clock
from elearn.core.i18n import LANGUAGES, format_day

LONGEST_SEARCH = 100


def page_number() -> int:
    """Return the page of a list that is asked for, counted from 1."""
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def searched_text() -> str:
    """Return what is searched for."""
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


def local_day(instant: datetime, country: str) -> str:
    """Return the local day of an instant, with its year only when that is not this year."""
    day = clock.day_of(instant, country)
    return format_day(day, short=day.year == clock.today(country).year)


def language_name(code: str) -> str:
    """Return a language's own name."""
    return LANGUAGES[code]
