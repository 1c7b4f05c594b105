"""Everything that is held about one person, gathered from all tables they own, for themselves to read and keep.

A test holds this list against the schema: a table with a person in it is either here or has a reason not to be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person, SignIn, SignInLink
from elearn.catalogue.models import Course, CourseVersion, Lesson, Module
from elearn.core import audit, clock
from elearn.core.audit import AuditEvent
from elearn.core.db import Base
from elearn.core.scope import PersonScope
from elearn.learning import ranges
from elearn.learning.models import Certificate, Completion, LessonCompletion, Note, PassageSkip, VideoProgress
from elearn.licensing.models import Invitation, Licence, Seat, SeatEvent
from elearn.mail.models import Letter
from elearn.media.models import Video
from elearn.organisations.models import CourseHouse, Department, Membership, Municipality

EXPORTED = audit.kind("learning.my_data.exported", "person_id")

SECRET = {"token_hash", "token_nonce", "token_purpose"}
"""What opens doors is nobody's to carry about, not even on paper."""

OF_OTHERS = {"by_id", "invited_by_id", "actor_id"}
"""Another person's number."""


@dataclass(frozen=True)
class Part:
    """One table's share of what is held about a person."""

    name: str
    model: type[Base]
    is_theirs: Callable[[int], ColumnElement[bool]]


PARTS = [
    Part("person", Person, lambda me: Person.id == me),
    Part("addresses", EmailAddress, lambda me: EmailAddress.person_id == me),
    Part("sign_ins", SignIn, lambda me: SignIn.person_id == me),
    Part("sign_in_links", SignInLink, lambda me: SignInLink.person_id == me),
    Part("memberships", Membership, lambda me: Membership.person_id == me),
    Part("seats", Seat, lambda me: Seat.person_id == me),
    Part("seat_history", SeatEvent, lambda me: SeatEvent.person_id == me),
    Part("invitations", Invitation, lambda me: Invitation.person_id == me),
    Part("films_watched", VideoProgress, lambda me: VideoProgress.person_id == me),
    Part("passages_skipped", PassageSkip, lambda me: PassageSkip.person_id == me),
    Part("lessons_completed", LessonCompletion, lambda me: LessonCompletion.person_id == me),
    Part("courses_completed", Completion, lambda me: Completion.person_id == me),
    Part(
        "certificates",
        Certificate,
        lambda me: Certificate.completion_id.in_(select(Completion.id).where(Completion.person_id == me)),
    ),
    Part("notes", Note, lambda me: Note.person_id == me),
    Part(
        "letters",
        Letter,
        lambda me: Letter.recipient.in_(select(EmailAddress.address).where(EmailAddress.person_id == me)),
    ),
    Part(
        "events",
        AuditEvent,
        lambda me: or_(AuditEvent.actor_id == me, AuditEvent.data["person_id"].as_integer() == me),
    ),
]


def hand_over(session: Session, scope: PersonScope) -> dict[str, Any]:
    """Export a person's data to themselves. The audit trail says so, and the export tells of itself."""
    audit.record(session, EXPORTED, actor_id=scope.person_id, person_id=scope.person_id)
    session.flush()
    return export(session, scope)


def export(session: Session, scope: PersonScope) -> dict[str, Any]:
    """Return all that is held about the person, as JSON can write it: one list for each table.

    Times are UTC; what was seen of a film is told in stretches of seconds, from and up to.
    """
    names = _Names(session)
    data: dict[str, Any] = {"written_at": clock.now().isoformat()}
    for part in PARTS:
        table = part.model.__table__
        assert isinstance(table, Table)
        order = list(table.primary_key)
        rows = session.scalars(select(part.model).where(part.is_theirs(scope.person_id)).order_by(*order))
        data[part.name] = [_told(row, table, names) for row in rows]
    return data


def counts(session: Session, scope: PersonScope) -> dict[str, int]:
    """Return how many rows of each kind are held about the person."""
    return {
        part.name: session.scalars(
            select(func.count()).select_from(part.model).where(part.is_theirs(scope.person_id))
        ).one()
        for part in PARTS
    }


class _Names:
    """Says what the numbers in other rows stand for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, column: str, number: int) -> object | None:
        """Return the name of what a column points at, or None when the number itself is all there is to say."""
        if column == "seat_id":
            return self.of("licence_id", self._session.get_one(Seat, number).licence_id)
        if column == "licence_id":
            licence = self._session.get_one(Licence, number)
            return {
                "course": licence.course.slug,
                "municipality": licence.municipality.official_name,
                "starts_on": licence.starts_on.isoformat(),
                "ends_on": licence.ends_on.isoformat(),
            }
        if column not in _NAMED:
            return None
        model, attribute = _NAMED[column]
        name: object = getattr(self._session.get_one(model, number), attribute)
        return name


_NAMED: dict[str, tuple[type[Base], str]] = {
    "municipality_id": (Municipality, "official_name"),
    "course_house_id": (CourseHouse, "name"),
    "department_id": (Department, "name"),
    "course_id": (Course, "slug"),
    "course_version_id": (CourseVersion, "number"),
    "module_id": (Module, "key"),
    "lesson_id": (Lesson, "key"),
    "video_id": (Video, "key"),
}


def _told(row: Base, table: Table, names: _Names) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column in table.columns:
        if column.name in SECRET | OF_OTHERS | {"person_id"}:
            continue
        value = getattr(row, column.name)
        name = names.of(column.name, value) if value is not None and column.name.endswith("_id") else None
        if name is not None:
            told[column.name.removesuffix("_id")] = name
        else:
            told[column.name] = _plain(value, column.name)
    return told


def _plain(value: Any, column: str) -> Any:
    if column == "seen":
        return [[first, after] for first, after in ranges.stretches(value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
