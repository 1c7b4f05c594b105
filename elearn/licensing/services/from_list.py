"""Filling seats from a list of people: handed in, read by a job, looked at, confirmed once, invited by a job.

Nothing happens before the confirmation. Confirming holds every seat or none, in one transaction; the letters follow
in batches. Every step may run twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import Addressee, NewPerson, find_or_add_people
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope, OperatorScope
from elearn.core.tokens import Tokens
from elearn.jobs.queue import enqueue
from elearn.licensing import emails, seat_rows
from elearn.licensing.errors import LicenceEnded, NoAddressColumn, NobodyToInvite, NotEnoughSeats
from elearn.licensing.handed_in import plan_of
from elearn.licensing.lists.plan import Fate, PlannedRow, correct, department_key, take_new_department
from elearn.licensing.lists.words import Field
from elearn.licensing.models import FREE, Invitation, Licence, Seat, SeatList, SeatListState
from elearn.licensing.scoping import lists_within
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services.invitations import INVITATION_LIFE, hold_day
from elearn.licensing.services.list_reading import forget_file
from elearn.organisations.models import Municipality, Role
from elearn.organisations.services import add_department, add_member

LETTERS_AT_ONCE = 300
LONGEST_FILE_NAME = 120
LISTS = Limit("licensing.lists", attempts=60, window_s=3600)
"""Each may bring some megabytes, which are kept until they are read."""

HANDED_IN = audit.kind("licensing.list.handed_in", "list_id", "licence_id")
READ_ANEW = audit.kind("licensing.list.read_anew", "list_id", "licence_id")
CONFIRMED = audit.kind("licensing.list.confirmed", "list_id", "licence_id", "people")


@dataclass(frozen=True)
class Correction:
    """What a buyer wrote into a row instead."""

    row: int
    field: Field
    value: str
    adds: bool = False
    """For departments: add the one that is named."""


def hand_in_list(
    session: Session,
    *,
    licence: Licence,
    content: bytes,
    file_name: str,
    language: str,
    message: str | None,
    holds: date | None,
    by_id: int,
) -> SeatList:
    """Keep a list as it came, and have it read. Raises `LicenceEnded`, `TooManyAttempts`."""
    if licence.has_ended:
        raise LicenceEnded
    count_attempt(session, LISTS, str(licence.municipality_id))
    handed_in = SeatList(
        licence_id=licence.id,
        created_by_id=by_id,
        created_at=clock.now(),
        file_name=file_name[-LONGEST_FILE_NAME:],
        content=content,
        state=SeatListState.READING,
        columns={},
        rows=[],
        language=language,
        message=message or None,
        holds_until=hold_day(licence, holds),
    )
    session.add(handed_in)
    session.flush()  # the job names its id
    _audit(session, HANDED_IN, handed_in, licence, by_id=by_id)
    enqueue(session, "licensing.read_list", list_id=handed_in.id)
    return handed_in


def read_anew(session: Session, *, scope: OperatorScope, list_id: int, places: Mapping[Field, int], by_id: int) -> bool:
    """Have a list read once more, its columns as somebody says; corrections made so far are forgotten with the rows.

    Returns whether it is: not when it is confirmed already, or when its file is no more. Raises `NotFound`,
    `NoAddressColumn`.
    """
    found = _locked(session, scope, list_id)
    if Field.EMAIL not in places:
        raise NoAddressColumn
    if found.state != SeatListState.READY or found.content is None:
        return False
    found.state, found.rows, found.problem, found.done, found.total = SeatListState.READING, [], None, 0, 0
    found.columns = found.columns | {"said": {str(field): place for field, place in places.items()}}
    session.flush()
    _audit(session, READ_ANEW, found, found.licence, by_id=by_id)
    enqueue(session, "licensing.read_list", list_id=found.id)
    return True


def correct_list(session: Session, *, scope: OperatorScope, list_id: int, corrections: Sequence[Correction]) -> None:
    """Write corrections into a list that waits to be confirmed; one confirmed meanwhile stays. Raises `NotFound`."""
    found = _locked(session, scope, list_id)
    if found.state != SeatListState.READY:
        return
    entries = list(found.rows)
    for correction in corrections:
        if correction.adds:
            entries = take_new_department(entries, correction.row)
        else:
            entries = correct(entries, correction.row, correction.field, correction.value)
    found.rows, found.problem = entries, None
    session.flush()


def skip_rows(session: Session, *, scope: OperatorScope, list_id: int, rows: Sequence[int] | None = None) -> None:
    """Leave rows of a list out: some, or all that have to be corrected. Raises `NotFound`."""
    found = _locked(session, scope, list_id)
    if found.state != SeatListState.READY:
        return
    left_out = set(rows) if rows is not None else {row.number for row in plan_of(session, found).of(Fate.WRONG)}
    found.rows = [entry | {"skip": True} if entry["n"] in left_out else entry for entry in found.rows]
    session.flush()


def take_in_skipped(session: Session, *, scope: OperatorScope, list_id: int) -> None:
    """Take the rows in again that were left out. Raises `NotFound`."""
    found = _locked(session, scope, list_id)
    if found.state == SeatListState.READY:
        found.rows = [{key: value for key, value in entry.items() if key != "skip"} for entry in found.rows]
        session.flush()


def confirm_list(session: Session, *, scope: OperatorScope, list_id: int, by_id: int) -> int:
    """Have everybody on a list invited who has no seat yet; return how many. Again changes nothing.

    Rows that have to be corrected are left out. Raises `NotFound`, `LicenceEnded`, `NobodyToInvite`,
    `NotEnoughSeats` when there are more people than free seats.
    """
    found = _locked(session, scope, list_id)
    if found.state != SeatListState.READY:
        return 0
    if found.licence.has_ended:
        raise LicenceEnded
    new = plan_of(session, found).of(Fate.INVITED)
    if not new:
        raise NobodyToInvite
    free = _free_seats(session, found.licence_id)
    if len(new) > free:
        raise NotEnoughSeats(wanted=len(new), free=free)
    found.state, found.done, found.total, found.problem = SeatListState.INVITING, 0, len(new), None
    forget_file(found)
    _audit(session, CONFIRMED, found, found.licence, by_id=by_id, people=len(new))
    enqueue(session, "licensing.invite_list", list_id=found.id, by_id=by_id)
    return len(new)


def hold_listed_seats(session: Session, *, list_id: int, by_id: int) -> None:
    """Hold a seat for everybody on a confirmed list, or, when seats have become short, for nobody: it waits again.

    Whoever has got a seat since the confirmation is left as they are, and that may be everybody.
    """
    found = _confirmed(session, list_id)
    if found is None or found.held is not None:
        return
    licence = found.licence
    seat_rows.lock_licence(session, licence.id)
    rows = plan_of(session, found).of(Fate.INVITED)
    try:
        with session.begin_nested():
            addresses = _add_people(session, found, rows)
            departments = _add_departments(session, licence.municipality, rows, by_id=by_id)
            placed = {  # two addresses may be one person's: the first row counts
                addresses[row.number].person_id: (row, Placing(_department(row, departments), row.sector))
                for row in reversed(rows)
            }
            seats = seat_rows.reserve_many(
                session,
                licence=licence,
                people=[
                    (person_id, addresses[row.number].name, placing) for person_id, (row, placing) in placed.items()
                ],
                holds_until=hold_day(licence, found.holds_until),
                by_id=by_id,
            )
    except NotEnoughSeats as short:
        found.state = SeatListState.READY
        found.problem = {"what": "not_enough_seats", "wanted": short.wanted, "free": short.free}
        return
    for person_id, (row, placing) in placed.items():
        if row.role is not Role.LEARNER:
            person = session.get_one(Person, person_id)
            _give_role(session, person, licence.municipality, row, placing, by_id=by_id)
    found.held = [
        [seats[person_id], addresses[row.number].email_address_id] for person_id, (row, _placing) in placed.items()
    ]
    found.total = len(found.held)
    session.flush()


def invite_listed(session: Session, tokens: Tokens, *, list_id: int, by_id: int) -> bool:
    """Write the letters of the next some hundred people of a list; return whether more are to come."""
    found = _confirmed(session, list_id)
    if found is None or found.held is None:
        return False
    batch = found.held[found.done : found.done + LETTERS_AT_ONCE]
    _send(session, tokens, found, dict(batch), by_id=by_id)
    found.done += len(batch)
    if found.done >= len(found.held):
        found.state = SeatListState.DONE
    session.flush()
    return found.state == SeatListState.INVITING


def _send(session: Session, tokens: Tokens, found: SeatList, batch: dict[int, int], *, by_id: int) -> None:
    """Invite the holders of seats that are still held and have no open invitation."""
    open_ones = select(Invitation.seat_id).where(Invitation.seat_id.in_(batch), Invitation.answered_at.is_(None))
    held = session.execute(
        select(Seat.id, Person.id, EmailAddress.id, EmailAddress.address, Person.name, Person.language)
        .join(Person, Person.id == Seat.person_id)
        .join(EmailAddress, EmailAddress.person_id == Person.id)
        .where(Seat.id.in_(batch), Seat.claimed_at.is_(None), EmailAddress.id.in_(batch.values()))
        .where(Seat.id.not_in(open_ones))
        .order_by(Seat.id)
        .with_for_update(of=Seat)
    ).all()
    to = [row for row in held if batch[row[0]] == row[2]]  # the others' seats are somebody else's meanwhile
    if not to:
        return
    offers = [
        emails.Offer(person_id, name, address, language, tokens.mint(emails.INVITATION_PURPOSE))
        for _seat_id, person_id, _email_id, address, name, language in to
    ]
    now = clock.now()
    letters = emails.invitations(
        session,
        offers,
        licence=found.licence,
        by_id=by_id,
        message=found.message,
        expires_at=now + INVITATION_LIFE,
        holds_until=hold_day(found.licence, found.holds_until),
    )
    session.execute(
        insert(Invitation),
        [
            {
                "seat_id": row[0],
                "person_id": offer.person_id,
                "email_address_id": row[2],
                "token_hash": offer.token.token_hash,
                "message": found.message,
                "invited_by_id": by_id,
                "letter_id": letter_id,
                "created_at": now,
                "expires_at": now + INVITATION_LIFE,
            }
            for row, offer, letter_id in zip(to, offers, letters, strict=True)
        ],
    )


def _add_people(session: Session, found: SeatList, rows: Sequence[PlannedRow]) -> dict[int, Addressee]:
    """Return the address of each row's person, by row."""
    wanted = [NewPerson(row.email, row.name, row.language or found.language) for row in rows]
    added = find_or_add_people(session, wanted)
    return {row.number: added[normalise(row.email)] for row in rows}


