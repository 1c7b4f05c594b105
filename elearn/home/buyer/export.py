"""The people of a licence as a file: what the list shows, for whoever keeps it elsewhere."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response

from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.home.buyer.list_files import send_list
from elearn.home.buyer.pages import bp, licence_row, municipality
from elearn.home.buyer.people import PersonRow, State, everybody
from elearn.home.buyer.wanted import wanted_people
from elearn.licensing.models import Licence
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session

EXPORTED = audit.kind("licensing.people.exported", "licence_id", "file", "people")


@bp.get("/licences/<int:licence_id>/people.csv")
@buyer
def people_csv(municipality_id: int, licence_id: int) -> Response:
    """Send the list as CSV."""
    return _send(licence_id, "people.csv")


@bp.get("/licences/<int:licence_id>/people.xlsx")
@buyer
def people_xlsx(municipality_id: int, licence_id: int) -> Response:
    """Send the list as an Excel workbook."""
    return _send(licence_id, "people.xlsx")


def _send(licence_id: int, name: str) -> Response:
    licence = licence_row(licence_id).licence
    return send_list(EXPORTED, name, _header(), _rows(licence), licence_id=licence.id)


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
