"""The leader's page: the people of the own departments and those below, and how the departments stand."""

from flask import render_template, request

from elearn.catalogue.queries import titles
from elearn.core.i18n import language
from elearn.home.leader.pages import bp
from elearn.home.leader.queries import State, Wanted, buyers_to_ask, department_counts, led_people
from elearn.home.lists import page_number, searched_text
from elearn.organisations.access import department_scope, leader
from elearn.organisations.queries import departments
from elearn.web.session import current_session


@bp.get("")
@leader
def start(municipality_id: int) -> str:
    """Show who of the own departments is invited, has started and is through, with the day of each."""
    session, scope = current_session(), department_scope()
    wanted, counts = wanted_people(), department_counts(session, scope)
    people = led_people(session, scope, wanted, total=counts.all, number=page_number())
    led = departments(session, scope)
    return render_template(
        "leader/start.html",
        people=people,
        counts=counts,
        wanted=wanted,
        departments=led,
        titles=titles(session, scope, {row.seat.licence.course_id for row in people.rows}, language()),
        buyers=buyers_to_ask(session, scope),
        query={name: request.args[name] for name in ("q", "department", "state") if request.args.get(name)},
    )


def wanted_people() -> Wanted:
    """Return whom the page is asked to show; what we do not know narrows nothing."""
    state = request.args.get("state")
    return Wanted(
        text=searched_text(),
        department_id=request.args.get("department", type=int),
        state=State(state) if state in list(State) else State.ALL,
    )