def _add_departments(
    session: Session, municipality: Municipality, rows: Sequence[PlannedRow], *, by_id: int
) -> dict[str, int]:
    """Add the departments that were asked for; return them by name."""
    names = {department_key(row.new_department): row.new_department for row in rows if row.department_id is None}
    names.pop("", None)
    scope = MunicipalityScope(municipality.id, by_id)
    return {key: add_department(session, scope=scope, name=name, by_id=by_id).id for key, name in names.items()}


def _department(row: PlannedRow, added: dict[str, int]) -> int | None:
    return row.department_id or added.get(department_key(row.new_department))


def _give_role(
    session: Session, person: Person, municipality: Municipality, row: PlannedRow, placing: Placing, *, by_id: int
) -> None:
    add_member(
        session,
        person=person,
        municipality=municipality,
        role=row.role,
        by_id=by_id,
        sector=placing.sector,
        department_id=placing.department_id if row.role is Role.LEADER else None,
    )


def _free_seats(session: Session, licence_id: int) -> int:
    free = select(func.count()).select_from(Seat).where(Seat.licence_id == licence_id, FREE)
    return session.scalar(free) or 0


def _locked(session: Session, scope: OperatorScope, list_id: int) -> SeatList:
    found = session.scalar(
        select(SeatList)
        .join(SeatList.licence)
        .where(SeatList.id == list_id, lists_within(scope))
        .with_for_update(of=SeatList)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("no such list")
    return found


def _confirmed(session: Session, list_id: int) -> SeatList | None:
    return session.scalar(
        select(SeatList)
        .where(SeatList.id == list_id, SeatList.state == SeatListState.INVITING)
        .with_for_update(of=SeatList)
    )


def _audit(session: Session, what: audit.Kind, found: SeatList, licence: Licence, *, by_id: int, **data: int) -> None:
    audit.record(
        session,
        what,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        list_id=found.id,
        licence_id=licence.id,
        **data,
    )
