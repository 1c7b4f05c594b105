"""Who may watch: since when, and until when. Lists for the course house are in `seat_lists`."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.scope import PersonScope
from elearn.core.tokens import hash_of
from elearn.licensing.models import Invitation, Licence, RequestState, Seat, SeatChange, SeatEvent, SeatRequest
from elearn.licensing.seat_rows import Placing
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, MembershipDepartment, Municipality, Role
from elearn.organisations.queries import owned_house

TOO_LATE_TO_REMIND = timedelta(days=2)


def live_seat(session: Session, scope: PersonScope, course_id: int) -> Seat | None:
    """Return a claimed seat of the person's whose licence runs today, the one that lasts longest, or None.

    Its licence and municipality are loaded.
    """
    return session.scalar(
        select(Seat)
        .join(Seat.licence)
        .join(Licence.municipality)
        .where(Seat.person_id == scope.person_id, Seat.claimed_at.is_not(None), Licence.course_id == course_id)
        .where(runs_today())
        .options(contains_eager(Seat.licence).contains_eager(Licence.municipality))
        .order_by(func.coalesce(Seat.valid_until, Licence.ends_on).desc(), Seat.id)
        .limit(1)
    )


def has_held_seat(session: Session, scope: PersonScope, course_id: int) -> bool:
    """Say whether a person ever claimed a seat in a course, as the seats' history tells: also one taken back since."""
    claimed = (
        select(SeatEvent.id)
        .join(Seat, Seat.id == SeatEvent.seat_id)
        .join(Licence, Licence.id == Seat.licence_id)
        .where(SeatEvent.person_id == scope.person_id, SeatEvent.what == SeatChange.CLAIMED)
        .where(Licence.course_id == course_id)
    )
    return session.scalar(claimed.limit(1)) is not None


def seats_of(session: Session, scope: PersonScope) -> list[Seat]:
    """Return every seat a person holds: claimed and invited, of running, ended and future licences.

    Licence, course and municipality are loaded.
    """
    return list(
        session.scalars(
            select(Seat)
            .join(Seat.licence)
            .where(Seat.person_id == scope.person_id)
            .options(joinedload(Seat.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)))
            .order_by(Licence.ends_on.desc(), Seat.id)
        )
    )


def licences_left(session: Session, scope: PersonScope) -> list[Licence]:
    """Return the licences in which a person once claimed a seat, the one claimed last first; held still or not.

    Course and municipality are loaded.
    """
    found = session.scalars(
        select(Licence)
        .join(Seat, Seat.licence_id == Licence.id)
        .join(SeatEvent, SeatEvent.seat_id == Seat.id)
        .where(SeatEvent.person_id == scope.person_id, SeatEvent.what == SeatChange.CLAIMED)
        .options(joinedload(Licence.course), joinedload(Licence.municipality))
        .order_by(SeatEvent.id.desc())
    )
    return list(dict.fromkeys(found))


def held_until(session: Session, *, seat_id: int, person_id: int, since: datetime) -> datetime | None:
    """Return when the hold on a seat that a person had at `since` ended; None while it lasts.

    It ends when the seat is taken back, or at local midnight after the licence's last day. A release that was
    undone does not count. One query.
    """
    released = (
        select(func.min(SeatEvent.at))
        .where(SeatEvent.seat_id == seat_id, SeatEvent.person_id == person_id)
        .where(SeatEvent.what.in_((SeatChange.RELEASED, SeatChange.LEFT)), SeatEvent.at >= since)
    )
    row = session.execute(
        select(
            Seat.person_id,
            Seat.claimed_at,
            func.coalesce(Seat.valid_until, Licence.ends_on).label("ends_on"),
            Municipality.country,
            released.scalar_subquery().label("released_at"),
        )
        .join(Seat.licence)
        .join(Licence.municipality)
        .where(Seat.id == seat_id)
    ).one_or_none()
    if row is None:
        return since
    is_holder = row.person_id == person_id and row.claimed_at is not None
    # A release that was undone leaves the claim as it was; a new claim after a release is another hold.
    holds = is_holder and (row.released_at is None or row.claimed_at <= since)
    midnight = end_of(row.ends_on, row.country)
    ends = [] if holds else [row.released_at or since]
    if midnight <= clock.now():
        ends.append(midnight)
    return min(ends, default=None)


