"""The line of history and of audit that every change of a seat leaves."""

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.licensing.models import Licence, SeatChange, SeatEvent

AUDITED = {what: audit.kind(f"licensing.seat.{what}", "licence_id", "seat_id", "person_id") for what in SeatChange}


def note(
    session: Session,
    seat_id: int,
    licence: Licence,
    what: SeatChange,
    *,
    person_id: int,
    by_id: int | None,
    kept: dict[str, Any] | None = None,
) -> None:
    """Write the history and the trail of one seat."""
    session.add(SeatEvent(seat_id=seat_id, person_id=person_id, what=what, by_id=by_id, at=clock.now(), **(kept or {})))
    audit.record(
        session,
        AUDITED[what],
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        licence_id=licence.id,
        seat_id=seat_id,
        person_id=person_id,
    )


def note_many(
    session: Session, licence: Licence, what: SeatChange, given: dict[int, int], *, by_id: int | None
) -> None:
    """Write the history and the trail of many seats of a licence, by person."""
    if not given:
        return  # an INSERT of no rows would be one of a row of defaults
    at = clock.now()
    session.execute(
        insert(SeatEvent),
        [
            {"seat_id": seat_id, "person_id": person_id, "what": what, "by_id": by_id, "at": at}
            for person_id, seat_id in given.items()
        ],
    )
    audit.record_many(
        session,
        AUDITED[what],
        [
            {"licence_id": licence.id, "seat_id": seat_id, "person_id": person_id}
            for person_id, seat_id in given.items()
        ],
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
    )
