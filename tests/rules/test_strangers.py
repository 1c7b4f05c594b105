"""One tenant never sees another (P6): every route x method x person x (theirs, mixed, nowhere) is driven.

Who holds a secret (a link's token, a certificate's code) may use it; those variables are left as they are.
"""

import re

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from elearn.app import Elearn
from elearn.core.scope import MunicipalityScope
from elearn.organisations.models import TokenScope
from elearn.organisations.services import make_token
from elearn.web.access import rule_of
from tests.client import PageClient
from tests.rules.field import SECRETS, Field, routes
from tests.world import World

PUBLIC = {
    "accounts.choose_language",
    "accounts.leave",
    "accounts.leave_at_once",
    "accounts.link_sent",
    "accounts.open_link",
    "accounts.sign_in",
    "accounts.sign_in_with_password",
    "accounts.sign_out",
    "accounts.signed_out",
    "accounts.use_link",
    "api_pages.guide",
    "api_pages.openapi",
    "billing.stripe_webhook",
    "billing.apply_for_place",
    "billing.ask_for_quote",
    "billing.campaign",
    "billing.confirm",
    "billing.course",
    "billing.order",
    "billing.order_sent",
    "billing.place",
    "billing.price",
    "billing.quote",
    "billing.quote_as_pdf",
    "demo.mail",
    "demo.people",
    "demo.sign_in",
    "feedback.at_occasion",
    "feedback.thanks_guest",
    "feedback.type_code",
    "home.accessibility",
    "home.help_lines",
    "home.privacy",
    "home.start",
    "learning.check_certificate",
    "learning.open_module",
    "learning.open_ticket",
    "learning.poster",
    "learning.verify_certificate",
    "learning.watched",
    "learning.worried",
    "licensing.accept_invitation",
    "licensing.decline_invitation",
    "licensing.declined",
    "licensing.invitation",
    "licensing.stop_reminders",
    "licensing.join",
    "licensing.join_link",
    "licensing.join_sent",
    "licensing.joining",
    "licensing.type_code",
    "media.check",
    "media.file",
    "personal_data.account_deleted",
    "personal_data.agreement_pdf",
    "operations.figures",
    "operations.health",
    "operations.ready",
    "personal_data.data_processing_agreement",
    "personal_data.suppliers",
}
"""What answers somebody who is not signed in. Whoever adds a route here has thought about it."""
BY_TICKET = {"learning.watched", "media.check", "media.file"}
OPEN_TO_ALL = {
    "billing.apply_for_place",
    "billing.ask_for_quote",
    "billing.campaign",
    "billing.course",
    "billing.order",
    "billing.price",
    "learning.open_module",
    "learning.open_ticket",
}
"""Public pages: whole sets of theirs are as public as ours; mixtures still lead nowhere."""
BODIES = {
    "api.give_seat": {"email": "hired@x.example", "name": "Hired"},
    "api.release_seat": {"person_id": 1},
    "learning.ticket": {"player": "p", "claims": None, "language": "da"},
    "learning.open_ticket": {"player": "p", "claims": None, "language": "da"},
    "learning.preview_ticket": {"player": "p", "claims": None, "language": "da"},
    "learning.save_note": {"text": "mine"},
}
"""JSON that the route understands, so that only the ids can be the reason of a refusal."""
PIECE = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
TUS = {"uploads.send": PIECE | {"Tus-Resumable": "1.0.0"}, "uploads.drop": {"Tus-Resumable": "1.0.0"}}
"""What a sender of films says in headers."""
OPENS_IT = {
    "billing.card": "the buyer",
    "billing.card_done": "the buyer",
    "billing.card_left": "the buyer",
    "billing.pay": "the buyer",
    "billing.order_page": "the buyer",
    "billing.invoice_as_pdf": "the buyer",
    "billing.invoice_xml": "the buyer",
    "billing.cancel": "the buyer",
    "licensing.accept_seat": "who is invited",
    "licensing.ask_for_seat": "the buyer",
    "licensing.withdraw_request": "the leader",
}
"""Who opens what only one person may, where the rule alone does not tell."""
LOOK = {"look": "1"}
"""The button of the course editor that shows how it will look, and saves nothing."""
FORMS = {
    "feedback.answer": {"q.notice": "3"},
    "feedback.answer_about": {"q.notice": "3"},
    "feedback.at_occasion": {"q.notice": "3"},
    "owner.new_form": {"title-da": "Nyt", "audience": "staff", "moment": "later"},
    "owner.form_heading": {"title-da": "Nyt"},
    "owner.form_section": {"title-da": "Nyt", "level": "reaction"},
    "owner.new_form_section": {"title-da": "Nyt", "level": "reaction"},
    "owner.form_question": {"text-da": "Nyt"},
    "owner.new_form_question": {f"labels-{point}-da": "Ja" for point in range(5)} | {"text-da": "Nyt"},
    "owner.move_form_part": {"what": "question", "key": "question-ours", "to": "up"},
    "owner.edit_facts": LOOK,
    "owner.edit_lesson": LOOK,
    "owner.edit_module": LOOK,
    "owner.new_lesson": LOOK,
    "owner.new_module": LOOK,
    "owner.translate_module": LOOK,
    "owner.edit_words": LOOK,
    "owner.move_part": {"module": "why-we-ask", "to": "down"},
    "billing.ask_for_quote": {
        "seats": "10",
        "municipality": "Favrskov Kommune",
        "name": "Bo",
        "email": "bo@x.example",
        "form_key": "a key",
    },
    "billing.order": {"step": "change", "seats": "10"},
    "billing.apply_for_place": {
        "municipality": "Favrskov Kommune",
        "name": "Bo",
        "email": "bo@x.example",
        "form_key": "a key",
    },
    "buyer.more_seats": {"step": "change", "seats": "10"},
    "buyer.order_renewal": {"step": "change", "seats": "10"},
    "buyer.make_token": {"name": "HR system", "scopes": "licences:read"},
    "buyer.preview_message": {"text": "Hello", "press": "a press"},
    "buyer.send_message": {"text": "Hello", "press": "a press"},
    "buyer.new_join_link": {"domains": "work.example", "most": "3", "ends_on": "2026-12-01"},
    "buyer.correct_address": {"email": "right@x.example"},
    "buyer.give_seat": {"email": "new@x.example", "name": "New", "language": "da", "holds_until": "2026-12-01"},
    "buyer.new_joiner_rule": {"department": "all", "within_days": "14"},
    "buyer.new_refresher_rule": {
        "department": "all",
        "within_days": "30",
        "after_months": "12",
        "modules": "why-we-ask",
    },
    "buyer.new_list": {"rows": "new@x.example", "language": "da", "holds_until": "2026-12-24"},
    "owner.evaluation_text": {"passage": "Text"},
    "owner.evaluation_theme": {"name": "Another name"},
    "owner.new_list": {"rows": "new@x.example", "language": "da", "holds_until": "2026-12-24"},
    "owner.give_seat": {"email": "new@x.example", "name": "New", "language": "da"},
    "owner.start_departure": {"delete_on": "2026-12-01", "reason": "x"},
    "owner.new_buyer": {"email": "new@x.example", "name": "New", "language": "da"},
    "owner.terms": {"handovers_allowed": "1", "has_waiting_line": "y", "reason": "r"},
    "owner.take_back_seat": {"person": "0"},
    "buyer.add_colleague": {"email": "new@x.example", "name": "New", "language": "da", "role": "buyer"},
    "buyer.departments": {"name": "A new one", "parent": "0", "sector": ""},
    "buyer.hand_over": {"email": "new@x.example", "name": "New", "language": "da"},
    "buyer.write_org_number": {"org_number": "29189714"},
    "buyer.add_gln": {"gln": "5790001330569", "label": "Daycare"},
    "buyer.department": {"name": "Another name", "parent": "0", "sector": ""},
    "owner.add_buyer": {"email": "new@x.example", "name": "New", "language": "da"},
    "owner.domains": {"domain": "favrskov.example"},
    "owner.credit": {"seats": "1", "reason": "r", "form_key": "k"},
    "owner.note_money": {"kind": "transfer", "amount": "1", "paid_on": "2026-11-23", "form_key": "k"},
    "owner.new_price": {
        "currency": "DKK",
        "seat_year": "1",
        "minimum_seats": "1",
        "terms": "12",
        "valid_from": "2026-11-23",
    },
    "owner.edit_campaign": {
        "name": "Another name",
        "course": "1",
        "country": "DK",
        "starts_on": "2026-11-01",
        "ends_on": "2027-04-30",
        "has_places": "y",
    },
}
WHO_OPENS = {
    "token": "the HR system",
    "owner": "the owner",
    "buyer": "the buyer",
    "leader": "the leader",
    "anyone": "a visitor",
}


