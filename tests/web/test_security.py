"""Headers, cookies, CSRF and hostile requests, on every kind of answer."""

from pathlib import Path

import pytest

from elearn.app import Elearn, create_app
from elearn.core.db import Database
from tests.client import PageClient
from tests.conftest import settings_in

HOUSE = "https://kursus.example.dk"


@pytest.fixture
def secure(tmp_path: Path, database: Database) -> Elearn:
    """The app as people reach it over https."""
    app = create_app(settings_in(tmp_path / "data", ELEARN_PUBLIC_URL=HOUSE))
    app.extensions["elearn"].database = database
    app.test_client_class = PageClient
    return app


ANSWERS = [
    ("/sign-in", 200),
    ("/nowhere", 404),
    ("/owner", 303),
    ("/sign-in/not-a-token", 410),
    ("/leave", 303),
    ("/static/build/manifest.json", 200),
    ("/media/1/p/master.m3u8", 403),
    ("/courses/" + "x" * 300, 404),
]


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(secure: Elearn, path: str, status: int) -> None:
    response = secure.test_client().get(path, base_url=HOUSE)

    assert response.status_code == status
    if path.startswith("/static/"):
        response.close()
        return  # files of ours without anybody's data, sent before the app
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert response.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Access-Control-Allow-Origin" not in response.headers


def test_pages_let_no_foreign_script_style_or_base_in(anonymous: PageClient) -> None:
    policy = dict(
        part.split(" ", 1) for part in anonymous.get("/sign-in").headers["Content-Security-Policy"].split("; ")
    )

    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert "http" not in " ".join(policy.values())


def test_each_answer_has_a_nonce_of_its_own(anonymous: PageClient) -> None:
    policies = {anonymous.get("/sign-in").headers["Content-Security-Policy"] for _ in range(3)}

    assert len(policies) == 3


def test_http_on_this_machine_promises_no_https(anonymous: PageClient) -> None:
    assert "Strict-Transport-Security" not in anonymous.get("/sign-in").headers


def test_over_https_the_session_cookie_is_locked(secure: Elearn) -> None:
    response = secure.test_client().get("/sign-in", base_url=HOUSE)

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_over_https_forms_work_without_a_referer(secure: Elearn) -> None:
    client = secure.test_client()
    page = client.get("/sign-in", base_url=HOUSE).text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    response = client.post(
        "/sign-in",
        base_url=HOUSE,
        data={"csrf_token": token, "email": "someone@x.example"},
        headers={"Origin": HOUSE, "Sec-Fetch-Site": "same-origin"},
    )

    assert response.status_code == 303


def test_a_write_needs_the_browsers_token(learner: PageClient) -> None:
    assert learner.post("/language", data={"language": "da"}).status_code == 400
    assert learner.post("/language", data={"language": "da", "csrf_token": "wrong"}).status_code == 400
    assert learner.press("/language", language="da").status_code == 303


