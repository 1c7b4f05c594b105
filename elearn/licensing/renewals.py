"""Reading what a renewal is about: who stays, who leaves, and the licence they go on in."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.core.scope import OperatorScope
from elearn.licensing.models import Licence, RenewalLeaver, Seat
from elearn.licensing.queries import by_country
from elearn.licensing.scoping import within
from elearn.licensing.seat_lists import PAGE_SIZE, LicenceRow, Page, licence


@dataclass(frozen=True)
class Holder:
    """Somebody with a claimed seat."""

    person: Person
    department: str | None
    leaves: bool


@dataclass(frozen=True)
class Renewal:
    """What a renewal comes to."""

    holders: int
    """Who has a claimed seat."""
    leaving: int
    following: LicenceRow | None
    """The licence that people can be carried over into."""
    to_carry: int
    """Who stays and has no seat there yet; 0 when there is none."""

    @property
    def staying(self) -> int:
        """How many seats the next order needs."""
        return self.holders - self.leaving

    @property
    def fits(self) -> bool:
        """Whether everybody to be carried over finds a free seat."""
        return self.following is not None and self.to_carry <= self.following.counts.free


def renewal(session: Session, scope: OperatorScope, old: Licence) -> Renewal:
    """Return how the renewal of a licence of the operator's stands."""
    following = following_licence(session, scope, old)
    return Renewal(
        holders=_count(session, _claimed(old.id)),
        leaving=_count(session, _claimed(old.id).where(_leaves())),
        following=following,
        to_carry=_count(session, staying(old.id, following.licence.id)) if following else 0,
    )


def following_licence(session: Session, scope: OperatorScope, old: Licence) -> LicenceRow | None:
    """Return the licence that follows another: of the same course and municipality, and ending later.

    The one that was granted as its renewal comes first, else the one that begins first.
    """
    found = session.scalar(
        select(Licence.id)
        .join(Licence.municipality)
        .where(within(scope), Licence.course_id == old.course_id, Licence.municipality_id == old.municipality_id)
        .where(Licence.id != old.id, Licence.ends_on > old.ends_on)
        .where(by_country(lambda today: Licence.ends_on >= today))
        .order_by((func.coalesce(Licence.previous_id, 0) == old.id).desc(), Licence.starts_on, Licence.id)
        .limit(1)
    )
    return licence(session, scope, found) if found is not None else None


def holders(
    session: Session, scope: OperatorScope, licence_id: int, *, text: str = "", number: int = 1
) -> Page[Holder]:
    """Return who has a claimed seat of a licence, by name, and whether they are to leave."""
    found = _claimed(licence_id).join(Seat.licence).join(Seat.person).where(within(scope))
    if text:
        addresses = select(EmailAddress.person_id).where(
            EmailAddress.normalised.icontains(normalise(text), autoescape=True)
        )
        found = found.where(or_(Person.name.icontains(text.strip(), autoescape=True), Person.id.in_(addresses)))
    total = _count(session, found)
    shown = session.scalars(
        found.options(joinedload(Seat.person).selectinload(Person.addresses), joinedload(Seat.department))
        .order_by(Seat.sort_name, Seat.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    leaving = set(
        session.scalars(
            select(RenewalLeaver.person_id).where(
                RenewalLeaver.licence_id == licence_id, RenewalLeaver.person_id.in_([seat.person_id for seat in shown])
            )
        )
    )
    rows = [
        Holder(seat.person, seat.department.name if seat.department else None, seat.person_id in leaving)
        for seat in shown
        if seat.person is not None
    ]
    return Page(rows, total, number)


def staying(old_id: int, new_id: int) -> Select[Seat]:
    """Return the claimed seats whose holders are to be carried over and have no seat in the new licence yet."""
    there = select(Seat.person_id).where(Seat.licence_id == new_id, Seat.person_id.is_not(None))
    return _claimed(old_id).where(~_leaves(), Seat.person_id.not_in(there))


def _claimed(licence_id: int) -> Select[Seat]:
    return select(Seat).where(Seat.licence_id == licence_id, Seat.claimed_at.is_not(None))


def _leaves() -> ColumnElement[bool]:
    return (
        select(RenewalLeaver.person_id)
        .where(and_(RenewalLeaver.licence_id == Seat.licence_id, RenewalLeaver.person_id == Seat.person_id))
        .correlate(Seat)
        .exists()
    )


def _count(session: Session, found: Select[Seat]) -> int:
    return session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
