"""What a municipality takes along: its people, seats, their history, and completions by day; as XLSX and JSON.

Nothing of what or when somebody watched: that is not the employer's.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.audit import AuditEvent
from elearn.core.i18n import gettext as _
from elearn.core.scope import MunicipalityScope, OperatorScope
from elearn.core.spreadsheets import safe_cell
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat, SeatEvent
from elearn.licensing.scoping import within
from elearn.organisations.models import Department, Membership, MembershipDepartment, Municipality

EXPORTED = audit.kind("personal_data.municipality.exported", "rows")

Row = dict[str, str | None]


@dataclass(frozen=True)
class PastExport:
    """Who took a municipality's data along, and when."""

    at: datetime
    by: str | None
    """None when the person has been deleted."""
    rows: int


def hand_over(session: Session, scope: OperatorScope, municipality: Municipality) -> bytes:
    """Return the municipality's data as a zip of a spreadsheet and a JSON file. The trail says who took it."""
    tables = gather(session, scope, municipality)
    audit.record(
        session,
        EXPORTED,
        actor_id=scope.person_id,
        municipality_id=municipality.id,
        rows=sum(len(rows) for rows in tables.values()),
    )
    session.flush()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("data.xlsx", _spreadsheet(tables))
        zipped.writestr("data.json", json.dumps(tables, ensure_ascii=False, indent=1))
    return packed.getvalue()


def past_exports(session: Session, scope: MunicipalityScope) -> list[PastExport]:
    """Return who took the municipality's data along, the latest first, as long as the trail is kept."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.data, Person.name)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.kind == EXPORTED.name, AuditEvent.municipality_id == scope.municipality_id)
        .order_by(AuditEvent.id.desc())
        .limit(100)
    )
    return [PastExport(row.at, row.name, row.data["rows"]) for row in rows]


def gather(session: Session, scope: OperatorScope, municipality: Municipality) -> dict[str, list[Row]]:
    """Return the tables, each a list of rows; days are the municipality's own."""
    return _Gathering(session, scope, municipality).tables()