def ask(client: PageClient, rule: Rule, method: str, path: str) -> TestResponse:
    if method == "GET":
        return client.get(path)
    token = getattr(client, "kept_token", None) or client.csrf_token()
    client.kept_token = token  # type: ignore[attr-defined]  # asking for it anew doubles the requests
    if rule.endpoint in TUS:
        return client.open(path, method=method, data=b"x", headers=TUS[rule.endpoint] | {"X-CSRFToken": token})
    if rule.endpoint in BODIES:
        return client.post(path, json=BODIES[rule.endpoint], headers={"X-CSRFToken": token})
    return client.post(path, data=FORMS.get(rule.endpoint, {}) | {"csrf_token": token})


def masked(response: TestResponse, path: str) -> str:
    """Return what a person could tell one answer from another by: without nonce, CSRF token and path."""
    body = response.get_data().decode(errors="replace")
    text = body.replace(path, "PATH").replace(path.replace("/", "%2F"), "PATH")
    text = re.sub(r'nonce="[^"]+"', "NONCE", text)
    text = re.sub(r'(name="csrf_token"[^>]*value|data-csrf)="[^"]+"', "TOKEN", text)
    headers = sorted((name, value) for name, value in response.headers if name not in ("Content-Length", "Set-Cookie"))
    text = f"{response.status_code}\n{headers}\n{text}".replace(path, "PATH")
    return re.sub(r"'nonce-[^']+'", "NONCE", text).replace(path.replace("/", "%2F"), "PATH")