def end_of(day: date, country: str) -> datetime:
    """Return the instant at which a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), clock.ZONES[country])


def open_invitation(session: Session, token: str) -> Invitation | None:
    """Return the invitation a token opens, with people, licence and course, or None; the token is the permission."""
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == hash_of(token), Invitation.answered_at.is_(None))
        .where(Invitation.expires_at > clock.now())
        .options(
            joinedload(Invitation.person),
            joinedload(Invitation.invited_by),
            joinedload(Invitation.seat)
            .joinedload(Seat.licence)
            .options(joinedload(Licence.course).joinedload(Course.course_house), joinedload(Licence.municipality)),
        )
    )
    if invitation is None or invitation.seat.person_id != invitation.person_id:
        return None
    return None if invitation.seat.licence.has_ended else invitation


def inviting_for(session: Session, scope: PersonScope, licence: Licence) -> str:
    """Return for whom somebody invites to a licence: its course house for an owner, else the municipality."""
    owned = owned_house(session, scope)
    house = licence.course.course_house
    return house.name if owned is not None and owned.id == house.id else licence.municipality.official_name


def was_invitation_ours(session: Session, token: str) -> bool:
    """Say whether an invitation was ever mailed, answered, withdrawn and too old ones included."""
    return session.scalar(select(Invitation.id).where(Invitation.token_hash == hash_of(token))) is not None


def seats_past_their_hold(session: Session) -> list[int]:
    """Return the ids of seats whose invitation has held them for its days, in all licences; for the nightly job."""
    return list(
        session.scalars(
            select(Seat.id)
            .join(Seat.licence)
            .join(Licence.municipality)
            .where(Seat.person_id.is_not(None), Seat.claimed_at.is_(None))
            .where(by_country(lambda today: Seat.holds_until < today))
        )
    )


def seats_to_remind(session: Session, remind_after: Sequence[timedelta], *, after: int, limit: int) -> list[int]:
    """Return the next ids, above `after`, of seats whose invitation has been open for so long that a reminder is due.

    In all licences; for the hourly job. Not when the hold ends within two days, nor where the letter came back.
    """
    came_back = (
        select(Invitation.id)
        .join(Letter, Letter.id == Invitation.letter_id)
        .where(Invitation.seat_id == Seat.id, Invitation.answered_at.is_(None), Letter.refused.is_not(None))
    )
    due = (
        and_(Seat.reminders < turn, Seat.invited_at <= clock.now() - days) for turn, days in enumerate(remind_after, 1)
    )
    return list(
        session.scalars(
            select(Seat.id)
            .join(Seat.licence)
            .join(Licence.municipality)
            .where(Seat.id > after, Seat.holds_until.is_not(None), Seat.claimed_at.is_(None), or_(*due))
            .where(Seat.wants_no_reminders.is_(False), ~came_back.exists())
            .where(by_country(lambda today: Seat.holds_until > today + TOO_LATE_TO_REMIND))
            .order_by(Seat.id)
            .limit(limit)
        )
    )


def is_somebody_in_line(session: Session, licence_id: int) -> bool:
    """Say whether anybody stands in line for a seat of a licence; the product's own question, for no page."""
    waiting = select(SeatRequest.id).where(
        SeatRequest.licence_id == licence_id, SeatRequest.state == RequestState.WAITING
    )
    return session.scalar(waiting.limit(1)) is not None


def works_in(session: Session, scope: PersonScope, municipality_id: int) -> Placing:
    """Return where a learner of a municipality works; their seat says it, too, for lists and the leader's page."""
    row = session.execute(
        select(Membership.sector, MembershipDepartment.department_id)
        .outerjoin(MembershipDepartment, MembershipDepartment.membership_id == Membership.id)
        .where(Membership.person_id == scope.person_id, Membership.municipality_id == municipality_id)
        .where(Membership.role == Role.LEARNER, Membership.ended_at.is_(None))
        .order_by(MembershipDepartment.department_id)
        .limit(1)
    ).first()
    return Placing(row.department_id, row.sector) if row else Placing()


def runs_today() -> ColumnElement[bool]:
    """Return the condition on `Seat`: it lasts today. One with days of its own outlives its licence, or ends before."""
    last = func.coalesce(Seat.valid_until, Licence.ends_on)
    return by_country(lambda today: and_(Licence.starts_on <= today, last >= today))


def by_country(condition: Callable[[date], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Days are local: the same instant may be another date in another country."""
    return or_(*(and_(Municipality.country == country, condition(clock.today(country))) for country in clock.ZONES))
