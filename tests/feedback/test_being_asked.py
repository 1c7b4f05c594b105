"""When forms are due, to whom, and that nobody is reminded more than twice or against their wish."""

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.scope import PersonScope
from elearn.feedback.models import FeedbackAsk, FeedbackForm
from elearn.feedback.queries import due_forms
from elearn.feedback.services.asking import remind_now, remind_some
from elearn.feedback.services.publishing import open_round, start_round
from elearn.licensing.services import add_seats, take_back_seat
from elearn.mail.models import Letter
from tests.feedback.forms import ask, form_file
from tests.feedback.people import add_learners, complete, seat_in


def due(session, person) -> set[str]:
    session.flush()
    return {each.form.key for each in due_forms(session, PersonScope(person.id))}


@pytest.fixture
def asked(session, world):
    """Forms for each audience at each moment, in our course."""
    for moment in ("before-start", "completion", "later", "on-request"):
        for audience in ("staff", "leader", "buyer"):
            ask(session, world.ours.course, form_file(f"{audience}-{moment}", audience=[audience], moment=moment))


def test_staff_are_asked_before_they_start_then_when_they_are_through_and_90_days_later(session, world, clock, asked):
    side = world.ours
    assert due(session, side.learner) == {"staff-before-start"}
    complete(session, side, side.learner)
    assert due(session, side.learner) == {"staff-completion"}
    clock.advance(days=89)
    assert due(session, side.learner) == {"staff-completion"}
    clock.advance(days=1)
    assert due(session, side.learner) == {"staff-completion", "staff-later"}
    assert due(session, world.theirs.learner) == due(session, side.owner) == due(session, side.invited) == set()


def test_whoever_completed_the_course_is_asked_also_when_the_seat_has_ended(session, world, clock, asked):
    complete(session, world.ours, world.ours.learner)
    clock.advance(days=400)
    assert due(session, world.ours.learner) == {"staff-completion", "staff-later"}


def test_a_second_round_asks_only_whom_the_first_did_not(session, installation, world, clock, asked):
    side = world.ours
    complete(session, side, side.learner)
    [late] = add_learners(session, installation, side, "Ane")
    open_round(session, side.course).closed_at = product_clock.now()
    clock.advance(days=30)
    start_round(session, course=session.merge(side.course), by=None)

    assert due(session, side.learner) == due(session, late) == set()
    clock.advance(days=61)
    complete(session, side, late)
    assert due(session, side.learner) == {"staff-later"}
    assert due(session, late) == {"staff-completion"}


def test_before_the_start_ends_a_day_after_the_first_film(session, world, clock, asked):
    side = world.ours
    side.seat(session).first_used_at = product_clock.now()
    assert due(session, side.learner) == {"staff-before-start"}
    clock.advance(days=1.1)
    assert due(session, side.learner) == set()


def test_whoever_is_half_through_is_not_asked_before_the_start_again_by_a_renewal(session, world, clock, asked):
    side = world.ours
    side.seat(session).first_used_at = product_clock.now()
    clock.advance(days=400)
    assert due(session, side.learner) == set()
    seat_in(session, side, PersonScope(side.learner.id), session.merge(side.municipality))
    assert due(session, side.learner) == set()


def test_a_form_opens_when_its_moment_comes_and_before_closes_at_completion(session, world, learner, asked):
    side = world.ours
    forms = {form.key: form.id for form in session.scalars(select(FeedbackForm))}

    def opens(key: str) -> bool:
        return learner.get(f"/feedback/{forms[key]}").status_code != 404

    assert [opens("staff-before-start"), opens("staff-completion")] == [True, False]

    complete(session, side, side.learner)
    session.commit()

    assert [opens("staff-before-start"), opens("staff-completion")] == [False, True]


def test_whoever_lost_the_seat_before_that_is_not_asked(session, world, asked):
    side = world.ours
    seat = side.seat(session)
    take_back_seat(session, scope=side.house_scope, seat_id=seat.id, by_id=side.owner.id)
    assert due(session, side.learner) == set()


def test_leaders_and_buyers_are_asked_when_five_of_their_people_are_through(session, installation, world, clock, asked):
    side = world.ours
    people = [side.learner, *add_learners(session, installation, side, "Ane", "Ida", "Per")]
    for role, person in (("leader", side.leader), ("buyer", side.buyer)):
        assert due(session, person) == {f"{role}-before-start"}
    for person in people:
        complete(session, side, person)
    assert due(session, side.leader) == {"leader-before-start"}, "four are through"
    add_seats(session, licence=session.merge(side.licence), seats=1, by_id=side.owner.id)
    complete(session, side, add_learners(session, installation, side, "Bo")[0])
    assert due(session, side.leader) == {"leader-completion"}
    clock.advance(days=90)
    assert due(session, side.buyer) == {"buyer-completion", "buyer-later"}
    assert due(session, world.theirs.leader) == set()


