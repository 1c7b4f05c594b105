"""The arithmetic of due days: pure, so that every month end and leap day can be tried."""

from calendar import monthrange
from datetime import date, timedelta

LOOKED_AT_WITHIN = timedelta(days=7)
"""Rules look at people every hour; who is found within a week has the days from the day that counts."""


def add_months(day: date, months: int) -> date:
    """Return the same day of the month that many months later; where the month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_day(counts_from: date, met_on: date, within_days: int) -> date:
    """Return the last day to be done on: so many days after the day that counts, be it joining or falling due.

    A person whom the rule meets more than a week later has all the days from that meeting instead: nobody is late
    on the first day.
    """
    first = met_on if met_on - counts_from > LOOKED_AT_WITHIN else counts_from
    return first + timedelta(days=within_days)


def latest_start(today: date, months: int) -> date:
    """Return the last day that lies that many months back: `add_months` of it has come, of the day after not."""
    day = add_months(today, -months)
    while add_months(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return day
