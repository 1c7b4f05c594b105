"""What test municipalities promised, and closing a round."""

from datetime import date

from sqlalchemy import select

from elearn.billing.models import Order
from elearn.core import clock
from elearn.evaluation.figures import Rate, stored_rates
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.feedback.models import FeedbackForm, FeedbackRound, PairingKey, VersionSource
from elearn.feedback.services.publishing import publish_form, retire_form
from elearn.jobs.queue import run_due
from elearn.mail.models import Letter
from tests.billing.shop import open_shop, order
from tests.evaluation.made_up import form, scale


def promise(session, tokens, world, *, share: int, due_on: date) -> Order:
    open_shop(session, world.ours)
    made = order(session, tokens, world.ours)
    made.duty_share, made.duty_due_on, made.accepted_at = share, due_on, clock.now()
    session.commit()
    return made


def set_rates(session, round_, world, *, staff: int | None, leaders: int | None) -> None:
    place = world.ours.municipality.id
    rates = [Rate("after", "staff", place, staff, False)]
    if leaders is not None:
        rates.append(Rate("leader-after", "leader", place, leaders, False))
    session.get_one(PublishedTable, (round_.id, TableKind.RATES, "")).content = stored_rates(rates)
    session.commit()


def test_a_promise_is_kept_from_the_step_that_reaches_it(owner, session, round_, world, tokens):
    promise(session, tokens, world, share=60, due_on=date(2026, 12, 3))
    path = f"/owner/evaluation/{round_.id}/promises"
    set_rates(session, round_, world, staff=5, leaders=7)
    row = owner.page(path).select_one(".ev-duty tbody tr")
    assert "10 days left" in row.text
    assert "about 50%" in row.text
    assert "Not yet" in row.text

    set_rates(session, round_, world, staff=6, leaders=5)
    assert "Not yet" in owner.page(path).select_one(".ev-duty tbody tr").text, "leaders promised, too"
    set_rates(session, round_, world, staff=6, leaders=None)

    row = owner.page(path).select_one(".ev-duty tbody tr")
    assert "Ready for the report" in row.text
    assert owner.get(row.a["href"]).mimetype == "application/pdf"


def test_a_promise_is_kept_by_a_form_that_is_asked_and_has_a_rate(owner, session, round_, world, tokens):
    promise(session, tokens, world, share=60, due_on=date(2026, 12, 3))
    asks = ("reaction", [scale("useful", "Was it useful?")])

    def is_kept(**steps: int) -> bool:
        rates = [Rate(key, "staff", world.ours.municipality.id, step, False) for key, step in steps.items()]
        session.get_one(PublishedTable, (round_.id, TableKind.RATES, "")).content = stored_rates(rates)
        session.commit()
        return "Ready" in owner.page(f"/owner/evaluation/{round_.id}/promises").select_one(".ev-duty tbody tr").text

    def publish(key: str, moment: str) -> None:
        publish_form(
            session, course=round_.course, form=form(key, "staff", moment, asks), source=VersionSource.BROWSER, by=None
        )

    publish("wish", "on-request")
    retire_form(session, form=session.scalars(select(FeedbackForm).where(FeedbackForm.key == "after")).one(), by=None)
    assert is_kept(before=6, after=2), "nobody can answer the other any more"
    publish("instead", "completion")
    assert is_kept(before=2, after=2, instead=6)
    assert is_kept(before=2, after=6, instead=2), "what was given stays given"
    assert not is_kept(before=9, after=2, instead=2)


def test_a_reminder_is_sent_to_the_municipality_and_tells_nobody_how_many(owner, session, round_, world, tokens):
    promise(session, tokens, world, share=90, due_on=date(2026, 12, 3))
    set_rates(session, round_, world, staff=5, leaders=None)
    form = owner.page(f"/owner/evaluation/{round_.id}/promises").select_one(".ev-duty form")

    told = owner.page(owner.press(form["action"]).location).select_one(".flash").text

    assert "Emails are on their way to those in Favrskov Kommune" in told
    assert not any(letter.isdigit() for letter in told)
    letters = session.scalars(select(Letter).where(Letter.kind.like("feedback/%"))).all()
    assert {letter.recipient for letter in letters} == {world.ours.learner.address, world.ours.leader.address}
    elsewhere = f"/owner/evaluation/{round_.id}/municipalities/{world.theirs.municipality.id}/remind"
    assert owner.press(elsewhere).status_code == 404


def test_orders_that_were_cancelled_or_promise_nothing_are_not_there(owner, session, round_, world, tokens):
    made = promise(session, tokens, world, share=60, due_on=date(2026, 11, 20))
    assert "was due 20 November" in owner.page(f"/owner/evaluation/{round_.id}/promises").text
    session.get_one(Order, made.id).cancelled_at = clock.now()
    session.commit()
    assert "No municipality has promised feedback" in owner.page(f"/owner/evaluation/{round_.id}/promises").text


def test_closing_is_explained_then_done_once_and_the_next_round_opens(owner, session, installation, round_):
    path = f"/owner/evaluation/{round_.id}"
    page = owner.page(f"{path}/close")
    assert "cannot be opened again" in page.text
    session.expire_all()
    assert session.get_one(FeedbackRound, round_.id).closed_at is None, "looking closes nothing"

    owner.press(f"{path}/close")
    assert "The round is being closed" in owner.page(path).text
    assert "Close this round" not in owner.page(path).text
    owner.press(f"{path}/close")
    run_due(installation)

    session.expire_all()
    assert session.get_one(FeedbackRound, round_.id).closed_at is not None
    assert session.get(PairingKey, round_.id) is None
    assert "This round is closed already" in owner.page(f"{path}/close").text
    assert "Open the next round" in owner.page(path).text
    opened = owner.press(f"{path}/next").location
    assert owner.press(f"{path}/next").location == opened, "a second press opens no other"
    assert len(session.scalars(select(FeedbackRound).where(FeedbackRound.course_id == round_.course_id)).all()) == 2
    assert "Round 1" in owner.page(opened).text