class _Gathering:
    def __init__(self, session: Session, scope: OperatorScope, municipality: Municipality) -> None:
        self._session, self._scope, self._municipality = session, scope, municipality
        self._licences = (within(scope), Licence.municipality_id == municipality.id)
        self._departments: dict[int | None, str] = {
            row.id: row.name
            for row in session.execute(
                select(Department.id, Department.name).where(Department.municipality_id == municipality.id)
            )
        }

    def tables(self) -> dict[str, list[Row]]:
        """Read table by table; names and addresses are looked up once, for those who occur."""
        parts: dict[str, Callable[[], list[tuple[int | None, Row]]]] = {
            "people": self._people,
            "seats": self._seats,
            "history": self._history,
            "completions": self._completions,
        }
        read = {name: part() for name, part in parts.items()}
        who = self._who({person_id for rows in read.values() for person_id, _row in rows if person_id})
        return {name: [who.get(person_id, _NOBODY) | row for person_id, row in rows] for name, rows in read.items()}

    def _people(self) -> list[tuple[int | None, Row]]:
        placed: dict[int, list[str]] = {}
        for link in self._session.execute(
            select(MembershipDepartment.membership_id, MembershipDepartment.department_id)
            .join(Membership, Membership.id == MembershipDepartment.membership_id)
            .where(Membership.municipality_id == self._municipality.id)
        ):
            placed.setdefault(link.membership_id, []).append(self._departments.get(link.department_id, ""))
        members = self._session.scalars(
            select(Membership).where(Membership.municipality_id == self._municipality.id).order_by(Membership.id)
        )
        return [
            (
                member.person_id,
                {
                    "role": member.role,
                    "departments": ", ".join(sorted(placed.get(member.id, []))),
                    "sector": member.sector,
                    "since": self._day(member.created_at),
                    "until": self._day(member.ended_at),
                },
            )
            for member in members
        ]

    def _seats(self) -> list[tuple[int | None, Row]]:
        rows = self._session.execute(
            select(Seat, Licence.starts_on, Licence.ends_on, Course.slug)
            .join(Licence, Licence.id == Seat.licence_id)
            .join(Course, Course.id == Licence.course_id)
            .where(*self._licences)
            .order_by(Seat.licence_id, Seat.id)
        )
        return [
            (
                seat.person_id,
                {
                    "course": slug,
                    "licence_starts": starts_on.isoformat(),
                    "licence_ends": ends_on.isoformat(),
                    "seat": str(seat.id),
                    "state": str(seat.state),
                    "department": self._departments.get(seat.department_id),
                    "sector": seat.sector,
                    "invited": self._day(seat.invited_at),
                    "held_until": seat.holds_until.isoformat() if seat.holds_until else None,
                    "accepted": self._day(seat.claimed_at),
                    "started": self._day(seat.first_used_at),
                },
            )
            for seat, starts_on, ends_on, slug in rows
        ]

    def _history(self) -> list[tuple[int | None, Row]]:
        rows = self._session.execute(
            select(SeatEvent.at, SeatEvent.what, SeatEvent.person_id, SeatEvent.seat_id, Course.slug)
            .join(Seat, Seat.id == SeatEvent.seat_id)
            .join(Licence, Licence.id == Seat.licence_id)
            .join(Course, Course.id == Licence.course_id)
            .where(*self._licences)
            .order_by(SeatEvent.id)
        )
        return [
            (row.person_id, {"course": row.slug, "seat": str(row.seat_id), "day": self._day(row.at), "what": row.what})
            for row in rows
        ]

    def _completions(self) -> list[tuple[int | None, Row]]:
        """Those of people who hold a seat of the course now: what others complete is no longer the employer's."""
        rows = self._session.execute(
            select(Completion.person_id, Completion.completed_at, Course.slug)
            .join(Course, Course.id == Completion.course_id)
            .where(
                select(Seat.id)
                .join(Licence, Licence.id == Seat.licence_id)
                .where(Seat.person_id == Completion.person_id, Seat.claimed_at.is_not(None))
                .where(Licence.course_id == Completion.course_id, *self._licences)
                .exists()
            )
            .order_by(Completion.id)
        )
        return [(row.person_id, {"course": row.slug, "completed": self._day(row.completed_at)}) for row in rows]

    def _who(self, person_ids: set[int]) -> dict[int | None, Row]:
        """Return the names and addresses of those who occur: a history's people may have been deleted."""
        seated = select(Seat.person_id).join(Seat.licence).where(*self._licences)
        members = select(Membership.person_id).where(Membership.municipality_id == self._municipality.id)
        past = select(SeatEvent.person_id).join(Seat, Seat.id == SeatEvent.seat_id).join(Seat.licence)
        everybody = seated.union(members, past.where(*self._licences)).subquery()
        rows = self._session.execute(
            select(Person.id, Person.name, EmailAddress.address)
            .join(EmailAddress, EmailAddress.person_id == Person.id)
            .where(Person.id.in_(select(everybody.c[0])))
            .order_by(Person.id, EmailAddress.confirmed_at.is_(None), EmailAddress.id)
        )
        found: dict[int | None, Row] = {}
        for row in rows:
            if row.id in person_ids:
                found.setdefault(row.id, {"name": row.name, "email": row.address})
        return found

    def _day(self, instant: datetime | None) -> str | None:
        return clock.day_of(instant, self._municipality.country).isoformat() if instant else None


_NOBODY: Row = {"name": None, "email": None}


def _spreadsheet(tables: dict[str, list[Row]]) -> bytes:
    from openpyxl import Workbook  # it brings numpy along: only who asks for a workbook waits for that

    book = Workbook(write_only=True)
    titles = {
        "people": _("People"),
        "seats": _("Seats"),
        "history": _("History"),
        "completions": _("Completions"),
    }
    for name, rows in tables.items():
        sheet = book.create_sheet(titles[name][:31])
        sheet.append(list(rows[0]) if rows else [_("Nothing.")])
        for row in rows:
            sheet.append([None if value is None else safe_cell(value) for value in row.values()])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
