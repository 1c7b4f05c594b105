"""The rows of watched seconds: whatever is reported is joined into a person's row of a film in one statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from elearn.core.db import union_bits
from elearn.learning.models import VideoProgress
from elearn.media.tickets import Ticket


def locked_seen(session: Session, ticket: Ticket) -> int:
    """Return the seconds a ticket's person has seen of its film; on PostgreSQL the row stays locked."""
    seen = session.scalar(
        select(VideoProgress.seen)
        .where(VideoProgress.person_id == ticket.person_id, VideoProgress.video_id == ticket.video_id)
        .with_for_update()
    )
    return seen or 0


def join(
    session: Session, ticket: Ticket, reported: int, position_s: float, sequence: int, now: datetime
) -> tuple[int, int]:
    """Union the seconds into the person's row in one statement; return all that is seen, and the position.

    The position is that of the latest report of the player opened last.
    """
    values = {
        "person_id": ticket.person_id,
        "video_id": ticket.video_id,
        "seen": (reported, ticket.length_s),
        "position_ms": round(position_s * 1000),
        "opened_ms": ticket.opened_ms,
        "sequence": sequence,
        "updated_at": now,
    }
    row = session.execute(_JOIN[session.get_bind().dialect.name], values).one()
    return row.seen, row.position_ms


def _join_statement(insert_in_dialect: Any) -> Any:
    table = VideoProgress.__table__
    insert = insert_in_dialect(table).values({column.name: bindparam(column.name) for column in table.columns})
    new, old = insert.excluded, table.c
    is_later = tuple_(new.opened_ms, new.sequence) > tuple_(old.opened_ms, old.sequence)
    return insert.on_conflict_do_update(
        index_elements=["person_id", "video_id"],
        set_={
            "seen": union_bits(old.seen, new.seen),
            "position_ms": case((is_later, new.position_ms), else_=old.position_ms),
            "opened_ms": case((is_later, new.opened_ms), else_=old.opened_ms),
            "sequence": case((is_later, new.sequence), else_=old.sequence),
            "updated_at": new.updated_at,
        },
    ).returning(old.seen, old.position_ms)


_JOIN = {"sqlite": _join_statement(sqlite.insert), "postgresql": _join_statement(postgresql.insert)}
"""Built once, by dialect: building it anew cost ten times more than running it (bench/progress.py)."""
