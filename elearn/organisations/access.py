"""Access rules that ask for a membership. A stranger gets 404, as if the page did not exist."""

from flask import abort, flash, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.accounts.signing import (
    ask_for_second_factor,
    current_person,
    is_fresh_for_operators,
    lacks_second_step,
)
from elearn.core.i18n import gettext as _
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope, PersonScope
from elearn.organisations.models import Municipality, Role
from elearn.organisations.queries import departments_led, municipalities_as, owned_house
from elearn.web.access import ask_to_sign_in, rule
from elearn.web.session import current_session, installation


def person_scope() -> PersonScope:
    """Return the signed-in person's scope."""
    return PersonScope(current_person().id)


def house_scope() -> HouseScope:
    """Return the scope of the owner who asks; only for views whose rule is `owner`."""
    scope: HouseScope = g.house_scope
    return scope


def municipality_scope() -> MunicipalityScope:
    """Return the scope of the buyer who asks; only for views whose rule is `buyer`."""
    scope: MunicipalityScope = g.municipality_scope
    return scope


def department_scope() -> DepartmentScope:
    """Return the scope of the leader who asks; only for views whose rule is `leader`."""
    scope: DepartmentScope = g.department_scope
    return scope


def _buyer() -> Response | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    g.municipality = _municipality_as(Role.BUYER)
    if (question := _ask_operator(must_have_second_factor=False)) is not None:
        return question
    g.municipality_scope = MunicipalityScope(g.municipality.id, current_person().id)
    return None


def _ask_operator(*, must_have_second_factor: bool) -> Response | None:
    """Ask an operator for what still lacks: a fresh sign-in, and a second factor from whoever has or must have one."""
    if not is_fresh_for_operators():
        return ask_to_sign_in()
    return ask_for_second_factor(demanded=must_have_second_factor)


def ask_buyer(page: str) -> Response | None:
    """Ask whoever acts as a buyer outside the console for what the console asks for, and lead back to `page`."""
    door = door_that_lacks()
    if door is None:
        return None
    if request.method != "GET":
        flash(_("Show that it is you first. Then carry on here."))
    return redirect(url_for(door, next=page), 303)


def door_that_lacks() -> str | None:
    """Return the endpoint of the door that a buyer has not gone through here; None when they may act as one."""
    if not is_fresh_for_operators():
        return "accounts.sign_in"
    return "accounts.second_step" if lacks_second_step() else None


def _leader() -> Response | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    g.municipality = _municipality_as(Role.LEADER)
    led = departments_led(current_session(), person_scope(), g.municipality.id)
    g.department_scope = DepartmentScope(g.municipality.id, current_person().id, led)
    return None


def _municipality_as(role: Role) -> Municipality:
    """Return the municipality that stands in the URL; 404 unless the person is that to it."""
    wanted = (request.view_args or {})["municipality_id"]
    mine = g.municipalities = municipalities_as(current_session(), person_scope(), role)
    found = next((municipality for municipality in mine if municipality.id == wanted), None)
    if found is None:
        abort(404)
    return found


def _owner() -> Response | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    house = owned_house(current_session(), person_scope())
    if house is None:
        abort(404)
    if (question := _ask_operator(must_have_second_factor=not installation().settings.demo)) is not None:
        return question
    g.house_scope = HouseScope(house.id, current_person().id)
    g.house = house
    return None


owner = rule("owner", _owner)
"""An owner of a course house; `house_scope()` says which."""

buyer = rule("buyer", _buyer)
"""A buyer of the municipality whose id stands in the URL; `municipality_scope()` says which."""

leader = rule("leader", _leader)
"""A leader in the municipality whose id stands in the URL; `department_scope()` says of which departments."""
