"""Answering a form through its page: who may, what is kept, what is refused, and that nothing more is noted."""

import pytest
from sqlalchemy import select

from elearn.accounts.models import SignIn
from elearn.catalogue.models import Module
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.limits import AttemptCount
from elearn.core.scope import PersonScope
from elearn.feedback.models import FeedbackAsk, FeedbackReceipt, NamedResponse, SpooledResponse
from elearn.feedback.services.publishing import retire_form, take_up_form
from elearn.learning.models import LessonCompletion
from elearn.organisations.models import Municipality
from tests.client import check_page, queries
from tests.feedback.forms import ask, every_type, form_file, long_text, scale, words
from tests.feedback.people import complete, seat_in

GOOD = {"q.notice": "4", "q.more": "A good day", "may_quote": "y"}


@pytest.fixture
def asked(session, world):
    """Our course asks its staff, anonymously, when they like."""
    form, round_ = ask(session, world.ours.course, form_file(moment="on-request"))
    session.commit()
    return form, round_


def rows(session, model):
    session.expire_all()
    return session.scalars(select(model).order_by(*model.__table__.primary_key)).all()


def test_an_anonymous_answer_leaves_a_receipt_and_a_row_that_does_not_know_whose_it_is(session, world, learner, asked):
    form, _round = asked
    page = learner.page(f"/feedback/{form.id}")
    assert "Your answers are anonymous. This is how" in page.text
    assert page.find("h2").text.strip().endswith("This is how"), "said before the first question"
    events, sign_ins = len(rows(session, AuditEvent)), [vars(each) for each in rows(session, SignIn)]
    answer = learner.press(f"/feedback/{form.id}", **GOOD)

    assert answer.location == "/feedback/thanks"
    receipt, spooled = rows(session, FeedbackReceipt)[0], rows(session, SpooledResponse)[0]
    assert (receipt.person_id, receipt.audience) == (world.ours.learner.id, "staff")
    assert (spooled.answers, spooled.may_quote) == ({"notice": 4, "more": "A good day"}, True)
    assert spooled.municipality_id == world.ours.municipality.id
    assert rows(session, NamedResponse) == []
    assert len(rows(session, AuditEvent)) == events, "no event says who answered, or when"
    assert len(rows(session, SignIn)) == len(sign_ins)
    assert rows(session, AttemptCount) == []


def test_what_is_answered_once_counts_once(session, learner, asked):
    form, _round = asked
    learner.press(f"/feedback/{form.id}", **GOOD)
    assert learner.press(f"/feedback/{form.id}", **GOOD).location == "/feedback/thanks"
    assert len(rows(session, SpooledResponse)) == 1
    assert learner.get(f"/feedback/{form.id}").location == "/feedback/thanks"
    assert "An answer counts once" in learner.page("/feedback/thanks").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"q.notice": ""}, "Answer this question."),
        ({"q.notice": "9"}, "Choose one of the answers."),
        ({"q.more": "Ring 22 33 44 55"}, "Take out the number or the address."),
        ({"q.more": "x" * 2001}, "Write at most 2000 characters."),
    ],
)
def test_refused_answers_keep_what_was_typed_and_store_nothing(session, learner, asked, given, said):
    form, _round = asked
    answer = learner.press(f"/feedback/{form.id}", **{**GOOD, **given})
    assert answer.status_code == 422
    page = check_page("", answer)
    assert said in page.find(class_="ds-error-summary").text
    assert said in page.find(class_="ds-validation-message").text
    assert {**GOOD, **given}["q.more"] in answer.text
    assert rows(session, SpooledResponse) == rows(session, FeedbackReceipt) == []


def test_each_audience_finds_its_own_forms_and_no_other(session, world, browser, learner, stranger, asked):
    side = world.ours
    leaders, _round = ask(session, side.course, form_file("lead", audience=["leader", "buyer"], moment="on-request"))
    session.commit()
    leader, buyer = browser().signed_in_as(side.leader), browser().signed_in_as(side.buyer)
    form, _round = asked
    found = {
        name: [client.get(f"/feedback/{each.id}").status_code for each in (form, leaders)]
        for name, client in (("learner", learner), ("leader", leader), ("buyer", buyer), ("stranger", stranger))
    }
    assert found == {"learner": [200, 404], "leader": [404, 200], "buyer": [404, 200], "stranger": [404, 404]}
    assert stranger.press(f"/feedback/{form.id}", **GOOD).status_code == 404
    leader.press(f"/feedback/{leaders.id}", **GOOD)
    assert rows(session, FeedbackReceipt)[0].audience == "leader"


