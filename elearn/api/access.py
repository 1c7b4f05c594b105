"""The API's access rule: a municipality's token in the Authorization header, and no cookie."""

from collections.abc import Callable

from flask import g, request
from werkzeug.wrappers import Response

from elearn.core.scope import MunicipalityScope
from elearn.organisations import services
from elearn.organisations.models import Municipality, TokenScope
from elearn.web.access import View, rule
from elearn.web.problems import problem
from elearn.web.session import afterwards, current_session


def token(scope: TokenScope) -> Callable[[View], View]:
    """Let in whoever holds a token of a municipality with this scope; `token_scope()` says of which."""
    return rule("token", lambda: _check(scope))


def token_scope() -> MunicipalityScope:
    """Return the scope of the municipality whose token asks."""
    scope: MunicipalityScope = g.token_scope
    return scope


def token_id() -> int:
    """Return which token asks: it is the actor in the audit trail."""
    found: int = g.token_id
    return found


def municipality() -> Municipality:
    """Return the municipality whose token asks."""
    found: Municipality = g.municipality
    return found


def _check(scope: TokenScope) -> Response | None:
    given = request.authorization
    found = None
    if given is not None and given.type == "bearer" and given.token:
        found = services.find_token(current_session(), given.token)
    if found is None:
        refused = problem(401, "Send a valid token: Authorization: Bearer <token>.")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    asks, whose = found
    used, country = asks.id, whose.country
    afterwards(lambda session: services.note_use(session, token_id=used, country=country))
    if scope not in asks.scopes:
        return problem(403, f"The token lacks the scope {scope}.", code="missing-scope")
    g.token_id, g.municipality = asks.id, whose
    g.token_scope = MunicipalityScope(whose.id, None)
    return None
