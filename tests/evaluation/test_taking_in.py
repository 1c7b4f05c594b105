"""Which released answers come into the figures, and when."""

from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from elearn.evaluation.figures import Figure, figures_of
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.feedback.models import ReleasedAnswer, SpooledResponse, VersionSource
from elearn.feedback.services.publishing import publish_form, retire_form, start_round
from tests.conftest import TestClock
from tests.evaluation.rounds import SCALE, WORDS, Round, form_file, start

ALL, TOWN, SECTOR = TableKind.ALL, TableKind.MUNICIPALITY, TableKind.SECTOR
OPTIONS = [{"id": "yes", "text": WORDS}, {"id": "no", "text": WORDS}]


def _start(session: Session, **question: Any) -> Round:
    return start(session, form_file("end", {"useful": SCALE | question}))


def test_a_town_of_five_is_counted_and_one_of_four_is_in_no_figure(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [4, 5, 4, 3, 2])
    round_.answers("end", 1, "school", "useful", [4, 5, 4, 3, 2])
    round_.answers("end", 2, "school", "useful", [1, 2, 3, 4])

    round_.release()

    total = round_.figures()["useful", ""]
    assert (total.n, total.counts) == (10, {"1": 0, "2": 2, "3": 2, "4": 4, "5": 2})
    assert round_.figures(TOWN, 0)["useful", ""].counts == {"1": 0, "2": 1, "3": 1, "4": 2, "5": 1}
    assert not round_.figures(TOWN, 2)


def test_a_town_has_a_mean_from_ten_answers_and_a_sector_nothing_else(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5, 5])
    round_.answers("end", 1, "school", "useful", [1, 2, 3, 4, 5] * 2)

    round_.release()

    assert round_.figures(TOWN, 0)["useful", ""].mean is None
    assert round_.figures(TOWN, 1)["useful", ""].mean
    sector = round_.figures(SECTOR, "school")["useful", ""]
    assert (sector.n, sector.counts) == (15, None)
    assert sector.mean


def test_a_sector_of_nine_waits_and_takes_along_the_town_it_leaves_too_small(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5, 5, 4, 3, 2, 1])
    round_.answers("end", 1, "school", "useful", [1, 2])
    round_.answers("end", 1, "health", "useful", [1, 2, 3, 4, 5, 1, 2, 3, 4])

    round_.release()

    assert round_.figures()["useful", ""].n == 10
    assert not round_.figures(TOWN, 1)


def test_what_waits_is_taken_in_as_soon_as_it_has_company(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5] * 2)
    round_.answers("end", 1, "health", "useful", [1, 2, 3, 4, 5])
    round_.release()
    assert round_.figures()["useful", ""].n == 10

    round_.answers("end", 2, "health", "useful", [5, 4, 3, 2, 1])
    round_.release()

    assert round_.figures()["useful", ""].n == 20
    assert round_.figures(TOWN, 1)["useful", ""].n == 5


def test_a_small_town_that_says_one_thing_waits(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5] * 2)
    round_.answers("end", 1, "school", "useful", [2] * 9)
    round_.release()
    assert not round_.figures(TOWN, 1)

    round_.answers("end", 1, "school", "useful", [2] * 5)
    round_.release()

    assert round_.figures(TOWN, 1)["useful", ""].counts == {"1": 0, "2": 14, "3": 0, "4": 0, "5": 0}


def test_each_row_of_a_matrix_is_taken_in_for_itself(session: Session) -> None:
    rows = [{"id": "we", "text": WORDS}, {"id": "they", "text": WORDS}]
    round_ = start(
        session, form_file("end", {"work": {"type": "matrix", "text": WORDS, "rows": rows, "labels": [WORDS] * 5}})
    )
    for number in range(12):
        round_.answer("end", 0, "school", {"work": {"we": 1 + number % 5, **({"they": 3} if number < 7 else {})}})

    round_.release()

    assert round_.figures(TOWN, 0)["work", "we"].n == 12
    assert ("work", "they") not in round_.figures()


def test_an_option_that_nobody_ticked_holds_nothing_back(session: Session) -> None:
    round_ = start(session, form_file("end", {"which": {"type": "multiple", "text": WORDS, "options": OPTIONS}}))
    for number in range(12):
        round_.answer("end", number % 2, "school", {"which": ["yes"] if number < 8 else []})

    round_.release()

    assert round_.figures(TOWN, 0)["which", "no"].counts == {"0": 6, "1": 0}
    shares = round_.figures()["which", "yes"].shares
    assert shares
    assert shares["1"].value == pytest.approx(0.667)


