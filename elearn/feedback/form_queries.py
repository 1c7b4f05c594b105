"""A course house's forms: as they stand, in their versions, and while they are written."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.feedback.form_files import FormFile, Moment
from elearn.feedback.models import FeedbackForm, FeedbackFormDraft, FeedbackFormVersion, NamedResponse
from elearn.organisations.models import Municipality


@dataclass(frozen=True)
class VersionRow:
    """A version of a form, and who published it."""

    version: FeedbackFormVersion
    by: str | None
    """None for a command, and for somebody who is gone."""


@dataclass(frozen=True)
class NamedAnswers:
    """What somebody answered under their name."""

    response: NamedResponse
    version: FeedbackFormVersion
    """What they saw."""
    person: str
    municipality: str | None


def forms(session: Session, scope: HouseScope, course_id: int) -> list[FeedbackForm]:
    """Return the forms of a course of the house, by moment; retired ones last."""
    rows = session.scalars(
        select(FeedbackForm)
        .join(Course)
        .where(Course.course_house_id == scope.course_house_id, FeedbackForm.course_id == course_id)
        .options(joinedload(FeedbackForm.current_version))
    )
    order = list(Moment)
    return sorted(rows, key=lambda row: (row.retired_at is not None, order.index(Moment(row.moment)), row.key))


def form(session: Session, scope: HouseScope, form_id: int) -> FeedbackForm:
    """Return a form of the house. Raises `NotFound`."""
    found = session.scalar(
        select(FeedbackForm)
        .join(Course)
        .where(Course.course_house_id == scope.course_house_id, FeedbackForm.id == form_id)
        .options(joinedload(FeedbackForm.current_version), joinedload(FeedbackForm.course))
    )
    if found is None:
        raise NotFound("no such form")
    return found


def form_versions(session: Session, scope: HouseScope, form_id: int) -> list[VersionRow]:
    """Return the versions of a form of the house, newest first."""
    rows = session.execute(
        select(FeedbackFormVersion, Person.name)
        .join(FeedbackForm, FeedbackFormVersion.form_id == FeedbackForm.id)
        .join(Course, FeedbackForm.course_id == Course.id)
        .outerjoin(Person, FeedbackFormVersion.published_by_id == Person.id)
        .where(Course.course_house_id == scope.course_house_id, FeedbackForm.id == form_id)
        .order_by(FeedbackFormVersion.number.desc())
    )
    return [VersionRow(version, name) for version, name in rows]


def named_answers(
    session: Session, scope: HouseScope, form_id: int, *, first: int, most: int
) -> tuple[list[NamedAnswers], int]:
    """Return some of the answers that were sent under a name to a form of the house, the latest first, and how many."""
    sent = (
        select(NamedResponse)
        .join(FeedbackForm, NamedResponse.form_id == FeedbackForm.id)
        .join(Course, FeedbackForm.course_id == Course.id)
        .where(Course.course_house_id == scope.course_house_id, NamedResponse.form_id == form_id)
        .where(FeedbackForm.is_anonymous.is_(False), NamedResponse.submitted_at.is_not(None))
    )
    total = session.scalar(select(func.count()).select_from(sent.subquery())) or 0
    rows = session.execute(
        sent.join(FeedbackFormVersion, NamedResponse.form_version_id == FeedbackFormVersion.id)
        .join(Person, NamedResponse.person_id == Person.id)
        .outerjoin(Municipality, NamedResponse.municipality_id == Municipality.id)
        .add_columns(FeedbackFormVersion, Person.name, Municipality.official_name)
        .order_by(NamedResponse.submitted_at.desc(), NamedResponse.id)
        .offset(first)
        .limit(most)
    )
    return [NamedAnswers(*row) for row in rows], total


def named_response(session: Session, scope: HouseScope, form_id: int, response_id: int) -> NamedResponse:
    """Return what somebody sent under their name to a form of the house. Raises `NotFound`."""
    found = session.scalar(
        select(NamedResponse)
        .join(FeedbackForm, NamedResponse.form_id == FeedbackForm.id)
        .join(Course, FeedbackForm.course_id == Course.id)
        .where(Course.course_house_id == scope.course_house_id, NamedResponse.form_id == form_id)
        .where(NamedResponse.id == response_id, NamedResponse.submitted_at.is_not(None))
    )
    if found is None:
        raise NotFound("no such answers")
    return found


def drafts(session: Session, scope: HouseScope, course_id: int) -> dict[str, FeedbackFormDraft]:
    """Return the drafts of a course of the house, by the form's id."""
    rows = session.scalars(
        select(FeedbackFormDraft)
        .join(Course)
        .where(Course.course_house_id == scope.course_house_id, FeedbackFormDraft.course_id == course_id)
        .order_by(FeedbackFormDraft.key)
    )
    return {draft.key: draft for draft in rows}


def draft(session: Session, scope: HouseScope, draft_id: int, *, to_change: bool = False) -> FeedbackFormDraft:
    """Return a draft of the house; locked when it is read to be changed. Raises `NotFound`."""
    asked = (
        select(FeedbackFormDraft)
        .join(Course)
        .where(Course.course_house_id == scope.course_house_id, FeedbackFormDraft.id == draft_id)
    )
    found = session.scalar(asked.with_for_update(of=FeedbackFormDraft) if to_change else asked)
    if found is None:
        raise NotFound("no such draft")
    return found


def published_form(session: Session, scope: HouseScope, course_id: int, key: str) -> FeedbackForm | None:
    """Return a form of a course of the house by its id, or None."""
    return next((row for row in forms(session, scope, course_id) if row.key == key), None)


def other_forms(session: Session, scope: HouseScope, course_id: int, key: str) -> Sequence[FormFile]:
    """Return what a course's other forms ask now; what is retired asks nobody."""
    return [
        FormFile.model_validate(row.current_version.content)
        for row in forms(session, scope, course_id)
        if row.key != key and row.retired_at is None and row.current_version is not None
    ]
