"""The audit trail: every important change is a row, written in the change's own transaction, never altered.

A kind of event declares its keys once; recording others is refused, so that no answer, note or token slips in.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Index, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from elearn.core import clock
from elearn.core.db import Base


class AuditEvent(Base):
    """Who did what, when, for which municipality or course house."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "kind", "at"),
        Index(None, "municipality_id", "at"),
        Index(None, "course_house_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[int | None]
    """The person who acted; None for the product itself. No foreign key: the trail outlives the person."""
    municipality_id: Mapped[int | None]
    course_house_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]


KINDS: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """A kind of event, such as 'licensing.seat.claimed', and the keys it carries."""

    name: str
    keys: frozenset[str] = field(default_factory=frozenset)


def kind(name: str, *keys: str) -> Kind:
    """Declare a kind of event and its keys."""
    KINDS[name] = Kind(name, frozenset(keys))
    return KINDS[name]


def record(
    session: Session,
    what: Kind,
    *,
    actor_id: int | None,
    municipality_id: int | None = None,
    course_house_id: int | None = None,
    **data: Any,
) -> None:
    """Add an event to the trail. Raises ValueError when its keys are not the declared ones."""
    record_many(
        session, what, [data], actor_id=actor_id, municipality_id=municipality_id, course_house_id=course_house_id
    )


def record_many(
    session: Session,
    what: Kind,
    events: list[dict[str, Any]],
    *,
    actor_id: int | None,
    municipality_id: int | None = None,
    course_house_id: int | None = None,
) -> None:
    """Add many events of one kind. Raises ValueError when the keys of one are not the declared ones."""
    for data in events:
        if set(data) != what.keys:
            raise ValueError(f"{what.name} carries {sorted(what.keys)}, not {sorted(data)}")
    now = clock.now()
    common = {
        "at": now,
        "kind": what.name,
        "actor_id": actor_id,
        "municipality_id": municipality_id,
        "course_house_id": course_house_id,
    }
    if len(events) == 1:
        session.add(AuditEvent(**common, data=events[0]))
    elif events:
        session.flush()  # what was recorded before stands before
        session.execute(insert(AuditEvent), [{**common, "data": data} for data in events])
