"""Two letters at most, one before the day and one after it."""

from datetime import date

from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.mail.models import Letter
from elearn.training.models import TrainingDue
from tests.training.conftest import Training, days

MONDAY = date(2026, 11, 23)


def sent_on(training: Training, person) -> list[date]:
    return [product_clock.day_of(letter.queued_at, "DK") for letter in training.letters(person)]


def test_one_letter_before_the_day_and_one_after_it(training: Training) -> None:
    training.rule(within_days=20)
    lise = training.seated("Lise")
    training.hour()
    training.pass_days(29)

    assert sent_on(training, lise) == [MONDAY + days(13), MONDAY + days(27)]
    assert [letter.context["is_late"] for letter in training.letters(lise)] == [False, True]
    training.session.query(Letter).delete()  # nothing else remembers them
    training.pass_days(60)
    assert sent_on(training, lise) == []


def test_who_is_done_is_left_alone(training: Training) -> None:
    training.rule(within_days=20)
    lise = training.seated("Lise")
    training.hour()
    training.pass_days(15)
    training.completes(lise)
    training.pass_days(20)

    assert len(training.letters(lise)) == 1


def test_who_has_declined_reminders_gets_none(training: Training) -> None:
    training.rule()
    lise = training.seated("Lise")
    lise.nudges_declined_at = product_clock.now()
    training.hour()
    training.pass_days(30)

    assert training.letters(lise) == []
    assert training.session.scalars(select(TrainingDue.reminded_at)).all() == [None]


def test_who_has_no_seat_to_do_it_on_gets_none(training: Training) -> None:
    training.rule()
    lise = training.joins("Lise")
    training.hour()
    training.pass_days(30)

    assert training.letters(lise) == []


def test_a_short_rule_does_not_remind_right_after_the_invitation(training: Training) -> None:
    training.rule(within_days=7)
    lise = training.seated("Lise")
    training.hour()
    training.pass_days(10)

    assert sent_on(training, lise) == [MONDAY + days(3)]
