"""That municipalities have left, kept outside the database, so that a restored backup does not bring them back.

Only numbers and course houses' names are in the file.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.organisations.models import CourseHouse, Municipality
from elearn.personal_data.departures import carry_out
from elearn.personal_data.models import Departure

FILE = "departures.txt"
Entry = tuple[int, str, datetime]
"""A municipality's number in the database, the course house it left, and when that was carried out."""


def ledger(session: Session) -> set[Entry]:
    """Return the departures that the database knows to be done."""
    done = session.execute(
        select(Departure.municipality_id, CourseHouse.slug, Departure.done_at)
        .join(Departure.course_house)
        .where(Departure.done_at.is_not(None))
    )
    return {(row.municipality_id, row.slug, row.done_at) for row in done}


def ledger_in(folder: Path) -> set[Entry]:
    """Return the departures that a folder's file knows; none when there is none."""
    file = folder / FILE
    lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    return {(int(number), slug, datetime.fromisoformat(at)) for number, slug, at in (line.split() for line in lines)}


def keep_ledger(folder: Path, entries: set[Entry]) -> None:
    """Write the departures into a folder; what the file held already stays in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    together = sorted(entries | ledger_in(folder), key=lambda entry: (entry[2], entry[0]))
    part = folder / f"{FILE}.part"
    part.touch(mode=0o600)
    part.write_text("".join(f"{number} {slug} {at.isoformat()}\n" for number, slug, at in together), encoding="ascii")
    part.replace(folder / FILE)


def carry_out_again(session: Session, entries: set[Entry], *, since: datetime) -> int:
    """Carry out the departures that were done since a backup was made, and that it does not know; return how many.

    Earlier ones are in the backup, with all that came after them: the municipality may have come back.
    """
    again = 0
    for number, slug, at in sorted(entries - ledger(session), key=lambda entry: entry[2]):
        municipality = session.get(Municipality, number)
        house = session.scalar(select(CourseHouse).where(CourseHouse.slug == slug))
        if at < since or municipality is None or house is None:
            continue
        departure = Departure(
            municipality=municipality,
            course_house=house,
            asked_at=clock.now(),
            delete_on=clock.day_of(at, municipality.country),
            reason="",
            receipt={},
        )
        session.add(departure)
        session.flush()
        carry_out(session, departure)
        again += 1
    return again
