"""Reminders of open invitations: after 7 and 21 days, with a fresh link, the hold as it was."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.licensing.errors import InvitationNotValid
from elearn.licensing.jobs import remind_hourly
from elearn.licensing.models import Invitation, Seat
from elearn.licensing.services import (
    accept_invitation,
    remind_several,
    reminders,
    resend_invitation,
    stop_reminders,
    take_back_seat,
)
from elearn.mail.models import Letter
from tests.licensing.helpers import Field
from tests.licensing.test_emails import newest, text

REMINDER = """\
Hello Lise

This is a reminder: Favrskov Kommune has given you a seat in a video course. It is held for you until 4 January. \
It takes 18 min in all. You can stop whenever you like and carry on at the same place on another screen.

> Do use working hours for it.
> Owner ours, House ours

Open the invitation:
http://localhost/invitations/{token}

The link is only for you. It works until 14 December.

Your employer sees when you started and when you finished. Not what you watch, or when you watch it.

The course is about a difficult subject. Each module first tells what you will meet.

Not you? Say no thanks, and the seat goes back. The button for it is on the same page.

We remind you at most twice. If you want no more reminders, say so on the same page.

You get this email because Owner ours from House ours has put you on the list of Favrskov Kommune.

House ours
"""


@pytest.fixture
def only(field: Field) -> Field:
    """The world's own invitation out of the way."""
    side = field.world.ours
    for side in (field.world.ours, field.world.theirs):
        seat = side.seat(field.session, side.invited)
        take_back_seat(field.session, scope=side.house_scope, seat_id=seat.id, by_id=None)
    return field


def remind(field: Field) -> int:
    """Run a whole round; returns how many letters it wrote."""
    before = letters(field)
    after: int | None = 0
    while after is not None:
        after = reminders.remind_some(field.session, field.tokens, after=after)
    return letters(field) - before


def letters(field: Field) -> int:
    return len(field.session.scalars(select(Letter.id)).all())


def test_the_reminder_reads_like_this(only: Field, clock) -> None:
    only.invite("Lise", message="Do use working hours for it.")
    clock.advance(days=7)

    assert remind(only) == 1

    message = newest(only)
    assert message["Subject"] == "A reminder: your course is ready"
    assert text(message).strip() == REMINDER.format(token=only.token()).strip()
    assert "#no-reminders" in text(message, "html")


def test_reminders_come_after_7_and_21_days_and_then_no_more(only: Field, clock) -> None:
    only.invite("Lise")
    reminded_on = []
    for day in range(1, 43):
        clock.advance(days=1)
        reminded_on += [day] * remind(only)

    assert reminded_on == [7, 21]


def test_the_link_before_is_dead_and_the_hold_is_unchanged(only: Field, clock) -> None:
    seat = only.invite("Lise")
    first, hold, invited_at = only.token(), seat.holds_until, seat.invited_at
    clock.advance(days=7)
    remind(only)

    only.session.refresh(seat)
    assert (seat.holds_until, seat.invited_at, only.words(seat)) == (hold, invited_at, ["invited"])
    assert only.open_invitations(seat) == 1
    with pytest.raises(InvitationNotValid), only.session.begin_nested():
        accept_invitation(only.session, first)
    assert accept_invitation(only.session, only.token()).name == "Lise"


def test_a_second_round_on_the_same_day_reminds_nobody_twice(only: Field, clock) -> None:
    only.invite("Lise")
    clock.advance(days=7)

    assert [remind(only), remind(only)] == [1, 0]


def test_after_a_long_stop_of_the_worker_one_reminder_is_sent_not_two(only: Field, clock) -> None:
    only.invite("Lise")
    clock.advance(days=25)

    assert [remind(only), remind(only)] == [1, 0]


@pytest.mark.parametrize(("hold", "reminded"), [(7, 0), (8, 0), (9, 0), (10, 1)])
def test_nobody_is_hurried_when_the_hold_ends_within_two_days(only: Field, clock, hold: int, reminded: int) -> None:
    seat = only.invite("Lise", holds=product_clock.today("DK") + timedelta(days=hold))  # type: ignore[arg-type]
    clock.advance(days=7)

    assert remind(only) == reminded
    assert seat.holds_until is not None


