"""What a seat's row can hold."""

from dataclasses import dataclass
from datetime import date, timedelta

from elearn.core import clock
from elearn.licensing.models import Licence


@dataclass(frozen=True)
class Placing:
    """Where the holder of a seat works, as whoever gave it said."""

    department_id: int | None = None
    sector: str | None = None


def sort_name(name: str) -> str:
    """Return what lists are sorted by."""
    return name.lower()


def valid_until(licence: Licence, claimed_on: date | None = None) -> date | None:
    """Return the last day of a seat claimed on a day, today by default; None when it lasts as long as its licence.

    Its days begin with the licence when it was claimed before.
    """
    if licence.seat_days is None:
        return None
    first = max(claimed_on or clock.today(licence.municipality.country), licence.starts_on)
    return first + timedelta(days=licence.seat_days - 1)