def others(app: Elearn) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in routes(app) if rule.arguments - SECRETS]


def hr_system(client: PageClient, session: Session, world: World) -> PageClient:
    """Return a client that sends our municipality's token with every call."""
    scope = MunicipalityScope(world.ours.municipality.id, None)
    _token, secret = make_token(session, scope=scope, name="HR", scopes=list(TokenScope), by_id=None)
    session.commit()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


@pytest.fixture
def people(browser, session, world) -> dict[str, PageClient]:
    return {
        "the learner": browser().signed_in_as(world.ours.learner),
        "the owner": browser().signed_in_as(world.ours.owner),
        "the leader": browser().signed_in_as(world.ours.leader),
        "the buyer": browser().signed_in_as(world.ours.buyer),
        "who is invited": browser().signed_in_as(world.ours.invited),
        "the HR system": hr_system(browser(), session, world),
        "a visitor": browser(),
    }


@pytest.mark.looks
def test_others_ids_are_answered_as_nowhere_and_nowhere_is_404(app: Elearn, field: Field, people, connection) -> None:
    told = []
    for rule, method in others(app):
        for who, client in people.items():
            nowhere = asked(connection, client, rule, method, field.nowhere(rule))
            if int(nowhere[:3]) not in (expected := at_nowhere(app, rule, who)):
                told.append(f"{who}: {method} {rule.rule}: {nowhere[:3]}, not {expected}")
            for path in field.foreign(rule):
                answer = asked(connection, client, rule, method, path)
                if rule.endpoint in OPEN_TO_ALL and path == field.fill(rule, field.theirs):
                    continue
                if answer != nowhere:
                    told.append(f"{who}: {method} {path}: {first_difference(answer, nowhere)}")
    assert not told, "\n".join(told)


def at_nowhere(app: Elearn, rule: Rule, who: str) -> tuple[int, ...]:
    """Return what somebody may be answered about what does not exist."""
    let_in = who not in ("a visitor", "the HR system") or rule.endpoint in PUBLIC
    if rule_of(app, rule.endpoint) == "token":
        return (404,) if who == "the HR system" else (401,)
    if rule.endpoint in BY_TICKET:
        return (400, 403)
    if rule.endpoint == "learning.delete_note" and let_in:
        return (303,)  # what is not there is as good as deleted: a second press is no fault
    return (404,) if let_in else (303, 401)


