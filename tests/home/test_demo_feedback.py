"""The made-up evaluation: people change by what is said, and what is published is what scipy finds in raw answers."""

import random
from collections import defaultdict
from typing import Any

import pytest
from scipy import stats
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.evaluation.figures import figures_of, rates_of
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.evaluation.services import release_and_publish
from elearn.feedback.models import FeedbackRound, SpooledResponse
from elearn.home import demo_feedback
from elearn.home.demo_answers import answers, true_change
from tests.conftest import TestClock
from tests.evaluation.rounds import SCALE, WORDS, Round, form_file, start
from tests.world import World

BEFORE = form_file("before", {"notice": SCALE, "talk": SCALE}, moment="before-start")
AFTER = form_file(
    "after",
    {
        "notice": SCALE,
        "talk": SCALE,
        "recommend": {"type": "recommendation", "text": WORDS},
        "why": {"type": "long_text", "text": WORDS},
    },
    compares_with="before",
)
LEADER = form_file("leader", {"notice": SCALE}, audience=["leader"])


@pytest.fixture
def round_(session: Session, clock: TestClock) -> Round:
    return start(session, BEFORE, AFTER, LEADER, towns=demo_feedback.TOWNS)


def _content(session: Session, round_: Round, kind: TableKind) -> dict[str, Any]:
    table = session.get(PublishedTable, (round_.row.id, str(kind), ""))
    assert table
    return table.content


def test_what_is_published_of_a_field_is_what_scipy_finds_in_the_raw_answers(
    session: Session, installation: Installation, round_: Round
) -> None:
    people = demo_feedback.people(round_.towns, 7, staff=30)
    made = demo_feedback.waves(session, installation.tokens, round_=round_.row, respondents=people, seed=7)
    raw: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    keys = {round_.form(key).id: key for key in ("before", "after")}
    for week in made.weeks:
        for row in made.spool[week]:
            if row["form_id"] in keys:
                raw[row["pseudonym"]][keys[row["form_id"]]] = row["answers"]
        demo_feedback.hand_in(session, made, week)
        release_and_publish(session, round_.row)

    shown = {(each.form, each.question): each for each in figures_of(_content(session, round_, TableKind.ALL))}

    for question in ("notice", "talk"):
        pairs = [(each["before"][question], each["after"][question]) for each in raw.values() if len(each) == 2]
        before, after = zip(*pairs, strict=True)
        interval = stats.ttest_rel(after, before).confidence_interval(0.95)
        change = shown["after", question].change
        assert change
        assert change.n == len(pairs), "everybody has been taken in"
        assert (change.change.low, change.change.high) == pytest.approx((interval.low, interval.high), abs=0.005)


def test_people_change_by_what_is_said_to_be_true() -> None:
    chance = random.Random(2)
    changes = []
    for _ in range(20_000):
        before = answers(BEFORE, chance, {})
        changes.append(answers(AFTER, chance, before)["talk"] - before["talk"])

    assert sum(changes) / len(changes) == pytest.approx(true_change(AFTER, "talk"), abs=0.02)


def test_the_demo_has_half_a_year_of_feedback_with_rates_and_leaves_some_in_the_spool(
    session: Session, installation: Installation, world: World
) -> None:
    round_ = start(session, BEFORE, AFTER, LEADER, course=world.ours.course)

    made = demo_feedback.make(session, installation.tokens, round_=round_.row, seed=1, staff=30)

    assert made > 200
    assert _content(session, round_, TableKind.ALL)["figures"]
    steps = [rate for rate in rates_of(_content(session, round_, TableKind.RATES)) if rate.step]
    assert {rate.form for rate in steps} >= {"before"}
    assert session.scalar(select(SpooledResponse.id).limit(1))
    assert session.get_one(FeedbackRound, round_.row.id).closed_at is None