def test_a_retired_form_and_a_closed_round_say_so_to_whom_they_asked(session, world, learner, stranger, asked):
    form, round_ = asked
    retire_form(session, form=form, by=None)
    session.commit()
    assert "This is closed" in learner.page(f"/feedback/{form.id}", 410).text
    assert stranger.get(f"/feedback/{form.id}").status_code == 404
    take_up_form(session, form=form, by=None)
    round_.closed_at = clock.now()
    session.commit()
    assert learner.press(f"/feedback/{form.id}", **GOOD).status_code == 410
    assert learner.get(f"/feedback/{form.id}/reminders").status_code == 410
    assert stranger.press(f"/feedback/{form.id}", **GOOD).status_code == 404
    assert rows(session, SpooledResponse) == []


def test_a_form_with_names_says_who_reads_it_and_keeps_drafts(session, world, learner):
    form, _round = ask(session, world.ours.course, form_file(anonymous=False, moment="on-request"))
    session.commit()
    page = learner.page(f"/feedback/{form.id}")
    assert "House ours reads your answers with your name." in page.text
    assert learner.press(f"/feedback/{form.id}", **{"q.more": "Half", "draft": "1"}).status_code == 303
    assert "Half" in learner.page(f"/feedback/{form.id}").text
    assert rows(session, FeedbackReceipt) == []
    learner.press(f"/feedback/{form.id}", **GOOD)

    kept = rows(session, NamedResponse)[0]
    assert (kept.answers, kept.submitted_at is not None) == ({"notice": 4, "more": "A good day"}, True)
    assert len(rows(session, SpooledResponse)) == 1
    event = rows(session, AuditEvent)[-1]
    assert (event.kind, event.actor_id) == ("feedback.form.answered", world.ours.learner.id)


def test_a_question_that_does_not_apply_is_shown_with_its_condition_and_its_answer_left_out(session, world, learner):
    when = {"question": "notice", "answer": ["4", "5"]}
    questions = [scale(required=True), long_text(show_if=when, required=True)]
    form, _round = ask(session, world.ours.course, form_file(moment="on-request", questions=questions))
    session.commit()
    page = learner.page(f"/feedback/{form.id}")
    assert "Only if you answered Point 4 or Point 5 to “Question notice”" in page.text
    assert learner.press(f"/feedback/{form.id}", **{"q.notice": "4"}).status_code == 422
    learner.press(f"/feedback/{form.id}", **{"q.notice": "2", "q.more": "Left out"})
    assert rows(session, SpooledResponse)[0].answers == {"notice": 2}


def test_every_type_of_question_is_answered_on_its_page(session, world, learner):
    form, _round = ask(session, world.ours.course, form_file(moment="on-request", questions=every_type()))
    session.commit()
    learner.page(f"/feedback/{form.id}")
    given = {
        "q.notice": "1",
        "q.rating": "5",
        "q.recommend": "0",
        "q.one": "school",
        "q.many": ["school", "daycare"],
        "q.years": "12",
        "q.places.school": "2",
        "q.places.daycare": "5",
        "q.word": "Thanks",
    }
    assert learner.press(f"/feedback/{form.id}", **given).status_code == 303, "all optional ones may be left out"
    assert rows(session, SpooledResponse)[0].answers == {
        "notice": 1,
        "rating": 5,
        "recommend": 0,
        "one": "school",
        "many": ["school", "daycare"],
        "years": 12,
        "places": {"school": 2, "daycare": 5},
        "word": "Thanks",
    }


def test_a_refused_statement_of_a_matrix_is_named(session, world, learner):
    rowed = [{"id": "school", "text": words("School")}, {"id": "daycare", "text": words("Daycare")}]
    matrix = {"type": "matrix", "id": "places", "text": words("Places"), "rows": rowed, "labels": scale()["labels"]}
    form, _round = ask(
        session, world.ours.course, form_file(moment="on-request", questions=[matrix | {"required": True}])
    )
    session.commit()
    answer = learner.press(f"/feedback/{form.id}", **{"q.places.school": "2"})
    assert answer.status_code == 422
    assert 'href="#q.places.daycare"' in answer.text


def test_somebody_with_seats_from_two_municipalities_says_for_which(session, world, installation, learner, asked):
    form, _round = asked
    other = session.scalars(select(Municipality).where(Municipality.name == "Aarhus Kommune")).first()
    other = other or session.scalars(select(Municipality).where(Municipality.country == "DK")).first()
    seat_in(session, world.ours, PersonScope(world.ours.learner.id), other)
    session.commit()
    page = learner.page(f"/feedback/{form.id}")
    assert len(page.find(id="municipality").find_all("option")) == 2
    learner.press(f"/feedback/{form.id}", **GOOD, municipality=str(other.id))
    assert rows(session, SpooledResponse)[0].municipality_id == other.id


