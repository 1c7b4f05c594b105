"""What is kept of who has answered: as long as the evaluation is open, and some months more."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from elearn.core.tokens import Tokens
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackAsk, FeedbackReceipt, FeedbackText, NamedResponse, SpooledResponse
from elearn.feedback.services.answering import Respondent, save_draft, submit_response
from elearn.feedback.services.releasing import close
from elearn.personal_data import erasure
from elearn.personal_data.jobs import forget_what_is_old
from tests.conftest import NOW
from tests.evaluation.made_up import add_text
from tests.feedback.forms import ask, form_file


@pytest.fixture
def answered(session, world, tokens: Tokens):
    """A round in which our learner has answered, by name, and was reminded; the leader has a draft."""
    side = world.ours
    form, round_ = ask(session, side.course, form_file(anonymous=False, audience=["staff", "leader"]))
    who = {"municipality_id": side.municipality.id, "sector": None}
    learner = Respondent(side.learner.id, Audience.STAFF, **who)
    leader = Respondent(side.leader.id, Audience.LEADER, **who)
    submit_response(session, tokens, form=form, round_=round_, respondent=learner, answers={"notice": 4})
    save_draft(session, form=form, round_=round_, respondent=leader, answers={"notice": 2})
    session.add(FeedbackAsk(round_id=round_.id, form_id=form.id, person_id=side.learner.id, reminders=1))
    session.commit()
    return round_


def left(session) -> list[int]:
    session.flush()
    return [len(session.scalars(select(model)).all()) for model in (FeedbackReceipt, FeedbackAsk, NamedResponse)]


def nightly(installation, session, clock, year: int, month: int, day: int) -> None:
    clock.set(datetime(year, month, day, 9, tzinfo=UTC))
    forget_what_is_old(installation, session)


def test_a_draft_goes_12_months_after_it_was_saved_and_the_rest_stays_while_the_round_is_open(
    session, installation, clock, answered
):
    nightly(installation, session, clock, NOW.year + 1, NOW.month, NOW.day)
    assert left(session) == [1, 1, 2]
    nightly(installation, session, clock, NOW.year + 1, NOW.month, NOW.day + 1)
    assert left(session) == [1, 1, 1]
    nightly(installation, session, clock, NOW.year + 5, NOW.month, NOW.day)
    assert left(session) == [1, 1, 1]


def test_it_goes_12_months_after_the_round_was_closed(session, installation, clock, answered):
    close(session, round_=answered, by=None)
    assert left(session) == [1, 1, 1], "closing destroys drafts"
    nightly(installation, session, clock, NOW.year + 1, NOW.month, NOW.day)
    assert left(session) == [1, 1, 1]
    nightly(installation, session, clock, NOW.year + 1, NOW.month, NOW.day + 1)
    assert left(session) == [0, 0, 0]


def test_a_deleted_person_has_answered_nothing_and_the_answers_count_all_the_same(
    session, installation, world, answered
):
    erasure.erase(session, installation.tokens, person_id=world.ours.learner.id, by_id=None)
    assert left(session) == [0, 0, 1]
    assert len(session.scalars(select(SpooledResponse)).all()) == 1


def test_what_somebody_wrote_under_their_name_goes_where_it_is_kept_without_it_too(session, installation, world):
    side, said = world.ours, "Ask Mette Canary of Nordbyen"
    form, round_ = ask(session, side.course, form_file(anonymous=False, audience=["staff", "leader"]))
    for person, audience in ((side.learner, Audience.STAFF), (side.leader, Audience.LEADER)):
        given = {"form": form, "round_": round_, "answers": {"notice": 4, "more": said}}
        respondent = Respondent(person.id, audience, side.municipality.id, None)
        submit_response(session, installation.tokens, respondent=respondent, **given)

    erasure.erase(session, installation.tokens, person_id=side.learner.id, by_id=None)

    waiting = [row.answers for row in session.scalars(select(SpooledResponse))]
    assert sorted(waiting, key=len) == [{"notice": 4}, {"notice": 4, "more": said}], "the leader's is still there"

    session.execute(delete(SpooledResponse))
    for text in (said, said, "Something else"):
        add_text(session, round_, form, text, question="more")
    erasure.erase(session, installation.tokens, person_id=side.leader.id, by_id=None)

    assert sorted(session.scalars(select(FeedbackText.text))) == [said, "Something else"], (
        "somebody else wrote the same"
    )