def test_another_browsers_token_is_refused(browser) -> None:
    mine, theirs = browser(), browser()
    mine.csrf_token()

    assert mine.post("/language", data={"language": "da", "csrf_token": theirs.csrf_token()}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_write_from_another_site_is_refused_even_with_a_token(learner: PageClient, headers: dict[str, str]) -> None:
    data = {"language": "da", "csrf_token": learner.csrf_token()}

    assert learner.post("/language", data=data, headers=headers).status_code == 403


def test_another_sites_form_signs_nobody_out(browser) -> None:
    """It comes without our cookie, so a session set in the answer would take the place of the person's own."""
    answer = browser().post("/language", data={"language": "da"}, headers={"Origin": "https://evil.test"})

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_forged_host_never_reaches_a_letter(app: Elearn, world, session, installation) -> None:
    from elearn.jobs.queue import run_due
    from elearn.mail.models import Letter
    from elearn.mail.rendering import render

    app.test_client_class = PageClient
    client = app.test_client()
    page = client.get("/sign-in", base_url="http://evil.test").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.post("/sign-in", base_url="http://evil.test", data={"csrf_token": token, "email": "owner@ours.example"})
    run_due(installation)

    letters = [render(installation, letter).as_string() for letter in session.query(Letter)]
    assert letters
    assert not [text for text in letters if "evil.test" in text]


def test_redirects_do_not_repeat_a_forged_host(anonymous: PageClient) -> None:
    response = anonymous.get("/learn", base_url="http://evil.test")

    assert response.headers["Location"] == "/sign-in?next=/learn"


def test_forwarded_headers_are_believed_from_trusted_proxies_alone(tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-For": "6.6.6.6, 7.7.7.7", "X-Forwarded-Proto": "https"}
    seen = []
    for hops in ("0", "1"):
        app = create_app(settings_in(tmp_path / hops, ELEARN_TRUSTED_PROXIES=hops))
        app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
        app.test_client().get("/nowhere", headers=forwarded)

    assert seen == ["127.0.0.1", "7.7.7.7"]


HOSTILE_PATHS = [
    "/courses/%ff%fe",
    "/courses/%00",
    "/courses/a%00b",
    "/sign-in/%00",
    "/sign-in/%ed%a0%80",
    "/invitations/%00",
    "/certificates/%00",
    "/certificates/%ff",
    "/learn/99999999999999999999",
    "/learn/2147483648",
    "/learn/modules/9223372036854775808",
    "/learn/certificates/99999999999999999999.pdf",
    "/learn/posters/99999999999999999999.jpg",
    "/courses/hard-talks/modules/99999999999999999999",
    "/courses/%2e%2e/%2e%2e/etc/passwd",
    "/media/99999999999999999999/p/master.m3u8",
    "/media/1/p/..%2f..%2felearn.sqlite",
    "/certificates?code=%00",
    "/certificates?code=%ff",
    "/sign-in?next=%ff%00",
    "/owner/courses/1?version=99999999999999999999",
    "/owner/people?text=%00&page=99999999999999999999",
    "/owner/licences?text=%00&page=-1",
    "/owner/licences?page=99999999999999999999",
    "/owner/preview/1?course=99999999999999999999&version=0",
    "/owner/files/%00",
    "/owner/licences/1?filter=%00&text=%00",
    "/owner/seats/99999999999999999999",
    "/static/%00",
    "/static/..%2f..%2fconfig.py",
    "/demo/mail/%00",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_hostile_addresses_are_the_askers_fault(browser, world, path: str) -> None:
    for client in (browser(), browser().signed_in_as(world.ours.learner), browser().signed_in_as(world.ours.owner)):
        status = client.get(path).status_code
        assert status < 500, f"{path}: {status}"


BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"{",
    b"null",
    b"[]",
    b"[[[[[]]]]]",
    b'"text"',
    b"123",
    b"1e999",
    b'{"text": "\\ud800"}',
    b'{"text": "a\\u0000b"}',
    b'{"text": {"a": 1}}',
    b'{"text": NaN}',
    b'{"claims": "\\ud800", "id": "a", "seq": 1, "ranges": [], "position": 0}',
    b'{"claims": "a.b.c", "id": "\\u0000", "seq": 1, "ranges": [[0, 1e308]], "position": 1}',
    b'{"claims": 5, "language": ["da"]}',
    b'{"claims": null, "language": "\\u0000"}',
    b"[" * 100_000,
    b'{"text": "' + b"x" * 900_000 + b'"}',
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
def test_odd_json_is_the_askers_fault(learner: PageClient, world, session, body: bytes) -> None:
    module = world.ours.outline(session).modules[0]
    lesson = module.lessons[0].id
    token = learner.csrf_token()
    for path in (
        f"/learn/lessons/{lesson}/ticket",
        f"/learn/lessons/{lesson}/watched",
        f"/learn/modules/{module.id}/notes/a-child",
        "/leave",
        "/language",
    ):
        for kind in ("application/json", "text/plain"):
            response = learner.post(path, data=body, content_type=kind, headers={"X-CSRFToken": token})
            assert response.status_code < 500, f"{path} {kind}: {response.status_code}"


FIELDS = ["\x00", "a\x00b", "\ud800", "x" * 100_000, "a\r\nBcc: all@x.example", "{{7*7}}", "-1", "1e9", "NaN", "²"]


@pytest.mark.parametrize("value", FIELDS, ids=lambda value: repr(value[:20]))
def test_odd_fields_are_the_askers_fault(browser, world, session, value: str) -> None:
    learner, owner = browser().signed_in_as(world.ours.learner), browser().signed_in_as(world.ours.owner)
    module = world.ours.outline(session).modules[0]
    lesson, licence = module.lessons[0].id, world.ours.licence.id
    seat = world.ours.seat(session).id
    sent = [
        (learner, "/sign-in", ["email", "next"]),
        (learner, "/language", ["language", "next"]),
        (learner, "/learn/my-data/name", ["name", "next"]),
        (learner, f"/learn/modules/{module.id}/notes/a-child", ["text", "next"]),
        (learner, f"/learn/lessons/{lesson}/passages/memory/skip", ["spoken"]),
        (owner, f"/owner/licences/{licence}/give", ["email", "name", "language", "sector", "message"]),
        (owner, "/owner/licences/new", ["course", "municipality", "municipality_id", "seats", "starts_on", "reason"]),
        (owner, f"/owner/seats/{seat}/take-back", ["person"]),
        (owner, "/owner/files/hard-talks", ["restart", "version"]),
    ]
    body = value.encode("utf-8", "surrogatepass")
    for client, path, fields in sent:
        data = dict.fromkeys(fields, body) | {"csrf_token": client.csrf_token()}
        response = client.post(path, data=data)
        assert response.status_code < 500, f"{path}: {response.status_code}"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(learner: PageClient) -> None:
    response = learner.post("/sign-in", data={"email": "x" * 2_000_000, "csrf_token": learner.csrf_token()})

    assert response.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(anonymous: PageClient, method: str) -> None:
    assert anonymous.open("/sign-in", method=method).status_code in (400, 403, 405)
