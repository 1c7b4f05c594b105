"""Signing in by password: a second door beside the mailed link, for those who have chosen one."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.accounts import addresses, passwords
from elearn.accounts.emails import Change, tell_of_change
from elearn.accounts.errors import WrongPassword
from elearn.accounts.models import EmailAddress, Person
from elearn.core import audit
from elearn.core.limits import Limit, count_attempt

TRIES_PER_ADDRESS = Limit("password.address", attempts=10, window_s=900)
TRIES_PER_SENDER = Limit("password.sender", attempts=60, window_s=900)

PASSWORD_SET = audit.kind("accounts.password.set", "person_id")
PASSWORD_REMOVED = audit.kind("accounts.password.removed", "person_id")
PASSWORD_WRONG = audit.kind("accounts.password.wrong", "person_id")


@dataclass(frozen=True)
class Claim:
    """Who an address belongs to, and what their password is checked against; neither when nobody is known by it."""

    person_id: int | None
    stored: str | None


def count_try(session: Session, *, address: str, sender: str) -> Claim:
    """Count a try and return what the password is to be checked against, in one way for known and unknown addresses.

    The caller commits before it checks: a hundred tries at once are counted before the first is answered, and nobody
    waits for the slow check. Raises `TooManyAttempts`.
    """
    count_attempt(session, TRIES_PER_SENDER, sender)
    count_attempt(session, TRIES_PER_ADDRESS, addresses.normalise(address))
    found = session.execute(
        select(Person.id, Person.password_hash)
        .join(EmailAddress, EmailAddress.person_id == Person.id)
        .where(EmailAddress.normalised == addresses.normalise(address))
    ).one_or_none()
    return Claim(*found) if found else Claim(None, None)


def let_in(session: Session, claim: Claim, password: str) -> Person:
    """Return the person whose password this is.

    A password changed since the claim was read lets nobody in. Raises `WrongPassword`.
    """
    if passwords.is_right(password, claim.stored):
        still = session.scalar(
            update(Person)
            .where(Person.id == claim.person_id, Person.password_hash == claim.stored)
            .values(password_hash=claim.stored)
            .returning(Person.id)
        )
        if still is not None:
            return session.get_one(Person, still)
    audit.record(session, PASSWORD_WRONG, actor_id=None, person_id=claim.person_id)
    raise WrongPassword


def set_password(session: Session, person: Person, *, password: str, words: list[str], house: str) -> None:
    """Give a person a password, new or instead of the old one. Raises `PasswordRefused`."""
    passwords.check(password, [*words, person.name, *(email.address for email in person.addresses)])
    person.password_hash = passwords.hash_of(password)
    audit.record(session, PASSWORD_SET, actor_id=person.id, person_id=person.id)
    tell_of_change(session, person, Change.PASSWORD_SET, house=house)


def remove_password(session: Session, person: Person, *, house: str) -> None:
    """Let a person sign in by mailed link alone; doing it again changes nothing."""
    if person.password_hash is None:
        return
    person.password_hash = None
    audit.record(session, PASSWORD_REMOVED, actor_id=person.id, person_id=person.id)
    tell_of_change(session, person, Change.PASSWORD_REMOVED, house=house)