@pytest.mark.parametrize("what", ["accepted", "withdrawn", "came back"])
def test_none_after_an_answer_a_withdrawal_or_a_letter_that_came_back(only: Field, clock, what: str) -> None:
    seat = only.invite("Lise")
    match what:
        case "accepted":
            accept_invitation(only.session, only.token())
        case "withdrawn":
            take_back_seat(only.session, scope=only.scope, seat_id=seat.id, by_id=only.owner_id)
        case "came back":
            invitation = only.session.scalars(select(Invitation).where(Invitation.seat_id == seat.id)).one()
            only.session.get_one(Letter, invitation.letter_id).refused = "550 5.1.1 No such user"
    clock.advance(days=7)

    assert remind(only) == 0


def test_sending_again_begins_the_count_anew(only: Field, clock) -> None:
    seat = only.invite("Lise")
    clock.advance(days=7)
    remind(only)
    resend_invitation(only.session, only.tokens, scope=only.scope, seat_id=seat.id, by_id=only.owner_id)
    clock.advance(days=6)
    assert remind(only) == 0

    clock.advance(days=1)

    assert remind(only) == 1


def test_whoever_wants_none_gets_none_and_keeps_the_seat(only: Field, clock) -> None:
    seat = only.invite("Lise")
    stop_reminders(only.session, only.token())
    clock.advance(days=7)

    assert remind(only) == 0
    asked = {"licence_id": only.licence.id, "holders": {seat.id: seat.person_id}, "by_id": only.owner_id}
    assert remind_several(only.session, only.tokens, scope=only.scope, **asked) == []
    assert accept_invitation(only.session, only.token()).id == seat.person_id


def test_the_next_holder_of_the_seat_is_reminded_again(only: Field, clock) -> None:
    seat = only.invite("Lise")
    stop_reminders(only.session, only.token())
    take_back_seat(only.session, scope=only.scope, seat_id=seat.id, by_id=only.owner_id)
    only.invite("Bo")
    clock.advance(days=7)

    assert remind(only) == 1


def test_many_are_reminded_in_batches(only: Field, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Lise", "Bo", "Amina"):
        only.invite(name)
    clock.advance(days=7)
    monkeypatch.setattr(reminders, "BATCH", 2)

    assert remind(only) == 3


def test_the_hourly_job_goes_on_until_all_are_reminded(only: Field, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Lise", "Bo", "Amina"):
        only.invite(name)
    only.session.commit()
    clock.advance(days=7)
    monkeypatch.setattr(reminders, "BATCH", 1)
    remind_hourly(only.installation, only.session)
    only.session.commit()

    while run_due(only.installation):
        pass

    reminded = only.session.scalars(select(Seat.reminders).where(Seat.licence_id == only.licence.id)).all()
    assert reminded == [1, 1, 1]
    assert only.session.scalars(select(Job.last_error)).all().count(None) > 0


def test_the_page_offers_it_and_the_button_does_it(only: Field, anonymous) -> None:
    seat = only.invite("Lise")
    only.session.commit()
    path = f"/invitations/{only.token()}"
    assert anonymous.page(path).select_one("#no-reminders") is not None

    answer = anonymous.press(f"{path}/no-reminders")

    assert answer.location == path
    page = anonymous.page(path)
    assert "4. januar 2027" in page.text, "the hold is told, in a visitor's language"
    assert page.select_one("#no-reminders") is None
    assert only.session.get_one(Seat, seat.id, populate_existing=True).wants_no_reminders is True


def test_a_dead_link_stops_nothing(only: Field, anonymous) -> None:
    seat = only.invite("Lise")
    take_back_seat(only.session, scope=only.scope, seat_id=seat.id, by_id=only.owner_id)
    only.session.commit()

    assert anonymous.press(f"/invitations/{only.token()}/no-reminders").status_code == 410
