"""Seats given and released by a municipality's HR system: the token is the actor in the audit trail."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.errors import DomainError
from elearn.core.scope import MunicipalityScope
from elearn.core.tokens import Tokens
from elearn.licensing import seat_lists
from elearn.licensing import services as licensing
from elearn.licensing.errors import AlreadySeated
from elearn.licensing.seat_lists import HeldSeat
from elearn.organisations.queries import department

SEAT_GIVEN = audit.kind("api.seat.given", "token_id", "licence_id", "seat_id", "person_id")
SEAT_RELEASED = audit.kind("api.seat.released", "token_id", "licence_id", "seat_id", "person_id")


class NoSuchDepartment(DomainError):
    """The municipality has no department of this id."""


@dataclass(frozen=True)
class Wanted:
    """Whom a seat is for."""

    email: str
    name: str
    language: str
    department_id: int | None = None
    sector: str | None = None


@dataclass(frozen=True)
class Given:
    """A seat that a person holds."""

    held: HeldSeat
    is_new: bool
    """False when the person had it already: asking twice gives one seat."""


def give_seat(
    session: Session, tokens: Tokens, *, scope: MunicipalityScope, token_id: int, licence_id: int, wanted: Wanted
) -> Given:
    """Invite a person to a free seat; whoever has one of this licence keeps it as it is.

    Raises `NotFound`, `NoSuchDepartment`, `NotAnAddress`, `NoFreeSeat`, `LicenceEnded`.
    """
    licence = seat_lists.licence(session, scope, licence_id).licence
    if wanted.department_id is not None and department(session, scope, wanted.department_id) is None:
        raise NoSuchDepartment
    known = seat_lists.seat_by_address(session, scope, licence_id, wanted.email)
    if known is not None:
        return Given(known, is_new=False)
    try:
        seat = licensing.invite(
            session,
            tokens,
            licence=licence,
            address=wanted.email,
            name=wanted.name,
            language=wanted.language,
            by_id=None,
            sector=wanted.sector,
            department_id=wanted.department_id,
        )
    except AlreadySeated:  # the same call came twice in one moment
        return Given(_held(session, scope, licence_id, wanted.email), is_new=False)
    audit.record(
        session,
        SEAT_GIVEN,
        actor_id=None,
        municipality_id=scope.municipality_id,
        token_id=token_id,
        licence_id=licence_id,
        seat_id=seat.id,
        person_id=seat.person_id,
    )
    return Given(_held(session, scope, licence_id, wanted.email), is_new=True)


def release_seat(session: Session, *, scope: MunicipalityScope, token_id: int, seat_id: int, person_id: int) -> None:
    """Free the seat that a person holds, within the licence's allowance.

    Raises `NotFound`, `SeatNotHeld` when it is not that person's (any more), `HandoversUsedUp`.
    """
    freed = licensing.take_back_seat(session, scope=scope, seat_id=seat_id, by_id=None, person_id=person_id)
    audit.record(
        session,
        SEAT_RELEASED,
        actor_id=None,
        municipality_id=scope.municipality_id,
        token_id=token_id,
        licence_id=freed.seat.licence_id,
        seat_id=seat_id,
        person_id=person_id,
    )


def _held(session: Session, scope: MunicipalityScope, licence_id: int, address: str) -> HeldSeat:
    held = seat_lists.seat_by_address(session, scope, licence_id, address)
    assert held is not None, "the person has just been found on it"
    return held