def test_an_option_that_all_of_a_small_town_ticked_holds_back_the_others_too(session: Session) -> None:
    """Withheld alone, it would be told by its absence."""
    round_ = start(session, form_file("end", {"which": {"type": "multiple", "text": WORDS, "options": OPTIONS}}))
    for number in range(10):
        round_.answer("end", 0, "school", {"which": ["yes"] if number % 2 else ["no"]})
    for number in range(6):
        round_.answer("end", 1, "school", {"which": ["yes", "no"] if number % 2 else ["yes"]})
    round_.release()

    assert not round_.figures(TOWN, 1)
    assert {each.n for each in round_.figures().values()} == {10}

    for _each in range(5):
        round_.answer("end", 1, "school", {"which": ["no"]})
    round_.release()

    assert round_.figures(TOWN, 1)["which", "yes"].counts == {"0": 5, "1": 6}


def test_a_small_town_that_chooses_one_thing_waits(session: Session) -> None:
    round_ = start(session, form_file("end", {"do": {"type": "single", "text": WORDS, "options": OPTIONS}}))
    round_.answers("end", 0, "school", "do", ["yes", "no"] * 5)
    round_.answers("end", 1, "school", "do", ["no"] * 6)

    round_.release()

    assert round_.figures()["do", ""].n == 10


def _pairs(
    round_: Round, town: int, sector: str, number: int, *, audience: str = "staff", later: str = "after"
) -> None:
    for each in range(number):
        person = f"{town}-{sector}-{each}-{audience}"
        round_.answer("before", town, sector, {"notice": 2}, person=person, audience=audience)
        round_.answer(later, town, sector, {"notice": 3 + each % 2}, person=person, audience=audience)


def _start_comparing(session: Session, audience: str = "staff") -> Round:
    return start(
        session,
        form_file("before", {"notice": SCALE}, moment="before-start", audience=[audience]),
        form_file("after", {"notice": SCALE, "useful": SCALE}, compares_with="before", audience=[audience]),
    )


def test_what_is_compared_is_published_in_pairs_and_in_no_other_way(session: Session) -> None:
    round_ = _start_comparing(session)
    _pairs(round_, 0, "school", 12)
    round_.answers("before", 0, "school", "notice", [1] * 6)  # who answered before only
    round_.release()

    found = round_.figures()

    assert set(found) == {("notice", "")}
    figure = found["notice", ""]
    assert (figure.form, figure.n, figure.counts, figure.mean) == ("after", 12, None, None)
    assert figure.change
    assert (figure.change.before.value, figure.change.change.value) == (2, 1.5)
    assert round_.figures(TOWN, 0)["notice", ""].change == figure.change


def test_nine_pairs_wait_for_a_tenth(session: Session) -> None:
    round_ = _start_comparing(session)
    _pairs(round_, 0, "school", 9)
    round_.release()
    assert not round_.figures()

    round_.answers("before", 0, "school", "notice", [1] * 5)
    _pairs(round_, 1, "school", 10)
    round_.release()

    assert round_.figures()["notice", ""].n == 10


def test_leaders_changes_are_published_in_all_from_ten(session: Session) -> None:
    """A municipality has few leaders: by municipality, their changes would wait for ever, and the total with them."""
    round_ = _start_comparing(session, "leader")
    _pairs(round_, 0, "school", 6, audience="leader")
    _pairs(round_, 1, "health", 6, audience="leader")

    round_.release()

    assert round_.figures()["notice", ""].n == 12
    assert not round_.figures(TOWN, 0)


def test_an_answer_is_in_one_comparison_at_most(session: Session) -> None:
    round_ = start(
        session,
        form_file("before", {"notice": SCALE}, moment="before-start"),
        form_file("after", {"notice": SCALE}, compares_with="before"),
        form_file("later", {"notice": SCALE}, compares_with="before", moment="later"),
    )
    _pairs(round_, 0, "school", 12)
    for each in range(12):
        round_.answer("later", 0, "school", {"notice": 1 + each % 5}, person=f"0-school-{each}-staff")
    round_.release()

    tables = round_.session.scalar(select(func.count()).where(PublishedTable.round_id == round_.row.id))
    table = round_.session.get(PublishedTable, (round_.row.id, "all", ""))

    assert tables
    assert table
    assert [(each["form"], each["change"] is not None) for each in table.content["figures"]] == [
        ("after", True),
        ("later", False),
    ]


