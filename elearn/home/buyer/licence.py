"""One licence as its buyer sees it: seats, what waits, people, history."""

from dataclasses import dataclass
from datetime import timedelta

from flask import request, url_for

from elearn.core import clock
from elearn.home.buyer.choices import department_choices, sector_choices
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.buyer.people import State, Wanted, people
from elearn.home.buyer.waiting import line, waiting
from elearn.home.lists import page_number, searched_text
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists, services
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session

MOST_FREED = 500


@bp.get("/licences/<int:licence_id>")
@buyer
def licence(municipality_id: int, licence_id: int) -> str:
    """Show a licence: its seats drawn and counted, what waits for the buyer, and the people on them."""
    row = licence_row(licence_id)
    session, scope = current_session(), municipality_scope()
    wanted, asking = wanted_people(), line(session, scope, licence_id)
    return render_licence(
        "buyer/licence.html",
        row,
        "buyer.licence",
        cells=seat_cells(row.counts),
        people=people(
            session, scope, row.licence, wanted, held=row.counts.claimed + row.counts.invited, number=page_number()
        ),
        wanted=wanted,
        line=asking,
        waiting=waiting(session, scope, row, asking, line_page=url_for("buyer.waiting_line", licence_id=licence_id)),
        freed=_freed(licence_id),
        query=shown_query(),
        departments=department_choices(session, scope),
        sectors=SECTORS,
        sector_choices=sector_choices(),
    )


@bp.get("/licences/<int:licence_id>/history")
@buyer
def licence_history(municipality_id: int, licence_id: int) -> str:
    """Show what happened to a licence's seats, and by whom."""
    row = licence_row(licence_id)
    return render_licence(
        "buyer/history.html",
        row,
        "buyer.licence_history",
        lines=seat_lists.history(current_session(), municipality_scope(), licence_id, number=page_number()),
    )


@dataclass(frozen=True)
class FreedSeats:
    """Seats that were taken back a moment ago."""

    number: int
    undoable: list[int]
    """Those that can still be given back to whoever had claimed them."""


def _freed(licence_id: int) -> FreedSeats:
    asked = request.args.getlist("freed", type=int)[:MOST_FREED]
    free = seat_lists.free_seats(current_session(), municipality_scope(), licence_id, asked) if asked else []
    return FreedSeats(len(free), list(services.undoable_among(current_session(), free)) if free else [])


def wanted_people() -> Wanted:
    """Return whom the list is asked to show; what we do not know narrows nothing."""
    state, sector = request.args.get("state"), request.args.get("sector")
    days = request.args.get("unanswered", type=int)
    return Wanted(
        text=searched_text(),
        department_id=request.args.get("department", type=int),
        sector=sector if sector in SECTORS else None,
        state=State(state) if state in list(State) else State.ALL,
        sent_before=clock.now() - timedelta(days=min(max(days, 1), 1000)) if days is not None else None,
    )


def shown_query() -> dict[str, str]:
    """Return the list's own part of the address, so that its other pages and its export show the same people."""
    names = ("q", "department", "sector", "state", "unanswered")
    return {name: request.args[name] for name in names if request.args.get(name)}