def reminders(session) -> list[str]:
    session.flush()
    return list(session.scalars(select(Letter.recipient).where(Letter.kind == "feedback/reminder")))


def after(session, clock, days) -> list[str]:
    clock.advance(days=days)
    remind_some(session, after=0)
    return reminders(session)


def test_reminders_come_after_7_and_21_days_and_then_no_more(session, world, clock):
    ask(session, world.ours.course, form_file("before", moment="before-start"))
    address = world.ours.learner.addresses[0].address
    assert after(session, clock, 6) == []
    assert after(session, clock, 1) == [address]
    assert after(session, clock, 13) == [address]
    assert after(session, clock, 1) == [address] * 2
    assert after(session, clock, 100) == [address] * 2
    kinds = set(session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.startswith("feedback.reminder"))))
    assert kinds == set(), "what the job writes names nobody in the trail"


def test_whoever_has_answered_or_declined_gets_no_letter(session, world, clock, learner, stranger):
    form, _round = ask(session, world.ours.course, form_file("before", moment="before-start"))
    other, _round = ask(session, world.theirs.course, form_file("before", moment="before-start"))
    session.commit()
    learner.press(f"/feedback/{form.id}", **{"q.notice": "4"})
    path = f"/feedback/{other.id}/reminders"
    stranger.page(path)
    assert session.scalars(select(FeedbackAsk)).all() == [], "opening the page declines nothing"
    assert stranger.press(path).status_code == 303
    assert stranger.get(f"/feedback/{other.id}").status_code == 200, "it may still be answered"
    assert due(session, world.theirs.learner) == set()
    assert after(session, clock, 30) == []


def test_an_owner_reminds_a_municipality_within_the_two(session, world, clock):
    side = world.ours
    _form, round_ = ask(session, side.course, form_file("before", moment="before-start"))
    address = side.learner.addresses[0].address
    call = {"round_": round_, "municipality": session.merge(side.municipality), "by_id": side.owner.id}
    assert remind_now(session, **call) is None, "a number of letters would tell how many have answered"
    assert remind_now(session, **call) is None
    assert reminders(session) == [address], "not twice within seven days"
    assert after(session, clock, 21) == [address] * 2
    clock.advance(days=30)
    remind_now(session, **call)
    assert reminders(session) == [address] * 2
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "feedback.reminders.sent")).first()
    assert set(event.data) == {"round_id"}


def test_one_letter_a_day_about_several_forms(session, world, clock):
    for key in ("one", "two"):
        ask(session, world.ours.course, form_file(key, moment="before-start"))
    assert len(after(session, clock, 8)) == 1
    assert len(after(session, clock, 1)) == 2


def test_an_owner_who_presses_twice_writes_one_letter_a_day_and_the_job_none_on_top(session, world, clock):
    side = world.ours
    for key in ("one", "two"):
        _form, round_ = ask(session, side.course, form_file(key, moment="before-start"))
    clock.advance(days=8)
    for _press in range(2):
        remind_now(session, round_=round_, municipality=session.merge(side.municipality), by_id=side.owner.id)
    assert len(reminders(session)) == 1
    assert len(after(session, clock, 0)) == 1
    assert len(after(session, clock, 1)) == 2


def test_the_letter_leads_to_the_form_and_to_declining(session, world, clock):
    form, _round = ask(session, world.ours.course, form_file("before", moment="before-start"))
    after(session, clock, 8)
    told = session.scalars(select(Letter.context).where(Letter.kind == "feedback/reminder")).one()
    assert (told["path"], told["decline_path"]) == (f"/feedback/{form.id}", f"/feedback/{form.id}/reminders")


def test_nobody_is_reminded_of_days_before_the_round_began(session, world, clock):
    clock.advance(days=60)
    ask(session, world.ours.course, form_file("before", moment="before-start"))
    assert after(session, clock, 6) == []


def test_leaders_and_buyers_find_their_forms_on_their_own_start_pages(session, world, browser, asked):
    session.commit()
    side, key = world.ours, select(FeedbackForm.id)
    for role, path in (("leader", "/department"), ("buyer", "")):
        form_id = session.scalars(key.where(FeedbackForm.key == f"{role}-before-start")).one()
        client = browser().signed_in_as(getattr(side, role))
        page = client.page(f"/municipalities/{side.municipality.id}{path}")
        assert [link["href"] for link in page.find_all("a", string="Answer 2 questions")] == [f"/feedback/{form_id}"]


def test_a_text_that_falls_back_to_another_language_is_marked(session, world, learner):
    danish = {"type": "short_text", "id": "word", "text": {"da": "Et ord"}}
    form, _round = ask(session, world.ours.course, form_file(moment="on-request", questions=[danish]))
    session.commit()
    assert learner.page(f"/feedback/{form.id}").find("span", lang="da", string="Et ord")
