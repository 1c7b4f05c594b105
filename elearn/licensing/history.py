"""What a seat's history says about the seat: pure functions of its events.

The row of a seat is what its history makes of it. Undoing reads the history, and a test holds the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from elearn.licensing.models import SeatChange, SeatEvent

ENDINGS = frozenset({SeatChange.DECLINED, SeatChange.LAPSED, SeatChange.RELEASED})


@dataclass(frozen=True)
class Holding:
    """One person's time on a seat."""

    person_id: int
    invited_at: datetime | None = None
    claimed_at: datetime | None = None
    first_used_at: datetime | None = None


@dataclass(frozen=True)
class Replayed:
    """What a history leads to."""

    now: Holding | None
    """Who holds the seat; None when it is free."""
    before: Holding | None
    """When the seat is free: who held it last."""


def replay(events: Iterable[SeatEvent]) -> Replayed:
    """Return what a seat's events, oldest first, make of it."""
    now: Holding | None = None
    before: Holding | None = None
    for event in events:
        if event.what == SeatChange.LEFT:
            now = before = None  # nobody is there to give it back to
        elif event.what in ENDINGS:
            now, before = None, now
        elif event.what == SeatChange.RESTORED:
            now, before = before, None
        else:
            held = now or Holding(event.person_id)
            before = None
            now = _changed(held, event)
    return Replayed(now, before)


def undoable(events: Sequence[SeatEvent], *, since: datetime) -> Holding | None:
    """Return the holding that undoing a seat's last release would bring back: one that was claimed, released `since`.

    An invitation is not brought back, since its letter is dead.
    """
    holding = replay(events).before
    if holding is None or holding.claimed_at is None or events[-1].at < since:
        return None
    return holding


def _changed(held: Holding, event: SeatEvent) -> Holding:
    match event.what:
        case SeatChange.INVITED:
            return replace(held, invited_at=event.at)
        case SeatChange.CLAIMED:
            return replace(held, claimed_at=event.at)
        case SeatChange.USED:
            return replace(held, first_used_at=event.at)
    raise ValueError(f"a seat's history knows no '{event.what}'")
