"""The product's only clock, so that a test can own time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONES = {"DK": ZoneInfo("Europe/Copenhagen"), "NO": ZoneInfo("Europe/Oslo")}


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """Return the current instant, timezone-aware UTC."""
    return _source()


def today(country: str) -> date:
    """Return today's local date in a country ('DK' or 'NO'): licence ends and due dates are local days."""
    return now().astimezone(ZONES[country]).date()


def day_of(instant: datetime, country: str) -> date:
    """Return the local date on which an instant falls in a country."""
    return instant.astimezone(ZONES[country]).date()


def set_source(source: Callable[[], datetime] | None) -> Callable[[], datetime]:
    """Let `source` tell the time, and return what told it before; `None` gives the system's clock back."""
    global _source
    before, _source = _source, source or _system_time
    return before
