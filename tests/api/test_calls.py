"""What a municipality's HR system can do, and what it is refused."""

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.scope import MunicipalityScope
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.licensing.services import use_seat
from elearn.mail.models import Letter
from elearn.organisations.models import ApiToken, TokenScope
from elearn.organisations.services import add_department, revoke_token
from elearn.organisations.services import api_tokens as tokens_service
from tests.world import World

LISE = {"email": "lise@x.example", "name": "Lise"}
CALLS = [
    (TokenScope.LICENCES_READ, "GET", "/licences"),
    (TokenScope.SEATS_READ, "GET", "/licences/{licence}/seats"),
    (TokenScope.SEATS_READ, "GET", "/departments"),
    (TokenScope.SEATS_WRITE, "POST", "/licences/{licence}/seats"),
    (TokenScope.SEATS_WRITE, "POST", "/seats/{seat}/release"),
    (TokenScope.COMPLETIONS_READ, "GET", "/completions"),
]


def call(hr, world: World, method: str, path: str):
    side = world.ours
    path = path.format(licence=side.licence.id, seat=1)
    return hr.get(path) if method == "GET" else hr.post(path, {})


def test_licences_say_how_many_seats_are_free(hr, world: World) -> None:
    answer = hr.get("/licences")

    assert answer.status_code == 200
    (licence,) = answer.json["licences"]
    assert licence["id"] == world.ours.licence.id
    assert licence["seats"] == {"all": 5, "claimed": 1, "invited": 1, "free": 3}
    assert licence["starts_on"] == "2026-10-24"
    assert (answer.json["total"], answer.json["has_next"]) == (1, False)


def test_seats_tell_state_and_days_and_nothing_watched(hr, session, world: World) -> None:
    answer = hr.get(f"/licences/{world.ours.licence.id}/seats").json

    invited, claimed = answer["seats"]
    assert set(invited) == {
        "id", "licence_id", "person", "department_id", "sector", "state",
        "invited_on", "holds_until", "claimed_on", "started_on",
    }  # fmt: skip
    assert (invited["state"], invited["invited_on"], invited["claimed_on"]) == ("invited", "2026-11-23", None)
    assert (claimed["state"], claimed["claimed_on"], claimed["started_on"]) == ("claimed", "2026-11-23", None)
    assert claimed["person"] == {
        "id": world.ours.learner.id,
        "name": world.ours.learner.name,
        "email": "learner-ours@0710.example",
    }
    use_seat(session, seat_id=claimed["id"])
    session.commit()
    started = hr.get(f"/licences/{world.ours.licence.id}/seats").json["seats"][1]
    assert (started["state"], started["started_on"]) == ("started", "2026-11-23")


def test_giving_a_seat_twice_gives_one(hr, session, world: World) -> None:
    path = f"/licences/{world.ours.licence.id}/seats"

    first, again = hr.post(path, LISE), hr.post(path, LISE | {"email": "LISE@x.example"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.json["state"] == "invited"
    assert hr.get("/licences").json["licences"][0]["seats"]["free"] == 2
    letters = session.scalars(select(Letter).where(Letter.recipient.icontains("lise@"))).all()
    assert [letter.kind for letter in letters] == ["licensing/invitation"]
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "api.seat.given")).one()
    assert event.actor_id is None
    assert event.municipality_id == world.ours.municipality.id
    assert event.data["token_id"] == session.scalars(select(ApiToken.id)).one()
    assert event.data["seat_id"] == first.json["id"]


def test_without_a_free_seat_nothing_changes(hr, world: World) -> None:
    path = f"/licences/{world.ours.licence.id}/seats"
    for number in range(3):
        assert hr.post(path, {"email": f"p{number}@x.example", "name": "P"}).status_code == 201

    refused = hr.post(path, LISE)

    assert refused.status_code == 409
    assert refused.json["code"] == "no-free-seat"
    assert refused.content_type == "application/problem+json"
    assert hr.post(path, {"email": "p0@x.example", "name": "P"}).status_code == 200


def test_an_ended_licence_takes_nobody(hr, clock, world: World) -> None:
    clock.advance(days=400)

    assert hr.post(f"/licences/{world.ours.licence.id}/seats", LISE).json["code"] == "licence-ended"


