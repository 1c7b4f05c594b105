"""Who manages a municipality's seats, and who leads its departments. A municipality keeps at least one buyer."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person_surely
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope
from elearn.organisations import emails
from elearn.organisations.errors import LastBuyer, SamePerson
from elearn.organisations.models import Membership, Municipality, Role
from elearn.organisations.queries import department
from elearn.organisations.services.departments import lock_municipality
from elearn.organisations.services.members import MEMBER_ENDED, add_member

NEW_COLLEAGUES = Limit("organisations.colleagues", attempts=60, window_s=3600)
MANAGING = (Role.BUYER, Role.LEADER)


@dataclass(frozen=True)
class NewColleague:
    """Whom somebody wants to give a role, as they wrote it."""

    address: str
    name: str
    language: str


@dataclass(frozen=True)
class Ended:
    """A role that ended."""

    person: Person
    role: Role
    has_no_buyer: bool
    """The municipality has no buyer now: somebody has to be told."""


def add_colleague(
    session: Session,
    *,
    municipality: Municipality,
    colleague: NewColleague,
    role: Role,
    by: Person,
    house: str,
    department_ids: Iterable[int] = (),
) -> Membership:
    """Make somebody a buyer, or a leader of departments, and write to them in the installation's name, `house`.

    The letter leads to the sign-in page: a new buyer acts only after a link mailed to this address was opened. A known
    person's own name and language stay. Raises `NotAnAddress`, `TooManyAttempts`, `NotFound` for a department that is
    not the municipality's.
    """
    lock_municipality(session, municipality.id)
    scope = MunicipalityScope(municipality.id, by.id)
    wanted = list(department_ids)
    if any(department(session, scope, department_id) is None for department_id in wanted):
        raise NotFound("no such department")
    person, email = find_or_add_person_surely(
        session, address=colleague.address, name=colleague.name, language=colleague.language
    )
    membership = add_member(session, person=person, municipality=municipality, role=role, by_id=by.id)
    for department_id in wanted:
        add_member(
            session, person=person, municipality=municipality, role=role, by_id=by.id, department_id=department_id
        )
    count_attempt(session, NEW_COLLEAGUES, str(municipality.id))
    emails.role_given(session, to=email, municipality=municipality, role=role, by=by, house=house)
    return membership


def end_role(
    session: Session, *, municipality: Municipality, membership_id: int, by_id: int | None, may_be_last: bool = False
) -> Ended:
    """End a buyer's or leader's role; it is worth nothing on their next request.

    Raises `NotFound`, and `LastBuyer` unless the last one may go (the course owner decides, and is told).
    """
    lock_municipality(session, municipality.id)
    membership = session.scalar(
        select(Membership)
        .where(Membership.id == membership_id, Membership.municipality_id == municipality.id)
        .where(Membership.role.in_(MANAGING), Membership.ended_at.is_(None))
        .options(joinedload(Membership.person))
        .execution_options(populate_existing=True)
    )
    if membership is None:
        raise NotFound("no such role")
    role = Role(membership.role)
    is_last = role is Role.BUYER and _other_buyers(session, municipality.id, membership_id) == 0
    if is_last and not may_be_last:
        raise LastBuyer
    membership.ended_at = clock.now()
    session.flush()
    audit.record(
        session,
        MEMBER_ENDED,
        actor_id=by_id,
        municipality_id=municipality.id,
        person_id=membership.person_id,
        role=str(role),
    )
    return Ended(membership.person, role, has_no_buyer=is_last)


def hand_over(
    session: Session, *, municipality: Municipality, colleague: NewColleague, by: Person, house: str
) -> Ended:
    """Make somebody a buyer in the leaving buyer's place, in one go.

    Raises `NotAnAddress`, `TooManyAttempts`, `SamePerson`, and `NotFound` when the role has ended meanwhile.
    """
    lock_municipality(session, municipality.id)
    own = session.scalar(
        select(Membership.id)
        .where(Membership.person_id == by.id, Membership.municipality_id == municipality.id)
        .where(Membership.role == Role.BUYER, Membership.ended_at.is_(None))
    )
    if own is None:
        raise NotFound("no such role")
    given = add_colleague(session, municipality=municipality, colleague=colleague, role=Role.BUYER, by=by, house=house)
    if given.person_id == by.id:
        raise SamePerson
    return end_role(session, municipality=municipality, membership_id=own, by_id=by.id)


def _other_buyers(session: Session, municipality_id: int, membership_id: int) -> int:
    others = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.municipality_id == municipality_id, Membership.role == Role.BUYER)
        .where(Membership.ended_at.is_(None), Membership.id != membership_id)
    )
    return session.scalar(others) or 0
