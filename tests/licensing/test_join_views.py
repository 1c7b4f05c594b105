"""Joining in the browser: what the pages say, refuse and leave alone."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from elearn.accounts.services import find_or_add_person
from elearn.app import Elearn
from elearn.core import clock as product_clock
from elearn.core import i18n
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import run_due
from elearn.licensing import poster, services
from elearn.licensing.join_codes import written_code
from elearn.licensing.models import Joining, JoinLink, Seat, SeatRequest
from elearn.mail.models import Letter
from elearn.organisations.models import Department, Role
from elearn.organisations.services import add_member
from tests.client import PageClient
from tests.conftest import TestClock
from tests.licensing.helpers import Field


@pytest.fixture(autouse=True)
def _in_english(app: Elearn) -> None:
    app.before_request_funcs[None].append(lambda: i18n.set_language("en"))


@pytest.fixture
def link(field: Field) -> JoinLink:
    ours = field.world.ours
    made = services.make_join_link(
        field.session,
        scope=MunicipalityScope(ours.municipality.id, ours.buyer.id),
        licence=field.licence,
        department_id=None,
        domains=["favrskov.example"],
        most=2,
        ends_on=product_clock.today("DK") + timedelta(days=30),
        needs_approval=False,
        by_id=ours.buyer.id,
    )
    field.session.commit()
    return made


@pytest.fixture
def press(field: Field, link: JoinLink, browser: Callable[[], PageClient]) -> Callable[[str], PageClient]:
    """Lets somebody join as they would: ask, open the letter, press; returns their browser."""

    def join(name: str) -> PageClient:
        client = browser()
        client.press(f"/join/{link.code}", name=name, email=f"{name}@favrskov.example")
        run_due(field.installation)
        client.answer = client.press(f"/joinings/{field.token()}", name=name)  # type: ignore[attr-defined]
        return client

    return join


def test_the_page_says_what_is_offered_and_never_the_topic(link: JoinLink, anonymous: PageClient) -> None:
    page = anonymous.page(f"/join/{link.code}").text

    for sentence in ("Favrskov Kommune offers its staff a seat", "@favrskov.example", "Your employer sees when"):
        assert sentence in page
    assert "Hard talks" not in page


def test_a_code_is_taken_as_it_is_typed(link: JoinLink, anonymous: PageClient) -> None:
    typed = written_code(link.code).lower().replace("-", " ")

    assert anonymous.get("/join", query_string={"code": typed}).location == f"/join/{link.code}"
    assert anonymous.get("/join", query_string={"code": "KURSUS"}).status_code == 422


def test_guessing_codes_is_stopped(link: JoinLink, anonymous: PageClient) -> None:
    answers = [anonymous.get("/join/BBBBBBBBBB").status_code for _guess in range(31)]

    assert answers == [404] * 30 + [429]
    assert anonymous.get(f"/join/{link.code}").status_code == 429


def test_known_and_unknown_addresses_are_answered_alike(field: Field, link: JoinLink, browser) -> None:
    services.invite(
        field.session,
        field.tokens,
        licence=field.licence,
        address="known@favrskov.example",
        name="Known",
        language="en",
        by_id=None,
    )
    field.session.commit()
    answers = [
        browser().press(f"/join/{link.code}", name="L", email=f"{who}@favrskov.example") for who in ("known", "new")
    ]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/join/sent")}


def test_another_domain_is_refused_in_plain_words(field: Field, link: JoinLink, anonymous: PageClient) -> None:
    response = anonymous.press(f"/join/{link.code}", name="Lise", email="lise@gmail.com")

    assert response.status_code == 422
    assert "Write your work address. It ends in @favrskov.example." in response.text
    assert "lise@gmail.com" in response.text
    assert field.session.scalar(select(func.count(Joining.id))) == 0


def test_opening_the_letters_link_changes_nothing_and_the_button_signs_a_learner_in(
    field: Field, link: JoinLink, browser
) -> None:
    client = browser()
    client.press(f"/join/{link.code}", name="Lise", email="lise@favrskov.example")
    run_due(field.installation)
    path = f"/joinings/{field.token()}"
    for _scanner in range(3):
        client.page(path)
    assert field.counts().claimed == 0
    assert client.press(path, name="").status_code == 422

    response = client.press(path, name="Lise Løvsø")

    assert response.location == "/leave/how?next=/learn"
    assert field.counts().claimed == 1
    assert "seen" not in client.cookie(), "the letter's link opens learners' pages only"
    assert client.get(path).location == f"/leave/how?next=/learn/{field.licence.course_id}"


def test_a_second_press_says_you_have_it_and_leads_to_the_course(
    field: Field, press: Callable[[str], PageClient], browser
) -> None:
    client = press("lise")
    path, course = f"/joinings/{field.token()}", f"/learn/{field.licence.course_id}"

    assert client.press(path).location.endswith(course)
    assert "You have your seat already." in client.page("/leave/how").text
    stranger = browser()
    assert stranger.press(path).location == path, "the letter works once: it signs nobody in again"
    page = stranger.page(path)
    assert page.h1.text == "You have your seat already."
    assert page.find("a", href=course)
    assert stranger.get("/learn").status_code == 303
    assert field.counts().claimed == 1


def test_a_second_press_tells_the_place_in_line(field: Field, press: Callable[[str], PageClient], browser) -> None:
    for name in ("Anna", "Bo", "Carl"):
        field.invite(name)
    field.session.commit()
    press("lise")

    assert "lise is number 1 in the queue." in browser().page(f"/joinings/{field.token()}").h1.text


def test_a_second_press_after_the_seat_was_taken_back_says_so(
    field: Field, press: Callable[[str], PageClient], browser
) -> None:
    press("lise")
    path = f"/joinings/{field.token()}"
    mine = (Seat.licence_id == field.licence.id, Seat.claimed_at.is_not(None))
    seat_id = field.session.scalars(select(Seat.id).where(*mine)).one()
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat_id, by_id=None)
    field.session.commit()

    page = browser().page(path, status=409)

    assert "You have no seat from Favrskov Kommune now. Ask your leader about a new seat." in page.text
    assert browser().press(path).status_code == 409
    assert field.counts().claimed == 0


def test_a_letter_that_was_replaced_before_anybody_pressed_stays_dead(field: Field, link: JoinLink, browser) -> None:
    client = browser()
    client.press(f"/join/{link.code}", name="Lise", email="lise@favrskov.example")
    run_due(field.installation)
    first = field.token()
    client.press(f"/join/{link.code}", name="Lise", email="lise@favrskov.example")
    run_due(field.installation)

    assert browser().get(f"/joinings/{first}").status_code == 410


def test_a_full_link_says_so(press: Callable[[str], PageClient], link: JoinLink, anonymous: PageClient) -> None:
    press("ada"), press("bea")

    page = anonymous.page(f"/join/{link.code}", status=410)

    assert "As many people have joined by it as Favrskov Kommune allows." in page.text


def test_without_seats_one_is_told_the_number(field: Field, press: Callable[[str], PageClient]) -> None:
    for name in ("Anna", "Bo", "Carl"):
        field.invite(name)
    field.session.commit()
    client = press("lise")

    assert "There are no free seats. lise is number 1 in the queue." in client.page("/leave/how").text
    client.press("/leave/how")
    page = client.page("/learn")
    assert "You are number 1 in the queue." in page.text
    withdraw = page.find("form", action=lambda action: action and action.endswith("/withdraw"))
    client.press(str(withdraw["action"]))
    assert "in the queue" not in client.page("/learn").text


def test_without_a_line_one_is_told_that_nobody_can_wait(field: Field, press: Callable[[str], PageClient]) -> None:
    field.licence.has_waiting_line = False
    for name in ("Anna", "Bo", "Carl"):
        field.invite(name)
    field.session.commit()

    answer = press("lise").answer  # type: ignore[attr-defined]

    assert answer.status_code == 409
    assert "This licence has no queue, so nobody can wait." in answer.text


def test_with_days_from_the_claim_nobody_is_promised_the_licences_last_day(
    field: Field, link: JoinLink, anonymous: PageClient
) -> None:
    field.licence.seat_days = 30
    field.session.commit()
    offered = anonymous.page(f"/join/{link.code}").text
    anonymous.press(f"/join/{link.code}", name="Lise", email="lise@favrskov.example")
    run_due(field.installation)

    for page in (offered, anonymous.page(f"/joinings/{field.token()}").text):
        assert "You may watch for 30 days from when you accept." in page
        assert "You may watch until" not in page


def test_without_a_line_nobody_is_promised_one(
    field: Field, link: JoinLink, press: Callable[[str], PageClient], browser
) -> None:
    ours = field.world.ours
    buyer = browser().signed_in_as(ours.buyer)
    licence = f"/municipalities/{ours.municipality.id}/licences/{field.licence.id}"
    for name in ("Anna", "Bo", "Carl"):
        field.invite(name)
    field.session.commit()
    lise = press("lise")
    lise.press("/leave/how")

    def told() -> list[str]:
        pages = lise.page("/learn"), buyer.page(licence), buyer.page(f"{licence}/join-links/new")
        steps = poster.words(link, minutes=18, public_url="https://x.example")["steps"]
        return [" ".join(page.text.split()) for page in pages] + [str(steps)]

    promises = [
        "You are number 1 in the queue. When it is your turn, you get an email with a link.",
        "Whoever has waited longest gets the next free one.",
        "gets a free seat at once, or stands in the queue.",
        "Otherwise you stand in the queue.",
    ]
    instead = [
        "until the course house switches it on. You keep your place as number 1.",
        "It is switched off, so nobody is invited from it.",
        "gets a free seat at once, if there is one.",
        "Press the button: the seat is yours while there is one.']",
    ]
    assert [promise in said for promise, said in zip(promises, told(), strict=True)] == [True] * 4
    field.licence.has_waiting_line = False
    field.session.commit()

    assert [promise in said for promise, said in zip(promises, told(), strict=True)] == [False] * 4
    assert [sentence in said for sentence, said in zip(instead, told(), strict=True)] == [True] * 4


def test_a_buyer_answers_who_asks_and_hears_what_happened(field: Field, browser, clock: TestClock) -> None:
    ours = field.world.ours
    leader = browser().signed_in_as(ours.leader)
    assert leader.press(f"/licences/{field.licence.id}/ask").status_code == 303
    buyer = browser().signed_in_as(ours.buyer)
    path = f"/municipalities/{ours.municipality.id}/licences/{field.licence.id}/waiting"
    ticked = buyer.page(path).find("input", {"name": "request"})["value"]

    assert "Nobody is chosen" in buyer.page(buyer.press(path, answer="approve").location).text
    buyer.press(path, answer="decline", request=ticked, reason="Next year.")

    assert "1 person gets a kind email that says no." in buyer.page(path).text
    letter = field.session.scalars(select(Letter).where(Letter.kind == "licensing/request_declined")).one()
    assert letter.context["reason"] == "Next year."


def test_whoever_asks_asks_from_the_department_they_work_in(field: Field, browser) -> None:
    ours = field.world.ours
    schools = Department(municipality_id=ours.municipality.id, name="Schools", name_key="schools")
    field.session.add(schools)
    field.session.flush()
    asker = find_or_add_person(field.session, address="asker@work.example", name="Asker", language="en")[0]
    place = {"municipality": ours.municipality, "department_id": schools.id, "sector": "ppr"}
    add_member(field.session, person=asker, role=Role.LEARNER, by_id=None, **place)
    field.session.commit()

    browser().signed_in_as(asker).press(f"/licences/{field.licence.id}/ask")

    asked = field.session.scalars(select(SeatRequest).where(SeatRequest.person_id == asker.id)).one()
    assert (asked.department_id, asked.sector) == (schools.id, "ppr"), "or no leader sees the seat that comes of it"


def test_the_poster_is_one_tagged_page_however_long_its_words(field: Field, link: JoinLink, browser) -> None:
    name = "Pædagogisk Psykologisk Rådgivning, Sundhedsplejen og Familieafdelingen i Nord og Syd"
    link.department = Department(municipality_id=link.licence.municipality_id, name=name, name_key=name.lower())
    link.needs_approval = True
    field.session.commit()
    buyer = browser().signed_in_as(field.world.ours.buyer)

    poster = buyer.get(f"/municipalities/{link.licence.municipality_id}/join-links/{link.id}/poster.pdf?language=en")

    assert poster.mimetype == "application/pdf"
    assert len(PdfReader(BytesIO(poster.data)).pages) == 1
    assert b"StructTreeRoot" in poster.data
    assert "Hard" not in poster.headers["Content-Disposition"]