def test_a_seat_is_released_from_its_person_only(hr, session, world: World) -> None:
    seat = world.ours.seat(session, world.ours.invited)
    path = f"/seats/{seat.id}/release"

    assert hr.post(path, {"person_id": world.ours.learner.id}).json["code"] == "seat-not-held"
    assert hr.post(path, {"person_id": world.ours.invited.id}).status_code == 204
    assert hr.post(path, {"person_id": world.ours.invited.id}).json["code"] == "seat-not-held"
    assert session.get_one(Seat, seat.id, populate_existing=True).person_id is None
    assert session.scalars(select(AuditEvent).where(AuditEvent.kind == "api.seat.released")).one().data["token_id"]


def test_used_seats_are_released_within_the_allowance(hr, session, world: World) -> None:
    session.get_one(Licence, world.ours.licence.id).handovers_allowed = 0
    seat = world.ours.seat(session)
    use_seat(session, seat_id=seat.id)
    session.commit()

    refused = hr.post(f"/seats/{seat.id}/release", {"person_id": world.ours.learner.id})

    assert refused.status_code == 409
    assert refused.json["code"] == "handovers-used-up"
    assert session.get_one(Seat, seat.id, populate_existing=True).person_id == world.ours.learner.id


def test_completions_are_those_of_people_who_claimed_a_seat(hr, session, world: World) -> None:
    for side in (world.ours, world.theirs):
        for person in (side.learner, side.invited):
            session.add(
                Completion(
                    person_id=person.id,
                    course_id=side.course.id,
                    course_version_id=side.outline(session).version_id,
                    completed_at=product_clock.now(),
                )
            )
    session.commit()

    answer = hr.get("/completions").json

    assert [each["person"]["id"] for each in answer["completions"]] == [world.ours.learner.id]
    assert answer["completions"][0]["completed_on"] == "2026-11-23"
    assert answer["completions"][0]["course"]["id"] == world.ours.course.id


def test_departments_are_the_municipalitys_own(hr, session, world: World) -> None:
    ids = []
    for side in (world.ours, world.theirs):
        scope = MunicipalityScope(side.municipality.id, None)
        ids.append(add_department(session, scope=scope, name=f"D-{side.house.slug}", by_id=None, sector="school").id)
    session.commit()

    assert hr.get("/departments").json == {
        "departments": [{"id": ids[0], "name": "D-ours", "parent_id": None, "sector": "school"}]
    }
    path = f"/licences/{world.ours.licence.id}/seats"
    assert hr.post(path, LISE | {"department_id": ids[1]}).json["code"] == "no-such-department"
    assert hr.post(path, LISE | {"department_id": ids[0]}).json["department_id"] == ids[0]


@pytest.mark.parametrize(("scope", "method", "path"), CALLS)
def test_another_scope_is_refused(hr_of, world: World, scope: TokenScope, method: str, path: str) -> None:
    others = hr_of(world.ours, *(set(TokenScope) - {scope}))
    refused = call(others, world, method, path)
    assert (refused.status_code, refused.json["code"]) == (403, "missing-scope")

    allowed = call(hr_of(world.ours, scope), world, method, path)
    assert allowed.status_code in (200, 422)


@pytest.mark.parametrize(("_scope", "method", "path"), CALLS)
def test_without_a_valid_token_nothing_is_told(hr, world: World, browser, _scope, method: str, path: str) -> None:
    hr.secret = "wrong"
    refused = call(hr, world, method, path)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"

    buyer = browser().signed_in_as(world.ours.buyer)
    full = f"/api/v1{path}".format(licence=world.ours.licence.id, seat=1)
    by_cookie = buyer.open(full, method=method, json={} if method == "POST" else None)
    assert by_cookie.status_code == 401, "a cookie opens nothing"


@pytest.mark.parametrize(("_scope", "method", "path"), CALLS)
def test_no_cookie_is_set(hr, world: World, _scope, method: str, path: str) -> None:
    answer = call(hr, world, method, path)

    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers or "Cookie" not in answer.headers["Vary"]


def test_a_revoked_token_is_dead_at_once(hr, session, world: World) -> None:
    assert hr.get("/licences").status_code == 200
    scope = MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id)
    revoke_token(session, scope=scope, token_id=session.scalars(select(ApiToken.id)).one(), by_id=None)
    session.commit()

    assert hr.get("/licences").status_code == 401


