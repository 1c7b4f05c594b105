"""Access rules that ask for a membership. A stranger gets 404, as if the page did not exist."""

from flask import abort, g
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.accounts.signing import current_person, is_fresh_for_operators
from elearn.core.scope import HouseScope, PersonScope
from elearn.organisations.queries import owned_house
from elearn.web.access import ask_to_sign_in, rule
from elearn.web.session import current_session


def person_scope() -> PersonScope:
    """Return the signed-in person's scope."""
    return PersonScope(current_person().id)


def house_scope() -> HouseScope:
    """Return the scope of the owner who asks; only for views whose rule is `owner`."""
    scope: HouseScope = g.house_scope
    return scope


def _owner() -> Response | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    house = owned_house(current_session(), person_scope())
    if house is None:
        abort(404)
    if not is_fresh_for_operators():
        return ask_to_sign_in()
    g.house_scope = HouseScope(house.id, current_person().id)
    g.house = house
    return None


owner = rule("owner", _owner)
"""An owner of a course house; `house_scope()` says which."""