def complete_module(session, side) -> Module:
    module = session.scalars(select(Module).where(Module.course_id == side.course.id).order_by(Module.position)).first()
    session.add_all(
        LessonCompletion(
            person_id=side.learner.id,
            lesson_id=lesson.id,
            how="read",
            completed_at=clock.now(),
            course_version_id=side.course.current_version_id,
        )
        for lesson in module.lessons
    )
    session.commit()
    return module


def test_one_tap_at_the_end_of_a_module_is_an_answer(session, world, learner):
    rating = {"type": "rating", "id": "worth", "text": words("Worth it")}
    form, _round = ask(session, world.ours.course, form_file("module", moment="after-module", questions=[rating]))
    session.commit()
    module = session.scalars(select(Module).where(Module.course_id == world.ours.course.id)).first()
    assert learner.get(f"/feedback/{form.id}/modules/{module.key}").status_code == 404, "not before it is through"
    module = complete_module(session, world.ours)
    page = learner.page(f"/learn/modules/{module.id}")
    buttons = page.find(id="feedback").find_all("button")
    assert [(button["name"], button["value"]) for button in buttons] == [("q.worth", str(n)) for n in range(1, 6)]
    action = page.find(id="feedback").find("form")["action"]
    assert learner.press(action, **{"q.worth": "4"}).status_code == 303

    assert (rows(session, SpooledResponse)[0].about, rows(session, FeedbackReceipt)[0].about) == (module.key,) * 2
    assert learner.page(f"/learn/modules/{module.id}").find(id="feedback") is None
    assert learner.get(f"/feedback/{form.id}").status_code == 404, "it asks about modules alone"


def test_a_tap_does_not_choose_between_two_municipalities(session, world, learner):
    rating = {"type": "rating", "id": "worth", "text": words("Worth it")}
    ask(session, world.ours.course, form_file("module", moment="after-module", questions=[rating]))
    other = session.scalars(select(Municipality).where(Municipality.name == "Randers Kommune")).one()
    seat_in(session, world.ours, PersonScope(world.ours.learner.id), other)
    module = complete_module(session, world.ours)

    shown = learner.page(f"/learn/modules/{module.id}").find(id="feedback")

    assert shown.find("button") is None
    assert len(learner.page(shown.a["href"]).find(id="municipality").find_all("option")) == 2


def test_who_is_on_the_way_through_a_module_pays_one_statement_for_its_form(session, database, world, learner):
    module = session.scalars(select(Module).where(Module.course_id == world.ours.course.id)).first()
    unasked = queries(database, learner, f"/learn/modules/{module.id}")
    ask(session, world.ours.course, form_file("module", moment="after-module"))
    session.commit()

    assert queries(database, learner, f"/learn/modules/{module.id}") == unasked <= 11


def test_asked_first_with_not_now_and_never_in_the_way(session, world, learner):
    form, _round = ask(session, world.ours.course, form_file("before", moment="before-start", asks_first=True))
    session.commit()
    for path in ("/learn", f"/learn/{world.ours.course.id}"):
        assert learner.page(path).find("button", string="Not now"), path
    module = session.scalars(select(Module).where(Module.course_id == world.ours.course.id)).first()
    learner.page(f"/learn/modules/{module.id}")
    answer = learner.press(f"/feedback/{form.id}/not-now", next="/learn")
    assert answer.location == "/learn"
    page = learner.page("/learn")
    assert page.find("button", string="Not now") is None
    assert page.find("a", href=f"/feedback/{form.id}"), "still to be found"
    assert rows(session, FeedbackAsk)[0].put_off_on is not None


def test_what_is_answered_is_no_longer_asked_for(session, world, learner):
    form, _round = ask(session, world.ours.course, form_file())
    session.commit()
    link = {"href": f"/feedback/{form.id}"}
    assert learner.page("/learn").find("a", link) is None, "not before completion"
    side = world.ours
    complete(session, side, side.learner)
    session.commit()
    assert learner.page("/learn").find("a", link)
    assert learner.page(f"/learn/{side.course.id}").find("a", link)
    learner.press(f"/feedback/{form.id}", **GOOD)
    assert learner.page("/learn").find("a", link) is None


def test_no_page_of_feedback_is_kept_or_named_to_the_next(learner, asked):
    form, _round = asked
    for path in (f"/feedback/{form.id}", "/feedback/thanks", "/feedback/at"):
        headers = learner.get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_the_thanks_say_where_to_turn_with_a_worry(session, world, learner, asked):
    page = learner.page("/feedback/thanks")
    assert "What you wrote here is read only later" in page.text
    assert page.find("a", href="/learn/worried")
    assert page.find("a", href="tel:112")