def test_what_is_others_is_nowhere(hr, session, world: World) -> None:
    theirs = world.theirs
    before = theirs.seat(session, theirs.invited).person_id

    for there, nowhere in [
        (f"/licences/{theirs.licence.id}/seats", "/licences/999999/seats"),
    ]:
        assert hr.get(there).status_code == 404
        assert hr.get(there).json == hr.get(nowhere).json
        assert hr.post(there, LISE).json == hr.post(nowhere, LISE).json
    seat = theirs.seat(session, theirs.invited)
    assert hr.post(f"/seats/{seat.id}/release", {"person_id": theirs.invited.id}).status_code == 404
    assert session.get_one(Seat, seat.id, populate_existing=True).person_id == before


def test_the_last_day_of_use_is_noted(hr, session) -> None:
    def last_used():
        return session.scalars(select(ApiToken).execution_options(populate_existing=True)).one().last_used_on

    assert last_used() is None
    hr.get("/licences")
    assert str(last_used()) == "2026-11-23"


def test_too_many_calls_are_slowed_down(hr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_service, "CALLS", tokens_service.Limit("api.calls", attempts=3, window_s=60))

    statuses = [hr.get("/licences").status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]
    assert int(hr.get("/licences").headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/licences", 405),
        ("GET", "/nowhere", 404),
        ("POST", "/nowhere", 404),
        ("GET", "/licences?page=0", 422),
        ("GET", "/licences?page=x", 422),
        ("GET", "/licences/99999999999999999999/seats", 404),
    ],
)
def test_every_refusal_is_a_problem(hr, method: str, path: str, status: int) -> None:
    answer = hr.client.open(f"/api/v1{path}", method=method, headers=hr._headers())

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) >= {"type", "title", "status", "detail", "code"}
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no-at", "name": "Lise"},
        {"email": "søren@x.example", "name": "Søren"},
        {"email": "lise@x.example"},
        {"email": "lise@x.example", "name": "Line\nbreak"},
        {"email": "lise@x.example\n", "name": "Lise"},
        {"email": "lise@x.example", "name": " "},
        LISE | {"sector": "astronaut"},
        LISE | {"language": "xx"},
        LISE | {"department_id": 1.5},
        LISE | {"role": "buyer"},
    ],
)
def test_wrong_fields_are_named(hr, session, world: World, wrong: dict) -> None:
    answer = hr.post(f"/licences/{world.ours.licence.id}/seats", wrong)

    assert answer.status_code == 422
    assert answer.json["errors"]["json"]
    assert hr.get("/licences").json["licences"][0]["seats"]["free"] == 3


def test_json_that_is_none_is_refused(hr, world: World) -> None:
    answer = hr.client.post(
        f"/api/v1/licences/{world.ours.licence.id}/seats",
        data="{",
        headers=hr._headers() | {"Content-Type": "application/json"},
    )

    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


def test_the_guide_describes_every_call(app, anonymous) -> None:
    page = anonymous.page("/api")
    described = anonymous.get("/api/v1/openapi.json").json

    assert described["openapi"] == "3.1.0"
    shown = {code.text for code in page.select("h3 code")}
    assert shown == {
        f"{method.upper()} {path}"
        for path, calls in described["paths"].items()
        for method in calls
        if method in ("get", "post")
    }
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert len(described["paths"]) == len(routes)


def test_a_buyer_makes_a_token_sees_it_once_and_revokes_it(browser, app, session, world: World) -> None:
    buyer = browser().signed_in_as(world.ours.buyer)
    home = f"/municipalities/{world.ours.municipality.id}/settings/tokens"
    assert buyer.press(home, name="HR").status_code == 422

    made = buyer.press(home, name="HR system", scopes=["licences:read"])
    secret = made.text.split('id="secret"', 1)[1].split(">", 1)[1].split("<", 1)[0]

    assert len(secret) == 32
    assert secret not in buyer.page(home).text
    assert "HR system" in buyer.page(home).text
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/licences", headers=headers).status_code == 200
    assert "last used on 23 November" in buyer.page(home).text
    token = session.scalars(select(ApiToken)).one()
    assert secret not in str(vars(token))
    stranger = browser().signed_in_as(world.theirs.buyer)
    there = f"/municipalities/{world.theirs.municipality.id}/settings/tokens"
    assert stranger.press(f"{there}/{token.id}/revoke").status_code == 404
    buyer.press(f"{home}/{token.id}/revoke")
    assert app.test_client().get("/api/v1/licences", headers=headers).status_code == 401
    noted = select(AuditEvent.kind).where(AuditEvent.kind.like("organisations.api_token.%")).order_by(AuditEvent.id)
    assert session.scalars(noted).all() == ["organisations.api_token.made", "organisations.api_token.revoked"]
