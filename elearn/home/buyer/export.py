"""The people of a licence as a file: what the list shows, for whoever keeps it elsewhere. Who fetched it is noted."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from elearn.accounts.signing import current_person
from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.core.spreadsheets import CSV, XLSX, as_csv, as_xlsx
from elearn.home.buyer.pages import bp, licence_row, municipality
from elearn.home.buyer.people import PersonRow, State, everybody
from elearn.home.buyer.wanted import wanted_people
from elearn.licensing.models import Licence
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import afterwards, current_session

EXPORTED = audit.kind("licensing.people.exported", "licence_id", "file", "people")


@bp.get("/licences/<int:licence_id>/people.csv")
@buyer
def people_csv(municipality_id: int, licence_id: int) -> Response:
    """Send the list as CSV."""
    licence = licence_row(licence_id).licence
    rows = list(_rows(licence))
    return _file(as_csv(_header(), rows), licence_id, "people.csv", CSV, len(rows))


@bp.get("/licences/<int:licence_id>/people.xlsx")
@buyer
def people_xlsx(municipality_id: int, licence_id: int) -> Response:
    """Send the list as an Excel workbook."""
    licence = licence_row(licence_id).licence
    rows = list(_rows(licence))
    return _file(as_xlsx(_header(), rows), licence_id, "people.xlsx", XLSX, len(rows))


def _file(content: bytes, licence_id: int, name: str, mimetype: str, people: int) -> Response:
    actor_id, municipality_id = current_person().id, municipality().id

    def note(session: Session) -> None:
        audit.record(
            session,
            EXPORTED,
            actor_id=actor_id,
            municipality_id=municipality_id,
            licence_id=licence_id,
            file=name,
            people=people,
        )

    afterwards(note)
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _header() -> list[str]:
    return [
        _("Name"),
        _("Email"),
        _("Department"),
        _("Sector"),
        _("State"),
        _("Invited"),
        _("Accepted"),
        _("Started"),
        _("Completed"),
        _("Seat held until"),
    ]


def _rows(licence: Licence) -> Iterator[list[str]]:
    states = {
        State.INVITED: _("Invited"),
        State.ACCEPTED: _("Accepted, not started"),
        State.IN_USE: _("In use"),
        State.COMPLETED: _("Completed"),
        State.CAME_BACK: _("The email came back"),
    }
    sectors = {code: str(name) for code, name in SECTORS.items()}
    for row in everybody(current_session(), municipality_scope(), licence, wanted_people()):
        yield _cells(row, states[row.state], sectors.get(row.sector or "", ""))


def _cells(row: PersonRow, state: str, sector: str) -> list[str]:
    seat = row.seat
    return [
        row.person.name,
        row.address,
        seat.department.name if seat.department else "",
        sector,
        state,
        _day(seat.invited_at),
        _day(seat.claimed_at),
        _day(seat.first_used_at),
        _day(row.completed_at),
        seat.holds_until.isoformat() if seat.holds_until else "",
    ]


def _day(instant: datetime | None) -> str:
    return clock.day_of(instant, municipality().country).isoformat() if instant else ""
