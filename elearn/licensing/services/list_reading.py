"""Reading a list of people: its file as it waits, what was found in it, and forgetting both in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.licensing.lists.cells import UnreadableList
from elearn.licensing.lists.people import Found
from elearn.licensing.lists.words import Field
from elearn.licensing.models import SeatList, SeatListState

KEPT = timedelta(days=30)
FILE_KEPT = timedelta(days=1)
"""So long the columns of a list that was not confirmed can be read another way."""


@dataclass(frozen=True)
class WaitingFile:
    """A file that is to be read."""

    content: bytes
    places: dict[Field, int] | None
    """Which column tells what, where somebody has said so."""


def waiting_file(session: Session, *, list_id: int) -> WaitingFile | None:
    """Return the file of a list that is to be read, or None when it has been."""
    row = session.execute(
        select(SeatList.content, SeatList.columns).where(
            SeatList.id == list_id, SeatList.state == SeatListState.READING, SeatList.content.is_not(None)
        )
    ).first()
    if row is None:
        return None
    said = row.columns.get("said")
    return WaitingFile(row.content, {Field(field): place for field, place in said.items()} if said else None)


def tell_progress(session: Session, *, list_id: int, done: int, total: int) -> None:
    """Note how far reading a list is."""
    session.execute(update(SeatList).where(SeatList.id == list_id).values(done=done, total=max(done, total)))


def keep_people(session: Session, *, list_id: int, found: Found) -> None:
    """Keep what was read of a list; the file stays for a while: its columns may be meant otherwise."""
    columns = {
        "fields": [[field, heading] for field, heading in found.columns.headings.items()],
        "unused": found.columns.unused,
        "has_names": found.has_names,
        "places": {str(field): place for field, place in found.columns.places.items()},
        "seen": [[column.place, column.heading, column.sample] for column in found.seen],
    }
    _finish_reading(session, list_id, state=SeatListState.READY, rows=found.entries, columns=columns)


def refuse_list(session: Session, *, list_id: int, error: UnreadableList) -> None:
    """Note why a list cannot be read; the file itself is forgotten."""
    problem = {"what": str(error.what), "row": error.row}
    _finish_reading(session, list_id, state=SeatListState.REFUSED, problem=problem, content=None)


def forget_old_lists(session: Session) -> None:
    """Delete lists 30 days after they were handed in, whatever became of them."""
    session.execute(delete(SeatList).where(SeatList.created_at < clock.now() - KEPT))


def forget_files(session: Session, *, handed_in_before: datetime | None = None) -> None:
    """Delete the files of lists that have been read; or of all that were handed in before an instant."""
    kept = select(SeatList).where(SeatList.content.is_not(None)).with_for_update(of=SeatList)
    if handed_in_before is None:
        kept = kept.where(SeatList.state != SeatListState.READING)
    else:
        kept = kept.where(SeatList.created_at < handed_in_before)
    for found in session.scalars(kept):
        forget_file(found)
    session.flush()


def forget_file(found: SeatList) -> None:
    """Forget the file, and what was kept of columns that are not read."""
    found.content = None
    found.columns = {name: value for name, value in found.columns.items() if name not in ("seen", "said")}


def _finish_reading(session: Session, list_id: int, **values: object) -> None:
    """Only the first of two readings counts: a list read already may have been corrected."""
    found = session.scalar(
        select(SeatList)
        .where(SeatList.id == list_id, SeatList.state == SeatListState.READING)
        .with_for_update(of=SeatList)
    )
    if found is None:
        return
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()
