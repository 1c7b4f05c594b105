"""My courses and one course: where to carry on, what stands open, and what a page never tells."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.learning import services
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Licence
from elearn.licensing.services import accept_invitation, grant_licence, invite, take_back_seat
from elearn.organisations.models import Membership
from tests.learning.test_watching import Player
from tests.world import add_learner, latest_token

TOPIC = ("hard", "talks", "Svære", "samtaler", "Why we ask")


@pytest.fixture
def modules(world, session):
    return world.ours.outline(session).modules


@pytest.fixture
def watched(learner, modules, clock):
    """The learner has seen the first and the third ten seconds of the first film, and stopped at 0:30."""
    player = Player(learner, modules[0].lessons[0].id)
    player.open()
    clock.advance(minutes=2)
    player.report((0.0, 10.0), (20.0, 30.0))
    return player


def licence_of(session, world) -> Licence:
    return session.get_one(Licence, world.ours.licence.id)


def test_a_new_learner_is_offered_the_first_module(learner):
    page = learner.page("/learn")
    assert page.h1.text == "My courses"
    now = page.select_one(".now")
    assert "Module 1 of 2" in now.text
    assert now.select_one(".ds-button").text.strip() == "Start the module"
    assert [item["class"] for item in page.select(".list > li")] == [["nu"], ["ny"]]


def test_home_leads_to_the_exact_place(learner, watched):
    page = learner.page("/learn")
    assert "You stopped at 0:30." in page.select_one(".now").text
    assert page.select_one(".now .ds-button").text.strip() == "Continue from 0:30"
    assert "00:10–00:20 in module 1" in page.text
    assert page.select_one(".course svg.line rect.l-miss") is not None
    assert "00:10–00:20" in page.select_one(".course svg.line")["aria-label"]


def test_titles_and_addresses_never_name_the_topic(learner, modules, world):
    for path in ("/learn", f"/learn/{world.ours.course.id}", f"/learn/modules/{modules[0].id}", "/learn/notes"):
        title = learner.page(path).title.text
        assert not [word for word in TOPIC if word.lower() in title.lower()], title
        assert not [word for word in TOPIC if word.lower() in path.lower()], path


def test_home_says_what_the_employer_sees(learner):
    text = " ".join(learner.page("/learn").text.split())
    assert "Your seat comes from Favrskov Kommune." in text
    assert (
        "Your employer sees when you started and when you finished. Not what you watch, or when you watch it." in text
    )


def test_leaving_the_page_is_explained_before_the_first_course_page(browser, world, session):
    person = session.get_one(Person, world.ours.learner.id)
    person.leave_page_explained_at = None
    session.commit()
    client = browser().signed_in_as(person)
    for path in ("/learn", f"/learn/{world.ours.course.id}"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/leave/how?next=/learn")


def test_whoever_has_no_seat_reads_what_will_stand_there(browser, world):
    page = browser().signed_in_as(world.ours.leader).page("/learn")
    assert "You have no courses yet" in page.text
    assert "What your employer can see" not in page.text


def test_an_invitation_that_waits_is_told_on_home_and_opens_nothing(browser, world, session, modules):
    person = session.get_one(Person, world.ours.invited.id)
    person.leave_page_explained_at = product_clock.now()
    session.commit()
    client = browser().signed_in_as(person)
    assert "The invitation holds the seat until" in client.page("/learn").text
    assert client.page(f"/learn/{world.ours.course.id}").h1.text == "An invitation is waiting for you"
    assert client.get(f"/learn/modules/{modules[0].id}").location == f"/learn/{world.ours.course.id}"


def test_an_ended_licence_closes_the_course_and_says_what_stays(learner, watched, world, session, modules, clock):
    services.save_note(session, world.ours.scope, module_id=modules[0].id, question="a-child", text="Mine")
    licence_of(session, world).ends_on = product_clock.today("DK") - timedelta(days=1)
    session.commit()
    page = learner.page(f"/learn/{world.ours.course.id}")
    assert page.h1.text == "The course is closed for now"
    assert "What you have watched and your notes are still here." in page.text
    assert "closed for now" in learner.page("/learn").text
    assert learner.get(f"/learn/modules/{modules[0].id}").location == f"/learn/{world.ours.course.id}"
    assert "Mine" in learner.page("/learn/notes").text


def test_a_licence_that_begins_later_says_when(learner, world, session, modules):
    licence_of(session, world).starts_on = product_clock.today("DK") + timedelta(days=8)
    session.commit()
    assert learner.page(f"/learn/{world.ours.course.id}").h1.text == "The course is not open yet"
    assert "from 1 December 2026" in learner.page("/learn").text
    assert learner.get(f"/learn/modules/{modules[0].id}").status_code == 303


def test_two_seats_in_one_course_are_one_course(learner, world, session, installation):
    today = product_clock.today("DK")
    licence = grant_licence(
        session,
        house=world.ours.house,
        course=world.ours.course,
        municipality=world.theirs.municipality,
        seats=1,
        starts_on=today,
        ends_on=today + timedelta(days=10),
        reason="Test",
        by_id=None,
    )
    address = world.ours.learner.address
    invite(session, installation.tokens, licence=licence, address=address, name="x", language="en", by_id=None)
    accept_invitation(session, latest_token(session, installation))
    session.commit()
    page = learner.page("/learn")
    assert len(page.select(".course")) == 1
    assert "Favrskov Kommune and Horsens Kommune" in page.text


def test_the_course_page_tells_modules_rule_and_links(learner, world):
    page = learner.page(f"/learn/{world.ours.course.id}")
    text = " ".join(page.text.split())
    assert "when you have watched 90% of each film" in text
    assert "with a content notice" in page.select(".list > li")[0].text
    assert "with a content notice" not in page.select(".list > li")[1].text
    assert page.select_one('a[href="https://www.jegvet.no/"]') is not None


def test_a_text_that_falls_back_says_its_language(learner, world):
    page = learner.page(f"/learn/{world.ours.course.id}")
    assert "At lytte" in [span.text for span in page.select('.list span[lang="da"]')]


def test_not_yours_and_nowhere_look_alike(learner, stranger, world, session):
    theirs = world.theirs.outline(session).modules[0].id
    pages = [
        learner.get(f"/learn/{world.theirs.course.id}"),
        learner.get("/learn/999999"),
        learner.get(f"/learn/modules/{theirs}"),
        learner.get("/learn/modules/999999"),
        stranger.get(f"/learn/{world.ours.course.id}"),
    ]
    assert {page.status_code for page in pages} == {404}


def test_a_seat_taken_back_closes_the_films_and_says_what_stays_and_whom_to_ask(
    learner, watched, world, session, modules
):
    services.save_note(session, world.ours.scope, module_id=modules[0].id, question="a-child", text="Mine")
    take_back_seat(
        session, scope=world.ours.house_scope, seat_id=world.ours.seat(session).id, by_id=world.ours.owner.id
    )
    session.commit()

    page = learner.page(f"/learn/{world.ours.course.id}")
    text = " ".join(page.text.split())

    assert page.h1.text == "The course is closed for now"
    assert "Favrskov Kommune has taken your seat back. The films are closed." in text
    assert "Ask Buyer ours, who manages the seats of Favrskov Kommune, about a new seat." in text
    assert page.select_one('a[href="mailto:ours@house.example"]') is not None
    assert "closed for now" in learner.page("/learn").text
    assert learner.get(f"/learn/modules/{modules[0].id}").location == f"/learn/{world.ours.course.id}"
    assert "Mine" in learner.page("/learn/notes").text


def test_without_a_buyer_the_leader_is_named(learner, world, session):
    licence_of(session, world).ends_on = product_clock.today("DK") - timedelta(days=1)
    for membership in session.scalars(select(Membership).where(Membership.role == "buyer")):
        membership.ended_at = product_clock.now()
    session.commit()
    assert "Ask your leader about a new seat." in learner.page(f"/learn/{world.ours.course.id}").text


def test_an_invitation_taken_back_is_answered_as_if_it_had_never_been(browser, world, session, modules):
    person = session.get_one(Person, world.ours.invited.id)
    person.leave_page_explained_at = product_clock.now()
    seat = world.ours.seat(session, person)
    take_back_seat(session, scope=world.ours.house_scope, seat_id=seat.id, by_id=world.ours.owner.id)
    session.commit()
    client = browser().signed_in_as(person)
    assert client.get(f"/learn/{world.ours.course.id}").status_code == 404
    assert client.get(f"/learn/modules/{modules[0].id}").status_code == 404


@pytest.mark.parametrize(("days", "opens"), [(0, True), (29, True), (30, False)])
def test_a_seat_with_days_of_its_own_ends_with_them(browser, world, session, installation, clock, modules, days, opens):
    licence_of(session, world).seat_days = 30
    person = add_learner(session, installation, licence_of(session, world), "Counted")
    session.commit()

    clock.advance(days=days)
    client = browser().signed_in_as(person)
    page = client.page(f"/learn/{world.ours.course.id}")

    assert (client.get(f"/learn/modules/{modules[0].id}").status_code == 200) is opens
    assert (page.h1.text == "The course is closed for now") is not opens
    if opens:
        assert "22 December 2026" in client.page("/learn").text
    else:
        assert "Your seat from Favrskov Kommune lasted until 22 December 2026." in page.text


def test_a_seat_with_days_of_its_own_outlives_its_licence(browser, world, session, installation, clock, modules):
    licence = licence_of(session, world)
    licence.seat_days, licence.ends_on = 30, product_clock.today("DK")
    person = add_learner(session, installation, licence, "Late")
    session.commit()

    clock.advance(days=29)

    client = browser().signed_in_as(person)
    assert client.get(f"/learn/modules/{modules[0].id}").status_code == 200
    assert client.page(f"/learn/{world.ours.course.id}").h1.text != "The course is closed for now"


def test_a_seat_claimed_before_its_licence_begins_counts_its_days_from_there(world, session, installation):
    licence = licence_of(session, world)
    licence.seat_days, licence.starts_on = 30, product_clock.today("DK") + timedelta(days=40)
    person = add_learner(session, installation, licence, "Early")

    assert world.ours.seat(session, person).valid_until == licence.starts_on + timedelta(days=29)


def test_opening_pages_writes_nothing(learner, world, session, modules):
    def counts():
        session.expire_all()
        return [session.scalar(select(func.count()).select_from(table)) for table in (AuditEvent, VideoProgress)]

    before = counts()
    for path in ("/learn", f"/learn/{world.ours.course.id}", f"/learn/modules/{modules[0].id}", "/learn/notes"):
        learner.page(path)
    assert counts() == before
    assert world.ours.seat(session).first_used_at is None


def test_anonymous_people_are_asked_to_sign_in(anonymous, world, modules):
    for path in ("/learn", f"/learn/{world.ours.course.id}", f"/learn/modules/{modules[0].id}", "/learn/notes"):
        answer = anonymous.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=")
