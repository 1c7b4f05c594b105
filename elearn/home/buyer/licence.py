"""One licence as its buyer sees it: seats, what waits, people, history."""

from dataclasses import dataclass

from flask import request, url_for

from elearn.billing.price_panel import is_for_sale
from elearn.home.buyer.bulk import MOST_TICKED
from elearn.home.buyer.choices import department_choices, sector_choices
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.buyer.people import people
from elearn.home.buyer.waiting import waiting
from elearn.home.buyer.wanted import shown_query, wanted_people
from elearn.home.lists import page_number
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists, services
from elearn.licensing.presses import free_seats_of
from elearn.licensing.waiting_lists import waiting_counts
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session


@bp.get("/licences/<int:licence_id>")
@buyer
def licence(municipality_id: int, licence_id: int) -> str:
    """Show a licence: its seats drawn and counted, what waits for the buyer, and the people on them."""
    row = licence_row(licence_id)
    session, scope = current_session(), municipality_scope()
    wanted, asking = wanted_people(), waiting_counts(session, scope, [licence_id])[licence_id]
    return render_licence(
        "buyer/licence.html",
        row,
        "buyer.licence",
        sells=is_for_sale(session, row.licence.course),
        cells=seat_cells(row.counts),
        people=people(
            session, scope, row.licence, wanted, held=row.counts.claimed + row.counts.invited, number=page_number()
        ),
        wanted=wanted,
        line=asking,
        waiting=waiting(session, scope, row, asking, line_page=url_for("buyer.waiting_line", licence_id=licence_id)),
        freed=_freed(licence_id),
        query=shown_query(),
        most_ticked=MOST_TICKED,
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
    session, press = current_session(), request.args.get("press", "")
    free = free_seats_of(session, municipality_scope(), licence_id, press, most=MOST_TICKED)
    return FreedSeats(len(free), list(services.undoable_among(session, free)) if free else [])
