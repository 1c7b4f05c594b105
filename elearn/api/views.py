"""The API's routes, its description, and the page that explains it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask
from flask import Flask, Response, jsonify, render_template
from flask_smorest import Blueprint
from marshmallow import RAISE
from werkzeug.exceptions import UnprocessableEntity

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.models import Person
from elearn.api import schemas, services
from elearn.api.access import municipality, token, token_id, token_scope
from elearn.api.description import calls, described, new_api
from elearn.api.services import NoSuchDepartment, Wanted
from elearn.catalogue.queries import titles
from elearn.core import clock
from elearn.core.i18n import language
from elearn.learning.queries import completions_in
from elearn.licensing import seat_lists
from elearn.licensing.errors import HandoversUsedUp, LicenceEnded, NoFreeSeat, SeatNotHeld
from elearn.licensing.seat_lists import HeldSeat, Page
from elearn.organisations import queries
from elearn.organisations.models import TokenScope
from elearn.web import access
from elearn.web.problems import problem
from elearn.web.security import csrf
from elearn.web.session import current_session, installation

bp = Blueprint("api", __name__, url_prefix="/api/v1", description="Licences, seats, completions, departments.")
pages = flask.Blueprint("api_pages", __name__, template_folder="templates")

LANGUAGE_OF = {"DK": "da", "NO": "nb"}


def init_app(app: Flask) -> None:
    """Add the API to the application. It reads no cookie, so forms' tokens have nothing to protect."""
    api = new_api()
    api.init_app(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(bp)
    csrf.exempt(bp)
    app.register_blueprint(pages)
    app.extensions["elearn.api"] = described(api)


def _refuses(*names: str) -> Callable[[Any], Any]:
    """Describe the refusals every call may meet, and some of its own."""

    def describe(view: Any) -> Any:
        for name in ("BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN", "TOO_MANY_REQUESTS", *names):
            view = bp.alt_response(HTTPStatus[name], response=name)(view)
        return view

    return describe


@bp.errorhandler(UnprocessableEntity)
def wrong_fields(error: UnprocessableEntity) -> Response:
    """Say which fields are wrong, and why."""
    found = getattr(error, "data", {}).get("messages", {})
    return problem(422, "Some fields are wrong; see errors.", errors=found)


@bp.route("/licences")
@token(TokenScope.LICENCES_READ)
@bp.arguments(schemas.PageArguments, location="query", unknown=RAISE)
@bp.response(200, schemas.LicencePage)
@_refuses()
def licences(asked: dict[str, Any]) -> dict[str, Any]:
    """List licences with their seats counted, those that end last first."""
    found = seat_lists.licences(current_session(), token_scope(), number=asked["page"])
    named = _titles({row.licence.course_id for row in found.rows})
    shown = [
        {
            "id": row.licence.id,
            "course": {"id": row.licence.course_id, "title": named[row.licence.course_id]},
            "starts_on": row.licence.starts_on,
            "ends_on": row.licence.ends_on,
            "seats": row.counts,
        }
        for row in found.rows
    ]
    return _page(found, "licences", shown)


@bp.route("/departments")
@token(TokenScope.SEATS_READ)
@bp.response(200, schemas.Departments)
@_refuses()
def departments() -> dict[str, Any]:
    """List departments; parent_id makes the tree."""
    return {"departments": queries.departments(current_session(), token_scope())}


@bp.route("/licences/<int:licence_id>/seats")
@token(TokenScope.SEATS_READ)
@bp.arguments(schemas.PageArguments, location="query", unknown=RAISE)
@bp.response(200, schemas.SeatPage)
@_refuses("NOT_FOUND")
def seats(asked: dict[str, Any], licence_id: int) -> dict[str, Any]:
    """List who holds the seats of a licence, by name."""
    session, scope = current_session(), token_scope()
    seat_lists.licence(session, scope, licence_id)
    found = seat_lists.held_seats(session, scope, licence_id=licence_id, number=asked["page"])
    return _page(found, "seats", [_seat(held) for held in found.rows])


@bp.route("/licences/<int:licence_id>/seats", methods=["POST"])
@token(TokenScope.SEATS_WRITE)
@bp.arguments(schemas.NewSeat)
@bp.response(201, schemas.Seat, description="The invitation is on its way.")
@bp.alt_response(200, schema=schemas.Seat, description="The person has this seat already; nothing has changed.")
@_refuses("NOT_FOUND", "CONFLICT")
def give_seat(asked: dict[str, Any], licence_id: int) -> tuple[dict[str, Any], int] | Response:
    """Give a person a seat: it is held, and an email with an invitation goes out. Asking again changes nothing.

    409 with the code no-free-seat or licence-ended.
    """
    wanted = Wanted(**{"language": LANGUAGE_OF[municipality().country]} | asked)
    try:
        given = services.give_seat(
            current_session(),
            installation().tokens,
            scope=token_scope(),
            token_id=token_id(),
            licence_id=licence_id,
            wanted=wanted,
        )
    except NotAnAddress:
        return problem(
            422, "This is no address that a letter could reach.", errors={"json": {"email": ["No address."]}}
        )
    except NoSuchDepartment:
        return problem(409, "There is no such department.", code="no-such-department")
    except NoFreeSeat:
        return problem(409, "No seat of this licence is free.", code="no-free-seat")
    except LicenceEnded:
        return problem(409, "The licence has ended.", code="licence-ended")
    return _seat(given.held), 201 if given.is_new else 200


@bp.route("/seats/<int:seat_id>/release", methods=["POST"])
@token(TokenScope.SEATS_WRITE)
@bp.arguments(schemas.Release)
@bp.response(204, description="The seat is free. What the person has watched is kept.")
@_refuses("NOT_FOUND", "CONFLICT")
def release_seat(asked: dict[str, Any], seat_id: int) -> Response:
    """Take a seat back from a person; a used one counts against the licence's allowance.

    409 with the code seat-not-held or handovers-used-up.
    """
    try:
        services.release_seat(
            current_session(),
            scope=token_scope(),
            token_id=token_id(),
            seat_id=seat_id,
            person_id=asked["person_id"],
        )
    except SeatNotHeld:
        return problem(409, "The seat is not this person’s any more. Nothing has changed.", code="seat-not-held")
    except HandoversUsedUp:
        return problem(409, "As many used seats have changed hands as the licence allows.", code="handovers-used-up")
    return Response(status=204)


@bp.route("/completions")
@token(TokenScope.COMPLETIONS_READ)
@bp.arguments(schemas.PageArguments, location="query", unknown=RAISE)
@bp.response(200, schemas.CompletionPage)
@_refuses()
def completions(asked: dict[str, Any]) -> dict[str, Any]:
    """List who, of those who hold a seat, has completed its course, and on which day; the oldest first."""
    found = completions_in(current_session(), token_scope(), number=asked["page"])
    named = _titles({completion.course_id for completion in found.rows})
    shown = [
        {
            "person": _person(completion.person),
            "course": {"id": completion.course_id, "title": named[completion.course_id]},
            "completed_on": clock.day_of(completion.completed_at, municipality().country),
        }
        for completion in found.rows
    ]
    return _page(found, "completions", shown)


@pages.get("/api/v1/openapi.json")
@access.anyone
def openapi() -> Response:
    """Describe the API for programs."""
    return jsonify(flask.current_app.extensions["elearn.api"])


@pages.get("/api")
@access.anyone
def guide() -> str:
    """Describe the API for people."""
    return render_template(
        "api/guide.html",
        calls=calls(flask.current_app.extensions["elearn.api"]),
        public_url=installation().settings.public_url,
    )


def _titles(course_ids: set[int]) -> dict[int, str]:
    return titles(current_session(), token_scope(), course_ids, language())


def _page(found: Page[Any], name: str, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: shown, "total": found.total, "page": found.number, "has_next": found.has_next}


def _seat(held: HeldSeat) -> dict[str, Any]:
    seat, country = held.seat, municipality().country
    days = {
        name: clock.day_of(instant, country) if instant else None
        for name, instant in (
            ("invited_on", seat.invited_at),
            ("claimed_on", seat.claimed_at),
            ("started_on", seat.first_used_at),
        )
    }
    return {
        "id": seat.id,
        "licence_id": seat.licence_id,
        "person": _person(held.person),
        "department_id": seat.department_id,
        "sector": held.sector,
        "state": "started" if seat.first_used_at else str(seat.state),
        "holds_until": seat.holds_until,
        **days,
    }


def _person(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "email": person.address}
