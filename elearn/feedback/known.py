"""Loading what decides about forms: which are open, and what is known of people and of their municipalities."""

from collections.abc import Collection
from datetime import UTC, datetime, time

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.core.privacy import LEAST_COUNTED
from elearn.feedback.due import ROLES, Customers, Held, Key, Known, Work
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackAsk, FeedbackForm, FeedbackReceipt, FeedbackRound
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.licensing.queries import by_country, runs_today
from elearn.organisations.models import Membership, Municipality


def content_of(form: FeedbackForm) -> FormFile:
    """Return what a form asks today."""
    assert form.current_version is not None, "a published form has a version"
    return FormFile.model_validate(form.current_version.content)


def open_forms(session: Session, course_id: int | None = None) -> list[tuple[FeedbackForm, FeedbackRound]]:
    """Return the forms that may be answered, each with its round, in the order they were made."""
    found = (
        select(FeedbackForm, FeedbackRound)
        .join(FeedbackRound, FeedbackRound.course_id == FeedbackForm.course_id)
        .where(FeedbackRound.closing_asked_at.is_(None), FeedbackRound.closed_at.is_(None))
        .where(FeedbackForm.retired_at.is_(None))
        .where(FeedbackForm.current_version_id.is_not(None))
        .options(joinedload(FeedbackForm.course))
        .order_by(FeedbackForm.id)
    )
    if course_id is not None:
        found = found.where(FeedbackForm.course_id == course_id)
    return [(row[0], row[1]) for row in session.execute(found)]


def known_of(session: Session, person_ids: Collection[int]) -> dict[int, Known]:
    """Return what decides about forms, by person, in five queries whatever their number."""
    known = {person_id: Known(person_id) for person_id in person_ids}
    for row in session.execute(
        select(Seat, Licence, runs_today())
        .join(Licence, Licence.id == Seat.licence_id)
        .join(Municipality, Municipality.id == Licence.municipality_id)
        .where(Seat.person_id.in_(person_ids), Seat.claimed_at.is_not(None))
        .order_by(Seat.id)
    ):
        seat, licence, is_live = row
        assert seat.person_id is not None
        assert seat.claimed_at is not None
        begins = datetime.combine(licence.starts_on, time(), UTC)
        known[seat.person_id].held.append(
            Held(
                licence.course_id,
                licence.municipality_id,
                seat.sector,
                seat.claimed_at,
                seat.first_used_at,
                begins,
                bool(is_live),
            )
        )
    for member in session.scalars(
        select(Membership)
        .where(Membership.person_id.in_(person_ids), Membership.ended_at.is_(None))
        .where(Membership.municipality_id.is_not(None))
        .order_by(Membership.id)
    ):
        assert member.municipality_id is not None
        known[member.person_id].work.append(Work(member.role, member.municipality_id, member.sector, member.created_at))
    for completion in session.scalars(select(Completion).where(Completion.person_id.in_(person_ids))):
        known[completion.person_id].completed[completion.course_id] = completion.completed_at
    for receipt in session.scalars(
        select(FeedbackReceipt).where(FeedbackReceipt.person_id.in_(person_ids), FeedbackReceipt.about == "")
    ):
        known[receipt.person_id].answered.add((receipt.round_id, receipt.form_id))
    for ask in session.scalars(select(FeedbackAsk).where(FeedbackAsk.person_id.in_(person_ids))):
        known[ask.person_id].asks[ask.round_id, ask.form_id] = ask
    return known


def customers_of(session: Session, work: Collection[Work]) -> Customers:
    """Return what is known of the municipalities that people lead or buy for."""
    ids = {each.municipality_id for each in work if each.role in ROLES.values()}
    if not ids:
        return Customers({}, {})
    begun: dict[Key, datetime] = {}
    runs = by_country(lambda today: and_(Licence.starts_on <= today, Licence.ends_on >= today))
    for licence in session.scalars(
        select(Licence).join(Licence.municipality).where(Licence.municipality_id.in_(ids), runs)
    ):
        key = (licence.municipality_id, licence.course_id)
        begins = datetime.combine(licence.starts_on, time(), UTC)
        begun[key] = min(begins, begun.get(key, begins))
    return Customers(begun, _fifths(session, begun))


def _fifths(session: Session, keys: Collection[Key]) -> dict[Key, datetime]:
    """Return when the fifth of a municipality's people completed a course, under any of its licences."""
    licences: dict[Key, list[int]] = {}
    municipalities = {municipality_id for municipality_id, _course_id in keys}
    for licence in session.scalars(select(Licence).where(Licence.municipality_id.in_(municipalities))):
        licences.setdefault((licence.municipality_id, licence.course_id), []).append(licence.id)
    found = {key: session.scalar(_fifth(key[1], licences[key])) for key in keys}
    return {key: at for key, at in found.items() if at is not None}


def _fifth(course_id: int, licence_ids: list[int]) -> Select[datetime]:
    """Ask for the fifth alone: to number all of a large municipality's takes a tenth of a second, on every page.

    They are noted as they happen, so their numbers are in the order of their days, and an index has them in that order.
    """
    has_seat = exists().where(
        Seat.person_id == Completion.person_id, Seat.licence_id.in_(licence_ids), Seat.claimed_at.is_not(None)
    )
    through = select(Completion.completed_at).where(Completion.course_id == course_id, has_seat)
    return through.order_by(Completion.id).offset(LEAST_COUNTED - 1).limit(1)


def people_asked(session: Session, *, after: int, limit: int) -> list[int]:
    """Return the next ids, above `after`, of people whom a form may ask; for the job that reminds."""
    seated = select(Seat.person_id).where(Seat.person_id.is_not(None), Seat.claimed_at.is_not(None))
    working = select(Membership.person_id).where(Membership.ended_at.is_(None), Membership.role.in_(ROLES.values()))
    found = select(Person.id).where(Person.id > after, Person.id.in_(seated.union(working)))
    return list(session.scalars(found.order_by(Person.id).limit(limit)))
