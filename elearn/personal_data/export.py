"""Everything that is held about one person, gathered from all tables, for themselves to read and keep.

`holdings` says what becomes of each column, `parts` which rows are theirs; tests hold both against the schema.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress
from elearn.catalogue.models import Course, CourseVersion, Lesson, Module
from elearn.core import audit, clock, i18n
from elearn.core.db import Base
from elearn.core.scope import PersonScope
from elearn.feedback.answer_words import answered
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, FeedbackFormVersion, FeedbackRound, NamedResponse
from elearn.learning import ranges
from elearn.learning.models import Completion
from elearn.licensing.models import JoinLink, Licence, Seat
from elearn.media.models import Video
from elearn.organisations.models import CourseHouse, Department, Municipality
from elearn.personal_data.holdings import BY_TABLE
from elearn.personal_data.mentions import rows_in_lists
from elearn.personal_data.parts import PARTS, Part
from elearn.training.models import TrainingDue, TrainingRule

EXPORTED = audit.kind("personal_data.exported", "person_id")
LISTS = "lists"
KINDS = [*(part.name for part in PARTS), LISTS]
"""The names under which rows stand in an export."""
IN_WORDS = "answers_in_words"
"""Beside answers that were sent: question and answer as the form says them."""


def hand_over(session: Session, scope: PersonScope) -> dict[str, Any]:
    """Export a person's data to themselves. The audit trail says so, and the export tells of itself."""
    audit.record(session, EXPORTED, actor_id=scope.person_id, person_id=scope.person_id)
    session.flush()
    return export(session, scope)


def export(session: Session, scope: PersonScope) -> dict[str, Any]:
    """Return all that is held about the person, as JSON can write it: one list for each table.

    Times are UTC; what was seen of a film is told in stretches of seconds, from and up to; answers by name also in the
    form's words, in the language that is spoken.
    """
    names = _Names(session)
    data: dict[str, Any] = {"written_at": clock.now().isoformat()}
    for part in PARTS:
        data[part.name] = [_told(row, names) for row in session.scalars(_rows(part, scope))]
    data[LISTS] = [_told(each, names) | {"rows": rows} for each, rows in rows_in_lists(session, scope)]
    return data


def counts(session: Session, scope: PersonScope) -> dict[str, int]:
    """Return how many rows of each kind are held about the person."""
    counted = {
        part.name: session.scalars(select(func.count()).select_from(_rows(part, scope).order_by(None).subquery())).one()
        for part in PARTS
    }
    return counted | {LISTS: len(rows_in_lists(session, scope))}


def _rows(part: Part, scope: PersonScope) -> Any:
    table = part.model.__table__
    assert isinstance(table, Table)
    return select(part.model).where(part.is_theirs(scope.person_id)).order_by(*table.primary_key)


def _told(row: Base, names: "_Names") -> dict[str, Any]:
    holding = BY_TABLE[row.__tablename__]
    told = {column: _plain(getattr(row, column), column) for column in holding.told.split()}
    for column in holding.named.split():
        number = getattr(row, column)
        told[column.removesuffix("_id")] = None if number is None else names.of(column, number)
    if isinstance(row, NamedResponse) and row.submitted_at:
        told[IN_WORDS] = names.answers(row)
    return told


def _plain(value: Any, column: str) -> Any:
    if column == "seen":
        return [[first, after] for first, after in ranges.stretches(value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


class _Names:
    """Says what the numbers in other rows stand for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, column: str, number: int) -> Any:
        """Return the name of what a column points at."""
        if column in _BY_WAY_OF:
            model, attribute = _BY_WAY_OF[column]
            return self.of(attribute, getattr(self._session.get_one(model, number), attribute))
        if column == "licence_id":
            return self._licence(self._session.get_one(Licence, number))
        if column == "rule_id":
            rule = self._session.get_one(TrainingRule, number)
            return {"kind": rule.kind, "course": rule.course.slug, "municipality": rule.municipality.official_name}
        if column == "round_id":
            round_ = self._session.get_one(FeedbackRound, number)
            return {"course": round_.course.slug, "number": round_.number}
        if column == "department_id":
            department = self._session.get(Department, number)  # a seat's history outlives its department
            return department.name if department else None
        model, attribute = _NAMED[column]
        return getattr(self._session.get_one(model, number), attribute)

    def answers(self, response: NamedResponse) -> list[dict[str, Any]]:
        """Return each question that was answered, and its answer in lines."""
        version = self._session.get_one(FeedbackFormVersion, response.form_version_id)
        said = answered(FormFile.model_validate(version.content), response.answers, i18n.language())
        return [{"question": question, "answer": lines} for question, lines in said]

    @staticmethod
    def _licence(licence: Licence) -> dict[str, str]:
        return {
            "course": licence.course.slug,
            "municipality": licence.municipality.official_name,
            "starts_on": licence.starts_on.isoformat(),
            "ends_on": licence.ends_on.isoformat(),
        }


_NAMED: dict[str, tuple[type[Base], str]] = {
    "municipality_id": (Municipality, "official_name"),
    "course_house_id": (CourseHouse, "name"),
    "course_id": (Course, "slug"),
    "course_version_id": (CourseVersion, "number"),
    "module_id": (Module, "key"),
    "lesson_id": (Lesson, "key"),
    "video_id": (Video, "key"),
    "email_address_id": (EmailAddress, "address"),
    "form_id": (FeedbackForm, "key"),
    "form_version_id": (FeedbackFormVersion, "number"),
}
_BY_WAY_OF: dict[str, tuple[type[Base], str]] = {
    "seat_id": (Seat, "licence_id"),
    "join_link_id": (JoinLink, "licence_id"),
    "completion_id": (Completion, "course_id"),
    "due_id": (TrainingDue, "rule_id"),
}