def test_what_replaces_a_retired_form_is_compared_from_the_next_round(session: Session, clock: TestClock) -> None:
    round_ = _start_comparing(session)
    course = round_.row.course
    retire_form(session, form=round_.form("after"), by=None)
    instead = form_file("after-2", {"notice": SCALE}, compares_with="before")
    publish_form(session, course=course, form=instead, source=VersionSource.BROWSER, by=None)
    _pairs(round_, 0, "school", 12)
    for each in range(12):
        round_.answer("after-2", 0, "school", {"notice": 1 + each % 5}, person=f"0-school-{each}-staff")
    round_.close()
    assert _is_change(round_) == {"after": True, "after-2": False}, "one comparison in a round, whatever is retired"

    clock.advance(days=1)
    next_ = Round(session, start_round(session, course=course, by=None), round_.towns)
    _pairs(next_, 0, "school", 12, later="after-2")
    next_.release()

    assert _is_change(next_) == {"after-2": True}


def _is_change(round_: Round) -> dict[str, bool]:
    """Return, by form, whether its figure of all is a change; what is asked is one question."""
    table = round_.session.get_one(PublishedTable, (round_.row.id, "all", ""))
    return {figure.form: figure.change is not None for figure in figures_of(table.content)}


def test_a_question_that_comes_late_into_an_older_form_joins_no_few(session: Session) -> None:
    """What was counted as 'before' becomes 'after', and three of the ten that were taken in have a 'before' now."""
    shared, late = {"shared": SCALE}, {"shared": SCALE, "late": SCALE}
    round_ = start(
        session,
        form_file("first", shared, moment="on-request"),
        form_file("second", late, compares_with="first"),
        form_file("third", late, moment="later", compares_with="second"),
    )
    for each in range(10):
        for form in ("second", "third"):
            round_.answer(form, 0, "school", {"late": 1 + each % 5}, person=f"{each}")
    round_.release()
    assert round_.figures()["late", ""].n == 10

    course = round_.row.course
    publish_form(
        session,
        course=course,
        form=form_file("first", late, moment="on-request"),
        source=VersionSource.BROWSER,
        by=None,
    )
    for each in range(7, 12):
        round_.answer("first", 0, "school", {"late": 3}, person=f"{each}")
    round_.release()
    assert not _of_form(round_, "second")

    for each in [*range(7), "new"]:
        round_.answer("first", 0, "school", {"late": 3}, person=f"{each}")
    round_.release()
    assert not _of_form(round_, "second"), "nor one by one"


def _of_form(round_: Round, form: str) -> list[Figure]:
    """Return the figures of a form in all published tables."""
    tables = round_.session.scalars(select(PublishedTable).where(PublishedTable.kind != TableKind.RATES)).all()
    return [figure for table in tables for figure in figures_of(table.content) if figure.form == form]


def test_closing_pools_what_still_waits_and_destroys_the_rest(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5, 1, 2])  # a sector of seven
    round_.answers("end", 1, "health", "useful", [3, 4, 5])  # three, still in the spool
    round_.answers("end", 2, "care", "useful", [4, 4])
    round_.release()
    assert not round_.figures()

    round_.close()

    assert round_.figures()["useful", ""].n == 12
    assert not round_.figures(TOWN, 0)
    left = select(func.count()).select_from(SpooledResponse).where(SpooledResponse.round_id == round_.row.id)
    assert session.scalar(left) == 0


def test_fewer_than_ten_are_in_no_figure_at_the_end_either(session: Session) -> None:
    round_ = _start(session)
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5, 1, 2])

    round_.close()

    assert not round_.figures()


def test_closing_destroys_what_joins_pairs_and_freezes_the_figures(session: Session) -> None:
    round_ = _start_comparing(session)
    _pairs(round_, 0, "school", 12)
    round_.close()
    found = round_.figures()
    assert found["notice", ""].change

    round_.close()

    assert round_.figures() == found
    joined = select(func.count()).where(ReleasedAnswer.pseudonym.is_not(None))
    assert session.scalar(joined.where(ReleasedAnswer.round_id == round_.row.id)) == 0


def test_five_answers_of_one_person_about_five_modules_are_not_five_people(session: Session) -> None:
    round_ = start(session, form_file("module", {"useful": SCALE}, moment="after-module"))
    for module in "abcde":
        round_.answer("module", 0, "school", {"useful": 4}, about=module)

    round_.release()

    assert session.scalar(select(func.count()).where(SpooledResponse.round_id == round_.row.id)) == 5


@pytest.mark.parametrize("people", [10, 60])
def test_publishing_asks_the_database_as_often_for_many_as_for_few(session: Session, people: int) -> None:
    round_ = start(session, form_file("end", {f"q{number}": SCALE for number in range(20)}))
    for each in range(people):
        round_.answer("end", each % 2, "school", {f"q{number}": 1 + (each + number) % 5 for number in range(20)})
    session.flush()
    asked = []
    event.listen(session.connection(), "before_cursor_execute", lambda *each: asked.append(each[2]))

    round_.release()

    assert len(asked) <= 40
