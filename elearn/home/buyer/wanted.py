"""Whom the list of people on a licence is asked to show: its own part of the address."""

from datetime import timedelta

from flask import request

from elearn.core import clock
from elearn.home.buyer.people import State, Wanted
from elearn.home.lists import searched_text
from elearn.organisations.sectors import SECTORS


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
