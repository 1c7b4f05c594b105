"""Deleting a person: everything that is theirs goes, and what belongs to others forgets them.

What stays is numbers: a seat's history and the trail of events say that somebody with a number did something. That it
happened stays as well, as a keyed hash of each address, so that whoever a restored backup brings back is deleted again.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.core import audit, clock
from elearn.core.scope import PersonScope
from elearn.core.tokens import Tokens
from elearn.jobs.models import Job
from elearn.jobs.queue import enqueue
from elearn.licensing.models import Seat
from elearn.licensing.services import free_for_good
from elearn.licensing.services.list_reading import forget_files
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Role
from elearn.personal_data import feedback, sales
from elearn.personal_data.errors import LastOperator
from elearn.personal_data.mentions import addresses_of, may_mention, rows_in_lists, says, without
from elearn.personal_data.models import Erasure

ERASED = audit.kind("personal_data.erased", "person_id")
PURPOSE = "erasure"
LEDGER_FILE = "erasures.txt"
"""In the data folder and beside the backups: the ledger once more, for when an older backup is put back."""


def delete_account(session: Session, tokens: Tokens, scope: PersonScope) -> None:
    """Delete a person at their own wish.

    Raises `LastOperator` while they are the only buyer of a municipality, or the only owner of a course house.
    """
    alone = places_alone(session, scope)
    if alone:
        raise LastOperator(alone)
    erase(session, tokens, person_id=scope.person_id, by_id=scope.person_id)


def places_alone(session: Session, scope: PersonScope) -> list[str]:
    """Return where a person is the only buyer or owner; of two who leave at once the second is told."""
    mine = session.scalars(
        select(Membership)
        .where(Membership.person_id == scope.person_id, Membership.ended_at.is_(None))
        .where(Membership.role.in_((Role.BUYER, Role.OWNER)))
        .order_by(Membership.id)
    ).all()
    return [_place(membership) for membership in mine if not _has_others(session, membership)]


def erase(session: Session, tokens: Tokens, *, person_id: int, by_id: int | None) -> None:
    """Delete everything that is held about a person. Letters' files follow by a job, after the commit.

    Of two presses at once the second finds nobody, and changes nothing.
    """
    if _lock(session, person_id) is None:
        return
    _enter_in_ledger(session, tokens, addresses_of(session, PersonScope(person_id)))
    forget(session, person_id=person_id, by_id=by_id)
    audit.record(session, ERASED, actor_id=by_id, person_id=person_id)


def forget(session: Session, *, person_id: int, by_id: int | None = None) -> None:
    """Delete a person, leaving no note of it: for those of whom nothing is left to keep."""
    person = _lock(session, person_id)
    if person is None:
        return
    scope = PersonScope(person_id)
    addresses = addresses_of(session, scope)
    held = session.scalars(select(Seat.id).where(Seat.person_id == person_id)).all()
    free_for_good(session, held, by_id=by_id)
    _leave_lists(session, scope)
    sales.forget_person(session, person_id)
    feedback.forget_words(session, person_id)
    files = _forget_letters(session, addresses, normalise(person.name))
    _forget_jobs(session, person_id, addresses)
    session.flush()
    session.expunge(person)
    session.execute(delete(Person).where(Person.id == person_id))  # what is theirs goes with them, by foreign keys
    enqueue(session, "personal_data.forget_files", names=files)


def erase_again(session: Session, tokens: Tokens, ledger: Iterable[tuple[str, datetime]]) -> int:
    """Delete whoever the ledger knows and a restored backup has brought back; return how many.

    Somebody who has come back by an account made since then stays.
    """
    erased_at = dict(sorted(ledger, key=lambda entry: entry[1]))
    rows = session.execute(
        select(EmailAddress.person_id, EmailAddress.normalised, Person.created_at).join(EmailAddress.person)
    )
    back = set()
    for person_id, address, created_at in rows.all():
        known = [erased_at[print_] for print_ in tokens.fingerprints(PURPOSE, address) if print_ in erased_at]
        if known and created_at <= max(known):
            back.add(person_id)
    for person_id in sorted(back):
        erase(session, tokens, person_id=person_id, by_id=None)
    return len(back)


def ledger(session: Session) -> set[tuple[str, datetime]]:
    """Return the ledger that the database holds."""
    return {(row.address_hash, row.at) for row in session.execute(select(Erasure.address_hash, Erasure.at))}


def ledger_in(folder: Path) -> set[tuple[str, datetime]]:
    """Return the ledger that a folder's file holds; empty when it has none."""
    file = folder / LEDGER_FILE
    lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    return {(address_hash, datetime.fromisoformat(at)) for address_hash, at in (line.split() for line in lines)}


