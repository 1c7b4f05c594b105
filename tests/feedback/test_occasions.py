"""Guests answer by a code: without an account, without a trace, as long as the occasion is open."""

import pytest
from sqlalchemy import select

from elearn.core.audit import AuditEvent
from elearn.core.limits import AttemptCount
from elearn.feedback.models import FeedbackOccasion, FeedbackReceipt, SpooledResponse
from tests.client import check_page
from tests.feedback.forms import ask, form_file

GOOD = {"q.notice": "5", "q.more": "Thank you"}


@pytest.fixture
def evening(session, world, owner):
    """An occasion that our owner has made."""
    form, _round = ask(session, world.ours.course, form_file("evening", audience=["guest"], moment="on-request"))
    session.commit()
    path = f"/owner/courses/{world.ours.course.id}/occasions"
    owner.page(path)
    made = owner.press(
        path, title="Evening in Hadsten", held_on="2026-12-01", form=str(form.id), municipality="Favrskov Kommune"
    )
    assert made.status_code == 303, made.text
    return session.scalars(select(FeedbackOccasion)).one()


def test_a_guest_answers_without_an_account_or_a_trace(session, world, anonymous, evening):
    page = anonymous.page(f"/feedback/at/{evening.code}")
    assert "Evening in Hadsten" in page.text
    assert "ingen skriver ned, hvem du er" in page.text
    events = len(session.scalars(select(AuditEvent)).all())
    answer = anonymous.press(f"/feedback/at/{evening.code}", **GOOD)
    assert answer.location == f"/feedback/at/{evening.code}/thanks"
    assert "Tak" in anonymous.page(answer.location).text

    spooled = session.scalars(select(SpooledResponse)).one()
    assert (spooled.audience, spooled.municipality_id, spooled.pseudonym) == (
        "guest",
        world.ours.municipality.id,
        None,
    )
    assert session.scalars(select(FeedbackReceipt)).all() == []
    assert len(session.scalars(select(AuditEvent)).all()) == events
    assert set(anonymous.cookie()) <= {"csrf_token"}
    buckets = [row.bucket for row in session.scalars(select(AttemptCount))]
    assert len(buckets) == 1
    assert buckets[0].startswith("feedback.guest_answers:"), "counted for the hall, not for a sender"


def test_refused_answers_of_a_guest_are_kept_on_the_page(session, anonymous, evening):
    answer = anonymous.press(f"/feedback/at/{evening.code}", **{"q.more": "A word"})
    assert answer.status_code == 422
    assert "A word" in check_page("", answer).find("textarea").text
    assert session.scalars(select(SpooledResponse)).all() == []


def test_the_code_is_typed_as_people_type(anonymous, evening):
    anonymous.page("/feedback/at")
    typed = f" {evening.code[:5].lower()}-{evening.code[5:].lower()}"
    assert anonymous.get("/feedback/at", query_string={"code": typed}).location == f"/feedback/at/{evening.code}"
    assert anonymous.get("/feedback/at?code=abc").status_code == 422


def test_guessing_codes_ends_after_thirty_and_takes_nobodys_answers(anonymous, evening):
    anonymous.page(f"/feedback/at/{evening.code}")
    found = [anonymous.get(f"/feedback/at/BBBBB{letter * 5}").status_code for letter in "CDFGHJKMNPQRSTVWXZ" * 2]
    assert found == [404] * 30 + [429] * 6
    assert anonymous.get(f"/feedback/at/{evening.code}").status_code == 429
    sent = anonymous.press(f"/feedback/at/{evening.code}", **GOOD)
    assert sent.status_code == 303, "whoever had the form open has answered"
    assert anonymous.get(sent.location).status_code == 200


def test_a_closed_occasion_takes_no_answers(session, owner, anonymous, evening):
    path = f"/owner/occasions/{evening.id}"
    assert owner.press(f"{path}/close").status_code == 303
    assert "closed" in owner.page(path).text
    assert anonymous.get(f"/feedback/at/{evening.code}").status_code == 410
    assert anonymous.press(f"/feedback/at/{evening.code}", **GOOD).status_code == 410
    assert session.scalars(select(SpooledResponse)).all() == []
    kinds = list(session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.startswith("feedback.occasion"))))
    assert sorted(kinds) == ["feedback.occasion.closed", "feedback.occasion.made"]


def test_the_owner_sees_code_and_poster_and_no_number_of_answers(owner, anonymous, evening):
    anonymous.press(f"/feedback/at/{evening.code}", **GOOD)
    page = owner.page(f"/owner/occasions/{evening.id}")
    assert f"{evening.code[:5]}-{evening.code[5:]}" in page.text
    assert "1" not in page.find(class_="facts").text
    poster = owner.get(f"/owner/occasions/{evening.id}/poster.pdf?language=en")
    assert poster.data.startswith(b"%PDF")
    assert "hard" not in poster.headers["Content-Disposition"]


def test_only_the_own_house_s_forms_for_guests_can_be_chosen(session, world, owner, browser, evening):
    staff, _round = ask(session, world.ours.course, form_file("staff"))
    session.commit()
    path = f"/owner/courses/{world.ours.course.id}/occasions"
    assert owner.press(path, title="x", held_on="2026-12-01", form=str(staff.id)).status_code == 422
    other = browser().signed_in_as(world.theirs.owner)
    assert other.get(path).status_code == other.get(f"/owner/occasions/{evening.id}").status_code == 404
