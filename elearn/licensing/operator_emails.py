"""Letters about licences: to buyers and course houses, and from buyers to learners. None names a course."""

from typing import Any

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.i18n import format_day, speaking
from elearn.licensing.models import Licence, LicenceMessage
from elearn.licensing.seat_lists import SeatCounts
from elearn.mail.services import queue


def ends_soon(session: Session, *, to: Person, licence: Licence, counts: SeatCounts, days: int, path: str) -> None:
    """Say in how many days a licence ends, and what happens then; `path` leads to the licence."""
    with speaking(to.language):
        day = format_day(licence.ends_on)
    figures = {"day": day, "days": days, "claimed": counts.claimed, "seats": counts.all, "seat_days": licence.seat_days}
    _write(session, "licensing/ends_soon", to, licence, {"path": path, **figures})


def fills_up(session: Session, *, to: Person, licence: Licence, counts: SeatCounts, path: str) -> None:
    """Say how many of a licence's seats are in use."""
    figures = {"claimed": counts.claimed, "seats": counts.all, "free": counts.free, "invited": counts.invited}
    said = {"path": path, "has_waiting_line": licence.has_waiting_line, **figures}
    _write(session, "licensing/fills_up", to, licence, said)


def nobody_buys(session: Session, *, to: Person, licence: Licence, path: str) -> None:
    """Tell a course house that nobody manages a municipality's seats any more."""
    _write(session, "licensing/nobody_buys", to, licence, {"path": path})


def message(session: Session, *, to: Person, message: LicenceMessage, by: Person) -> None:
    """Send a learner what the buyer has written; an answer goes to the buyer."""
    said = {"lines": message.text.splitlines(), "by": by.name}
    _write(session, "licensing/message", to, message.licence, said, reply_to=by.address)


def _write(
    session: Session, kind: str, to: Person, licence: Licence, more: dict[str, Any], *, reply_to: str | None = None
) -> None:
    context = {
        "name": to.first_name,
        "municipality": licence.municipality.official_name,
        "house": licence.course.course_house.name,
        **more,
    }
    queue(session, kind, to=to.address, language=to.language, context=context, reply_to=reply_to)