def keep_ledger(folder: Path, entries: set[tuple[str, datetime]]) -> None:
    """Write the ledger into a folder; what the file held already stays in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    together = sorted(entries | ledger_in(folder), key=lambda entry: (entry[1], entry[0]))
    part = folder / f"{LEDGER_FILE}.part"
    part.touch(mode=0o600)
    part.write_text("".join(f"{address_hash} {at.isoformat()}\n" for address_hash, at in together), encoding="ascii")
    part.replace(folder / LEDGER_FILE)


def _lock(session: Session, person_id: int) -> Person | None:
    return session.scalar(select(Person).where(Person.id == person_id).with_for_update())


def _place(membership: Membership) -> str:
    if membership.municipality is not None:
        return membership.municipality.official_name
    return membership.course_house.name if membership.course_house else ""


def _has_others(session: Session, membership: Membership) -> bool:
    there = (
        select(Membership.person_id)
        .where(Membership.role == membership.role, Membership.ended_at.is_(None))
        .where(
            Membership.municipality_id == membership.municipality_id
            if membership.municipality_id
            else Membership.course_house_id == membership.course_house_id
        )
        .order_by(Membership.id)
        .with_for_update()
    )
    return bool(set(session.scalars(there)) - {membership.person_id})


def _leave_lists(session: Session, scope: PersonScope) -> None:
    """Take a person's rows out of uploaded lists; a list's file, kept for a day, cannot be searched and goes whole."""
    for each, theirs in rows_in_lists(session, scope):
        each.rows = [row for row in each.rows if row not in theirs]
    forget_files(session)


def _forget_letters(session: Session, addresses: set[str], name: str) -> list[str]:
    """Delete the letters to a person, blank them in letters to others; return the files that hold such letters."""
    words = addresses | ({name} if name else set())
    spelled = [address.lower() for address in addresses]
    to_them = or_(*(func.lower(column).in_(spelled) for column in (Letter.recipient, Letter.reply_to)))
    concerned = session.scalars(select(Letter).where(or_(to_them, may_mention(Letter.context, words)))).all()
    files = []
    for letter in concerned:
        if normalise(letter.recipient) in addresses:
            files.append(letter.file_stem)
            session.execute(
                delete(Job).where(Job.name == "mail.send_letter", Job.arguments["letter_id"].as_integer() == letter.id)
            )
            session.delete(letter)
        elif says([letter.context, letter.reply_to], words):
            files.append(letter.file_stem)
            letter.context = without(letter.context, words)
            letter.reply_to = None if says(letter.reply_to, words) else letter.reply_to
    session.flush()
    return files


def _forget_jobs(session: Session, person_id: int, addresses: set[str]) -> None:
    about = or_(may_mention(Job.arguments, addresses), Job.arguments["person_id"].as_integer() == person_id)
    for job in session.scalars(select(Job).where(about)):
        if job.arguments.get("person_id") == person_id or says(job.arguments, addresses):
            session.delete(job)


def _enter_in_ledger(session: Session, tokens: Tokens, addresses: set[str]) -> None:
    session.add_all(
        Erasure(address_hash=tokens.fingerprint(PURPOSE, address), at=clock.now()) for address in sorted(addresses)
    )