@pytest.mark.looks
def test_one_house_never_opens_to_those_who_do_not_own_it(app: Elearn, field: Field, people, connection) -> None:
    leaks = []
    for rule, method in routes(app):
        if rule_of(app, rule.endpoint) != "owner":
            continue
        for who in ("the learner", "the leader", "the buyer", "who is invited"):
            status = int(asked(connection, people[who], rule, method, field.fill(rule, field.ours))[:3])
            if status != 404:
                leaks.append(f"{who}: {method} {rule.rule}: {status}")
    assert not leaks, "\n".join(leaks)


def test_without_a_seat_nothing_of_a_course_is_shown(app: Elearn, field: Field, people, connection) -> None:
    leaks = []
    for rule, method in others(app):
        if not rule.rule.startswith("/learn/") or rule.endpoint in PUBLIC:
            continue
        for who in ("the owner", "the leader", "the buyer"):
            status = int(asked(connection, people[who], rule, method, field.fill(rule, field.ours))[:3])
            if status != 404 and rule.endpoint != "learning.delete_note":
                leaks.append(f"{who}: {method} {rule.rule}: {status}")
    assert not leaks, "\n".join(leaks)


@pytest.mark.looks
def test_what_is_ones_own_opens(app: Elearn, field: Field, people, connection) -> None:
    closed = []
    for rule, method in others(app):
        if rule.endpoint in BY_TICKET or _is_tried_elsewhere(rule.endpoint, method):
            continue
        who = WHO_OPENS.get(rule_of(app, rule.endpoint) or "", "the learner")
        if rule.endpoint.startswith("learning.preview"):
            who = "the owner"
        who = OPENS_IT.get(rule.endpoint, who)
        status = int(asked(connection, people[who], rule, method, field.fill(rule, field.ours))[:3])
        if status >= 400:
            closed.append(f"{who}: {method} {rule.rule}: {status}")
    assert not closed, "\n".join(closed)


def _is_tried_elsewhere(endpoint: str, method: str) -> bool:
    """Whether a route asks for something that this field does not have; tests of its own see to it."""
    posts = {
        "owner.occasions",  # a form of this field
        "owner.named_answers",  # answers that somebody has given
        "owner.copy_form_question",
        "owner.refuse",  # an order that is not invoiced yet
        "owner.cancel",
        "owner.remove_module",  # files that come back: no savepoint undoes what was taken out of them
        "owner.remove_lesson",
        "owner.remove_course",  # one that was never published
        "owner.remove_language",  # with what its page showed
    }
    always = {
        "api.release_seat",  # a person of this field, in its body
        "learning.poster",  # pictures of films
        "owner.film_still",
        "owner.call_off_departure",  # a departure that is not done
        "buyer.carry_over",  # a licence that follows
    }
    is_film = endpoint.startswith("owner.film_")  # the state in which the films' files were
    return endpoint in always or (method == "POST" and (endpoint in posts or is_film))


def test_visitors_are_asked_to_sign_in_everywhere_but_on_the_listed_pages(app: Elearn, field: Field, browser) -> None:
    open_to_visitors = set()
    for rule, method in routes(app):
        response = ask(browser(), rule, method, field.fill(rule, field.ours))
        to_sign_in = response.status_code == 303 and response.headers["Location"].startswith("/sign-in?")
        if not to_sign_in and response.status_code != 401:
            open_to_visitors.add(rule.endpoint)

    assert open_to_visitors == PUBLIC


def test_a_script_is_told_401_instead_of_being_sent_on(anonymous: PageClient, field: Field) -> None:
    response = anonymous.send(f"/learn/lessons/{field.ours['lesson_id']}/ticket", {"player": "p"})

    assert response.status_code == 401
    assert "error" in response.json


def asked(connection: Connection, client: PageClient, rule: Rule, method: str, path: str) -> str:
    """Ask inside a savepoint and undo whatever the answer has changed."""
    savepoint = connection.begin_nested()
    try:
        return masked(ask(client, rule, method, path), path)
    finally:
        savepoint.rollback()
        with client.session_transaction() as cookies:
            cookies.pop("_flashes", None)


def first_difference(answer: str, nowhere: str) -> str:
    lines = zip(answer.splitlines(), nowhere.splitlines(), strict=False)
    return next((f"{got[:200]!r} instead of {wanted[:200]!r}" for got, wanted in lines if got != wanted), "longer")
