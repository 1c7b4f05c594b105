"""What a person has seen, added up: lessons, modules, course, and where to carry on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.catalogue.queries import CourseOutline, Film, LessonOutline, ModuleOutline
from elearn.learning.progress import CourseProgress, Here, LessonProgress, ModuleProgress, as_json
from elearn.learning.ranges import between

LENGTH = 60
sets = st.integers(min_value=0, max_value=2**LENGTH - 1)
SOME_DAY = datetime(2026, 11, 23, tzinfo=UTC)
NOTHING: Any = None
"""The course's texts, which decide nothing here."""


def lesson(seen: int = 0, *, length_s: int = LENGTH, skipped: int = 0, **changed: Any) -> LessonProgress:
    film = Film(video_id=1, language="da", package="film", duration_ms=length_s * 1000, length_s=length_s)
    values = {"position_s": None, "watched_at": None, "completed_at": None, "how": None}
    return LessonProgress(LessonOutline(1, NOTHING, {"da": film}), film, seen, skipped, **(values | changed))


def done(seen: int = 0, **changed: Any) -> LessonProgress:
    return lesson(seen, **({"completed_at": SOME_DAY, "how": "read"} | changed))


def watched(day: int, **changed: Any) -> LessonProgress:
    return lesson(1, position_s=1.0, watched_at=datetime(2026, 11, day, tzinfo=UTC), **changed)


def module(*lessons: LessonProgress, number: int = 1) -> ModuleProgress:
    return ModuleProgress(ModuleOutline(number, NOTHING, []), list(lessons))


def course(*modules: ModuleProgress) -> CourseProgress:
    outline = CourseOutline(1, "course", 1, 1, 1, SOME_DAY, is_current=True, content=NOTHING, modules=[])
    return CourseProgress(outline, list(modules), None)


@given(sets, sets)
def test_what_lacks_is_counted_as_it_is_listed(seen: int, skipped: int) -> None:
    each = lesson(seen, skipped=skipped)

    assert each.left_s == sum(after - first for first, after in each.missing)
    assert each.left_s == LENGTH - (seen | skipped).bit_count()


@given(sets)
def test_skipped_over_is_what_lacks_before_the_furthest_second_seen(seen: int) -> None:
    each = lesson(seen)
    ahead = [(seen.bit_length(), LENGTH)] if seen.bit_length() < LENGTH else []

    assert each.skipped_over + ahead == each.missing


def test_a_lesson_that_is_complete_lacks_nothing_whatever_was_seen() -> None:
    assert (lesson(1).left_s, done(1).left_s) == (LENGTH - 1, 0)
    assert (lesson(1).is_complete, done(1).is_complete) == (False, True)


def test_seconds_seen_are_counted_once_each() -> None:
    assert lesson(between(0, 5) | between(3, 9)).seen_s == 9


@pytest.mark.parametrize(
    ("each", "started"),
    [(lesson(), False), (lesson(position_s=0.0), True), (done(), True)],
    ids=["no", "begun", "read"],
)
def test_a_lesson_is_started_by_watching_or_reading(each: LessonProgress, started: bool) -> None:
    assert each.is_started is started


def test_a_module_and_a_course_add_their_lessons_up() -> None:
    first = module(lesson(between(0, 10)), done(length_s=20))
    second = module(lesson(between(0, 3), length_s=30, skipped=between(5, 9)))

    assert (first.length_s, first.seen_s, first.left_s) == (80, 10, 50)
    assert (second.length_s, second.seen_s, second.left_s) == (30, 3, 23)
    whole = course(first, second)
    assert (whole.length_s, whole.seen_s, whole.left_s) == (110, 13, 73)


def test_a_module_is_complete_when_all_lessons_are_and_started_when_any_is() -> None:
    assert [module(done(), done()).is_complete, module(done(), lesson()).is_complete] == [True, False]
    assert [module(done(), lesson()).is_started, module(lesson(), lesson()).is_started] == [True, False]


def test_a_course_is_started_when_any_module_is() -> None:
    assert course(module(lesson()), module(done())).is_started
    assert not course(module(lesson()), module(lesson())).is_started


def test_a_module_is_found_by_its_id() -> None:
    first, second = module(number=1), module(lesson(), number=2)

    assert course(first, second).module(2) is second


def test_a_course_goes_on_at_the_lesson_watched_last_while_it_lacks_something() -> None:
    later = watched(5)
    second = module(later, watched(4), number=2)

    assert course(module(watched(3), done(watched_at=SOME_DAY)), second).here == Here(second, later)


def test_a_course_nobody_has_begun_goes_on_at_the_first_lesson_that_lacks_something() -> None:
    open_ = lesson()
    first = module(done(watched_at=SOME_DAY), open_)

    assert course(first, module(lesson(length_s=10))).here == Here(first, open_)


def test_a_course_that_lacks_nothing_goes_on_nowhere() -> None:
    assert course(module(done(watched_at=SOME_DAY))).here is None


@pytest.mark.parametrize(("position_s", "place"), [(None, 0.0), (12.5, 12.5)])
def test_the_place_to_carry_on_is_where_the_person_stopped(position_s: float | None, place: float) -> None:
    each = lesson(position_s=position_s)

    assert Here(module(each), each).position_s == place


def test_the_player_reads_what_is_seen_what_lacks_and_what_is_skipped() -> None:
    told = as_json(
        seen=between(0, 4) | between(6, 8), length_s=12, position_s=7.5, skipped=between(9, 11), complete=False
    )

    assert told == {
        "seen": [(0, 4), (6, 8)],
        "seen_s": 6,
        "length_s": 12,
        "position": 7.5,
        "complete": False,
        "missing": [(4, 6), (8, 9), (11, 12)],
        "skipped": [(9, 11)],
    }
