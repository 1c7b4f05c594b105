"""Certificates: proof of a completion under a code that nobody can guess, and that anyone who is told it can check.

A certificate is a row; its PDF is drawn when somebody asks for it (certificate_pdf.py).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.accounts.services import NAME_CHANGED
from elearn.catalogue.content import Content, Text
from elearn.core import audit, clock
from elearn.core.scope import PersonScope
from elearn.learning import queries
from elearn.learning.models import Certificate, Completion
from elearn.licensing import seat_rows

ISSUED = audit.kind("learning.certificate.issued", "certificate_id", "completion_id")
REPLACED = audit.kind("learning.certificate.replaced", "certificate_id", "by_certificate_id")

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are read as 1, 1, 0 and V."""
READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None, "–": None, "\u00a0": None})
SECRET_BITS = 128
CHECK_BITS = 12
LENGTH = (SECRET_BITS + CHECK_BITS) // 5
GROUP = 4


@dataclass(frozen=True)
class Verified:
    """What anyone who knows a code may read. Without a name the certificate has been replaced by a newer one."""

    code: str
    name: str | None
    course: Text
    house: str
    completed_on: date
    replaced_on: date | None


def issue(session: Session, completion: Completion) -> Certificate:
    """Issue the certificate of a completion in the person's name as it stands; asking again gives the same one."""
    valid = session.scalar(
        select(Certificate).where(Certificate.completion_id == completion.id, Certificate.replaced_at.is_(None))
    )
    return valid or _add(session, completion)


def reissue(session: Session, certificate: Certificate) -> Certificate | None:
    """Issue a certificate anew in the person's name as it stands; the old one says that it has been replaced.

    Returns None when somebody else has replaced it meanwhile.
    """
    replaced = session.scalar(
        update(Certificate)
        .where(Certificate.id == certificate.id, Certificate.replaced_at.is_(None))
        .values(replaced_at=clock.now())
        .returning(Certificate.id)
    )
    if replaced is None:
        return None
    new = _add(session, certificate.completion)
    audit.record(
        session,
        REPLACED,
        actor_id=certificate.completion.person_id,
        certificate_id=replaced,
        by_certificate_id=new.id,
    )
    return new


def correct_name(session: Session, scope: PersonScope, name: str) -> list[Certificate]:
    """Give a person the name they say is right, and reissue the certificates that carry another.

    Returns the new certificates.
    """
    person = session.scalars(select(Person).where(Person.id == scope.person_id).with_for_update()).one()
    if person.name != name:
        person.name = name
        session.flush()  # the certificates below are issued in the new name
        seat_rows.rename_holder(session, person_id=person.id, name=name)
        audit.record(session, NAME_CHANGED, actor_id=person.id, person_id=person.id)
    outdated = [each for each in queries.certificates(session, scope) if each.name != name]
    return [new for each in outdated if (new := reissue(session, each)) is not None]


def find(session: Session, code: str, language: str) -> Verified | None:
    """Return what a certificate proves, by its tidy code, or None when it was never issued: anyone may ask."""
    certificate = session.scalar(
        select(Certificate)
        .where(Certificate.code == code)
        .options(
            joinedload(Certificate.completion).joinedload(Completion.course),
            joinedload(Certificate.completion).joinedload(Completion.course_version),
        )
    )
    if certificate is None:
        return None
    completion = certificate.completion
    house = completion.course.course_house
    replaced_at = certificate.replaced_at
    return Verified(
        code=certificate.code,
        name=None if replaced_at else certificate.name,
        course=Content(completion.course_version.content).title(language),
        house=house.name,
        completed_on=clock.day_of(completion.completed_at, house.country),
        replaced_on=clock.day_of(replaced_at, house.country) if replaced_at else None,
    )


def new_code() -> str:
    """Return a new code: 128 random bits and 12 to catch slips of the pen, as seven groups of four."""
    return _written(secrets.randbits(SECRET_BITS))


def tidy_code(typed: str) -> str | None:
    """Return a code as it stands on the certificate, however it was typed; None when it cannot be one of ours.

    One wrong or swapped letter is noticed here all but once in 4,096 times.
    """
    letters = typed.strip().upper().translate(READ_AS)
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number * 32 + ALPHABET.index(letter)
    code = _written(number >> CHECK_BITS)
    return code if code.replace("-", "") == letters else None


def _add(session: Session, completion: Completion) -> Certificate:
    certificate = Certificate(
        completion=completion, code=new_code(), name=completion.person.name, issued_at=clock.now(), replaced_at=None
    )
    session.add(certificate)
    session.flush()  # the audit event names its id
    audit.record(
        session,
        ISSUED,
        actor_id=completion.person_id,
        certificate_id=certificate.id,
        completion_id=completion.id,
    )
    return certificate


def _written(secret: int) -> str:
    check = int.from_bytes(hashlib.sha256(secret.to_bytes(SECRET_BITS // 8)).digest()) >> (256 - CHECK_BITS)
    number = secret << CHECK_BITS | check
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
