"""The line and the words about film time."""

import pytest

from elearn.core import i18n
from elearn.learning import lines, words
from elearn.learning.progress import CourseProgress, LessonProgress, ModuleProgress
from elearn.learning.ranges import all_of


class Film:
    """A film of some length; nothing else of it matters here."""

    def __init__(self, length_s: int) -> None:
        self.length_s = length_s


def lesson(length_s: int, *seen: tuple[int, int], position: float | None = None, how: str | None = None):
    return LessonProgress(
        lesson=None,
        film=Film(length_s),
        seen=all_of(seen),
        skipped=0,
        position_s=position,
        watched_at=None,
        completed_at="then" if how else None,
        how=how,
    )


def course(*lessons) -> CourseProgress:
    return CourseProgress(course=None, modules=[ModuleProgress(None, [each]) for each in lessons], completed_at=None)


def shapes(bars) -> list[tuple[str, float, float]]:
    return [(bar.kind, bar.x, bar.width) for bar in bars]


def test_a_films_line_shows_seen_passed_over_and_here():
    bars = lines.film_bars(lesson(100, (0, 10), (20, 40), position=40.0))
    assert shapes(bars) == [
        ("todo", 0, 1000),
        ("seen", 0, 100),
        ("seen", 200, 200),
        ("miss", 100, 100),
        ("here", 397.5, 5),
    ]


def test_a_courses_line_lays_modules_out_by_length_with_gaps():
    bars = lines.course_bars(course(lesson(100, how="read"), lesson(99)))
    assert shapes(bars) == [("seen", 0, 500), ("todo", 505, 495), ("here", 502.5, 5)]


def test_amber_waits_for_nobody_who_is_through():
    kinds = {bar.kind for bar in lines.film_bars(lesson(100, (0, 10), (12, 100), position=100.0, how="watched"))}
    assert "miss" not in kinds


def test_the_line_is_said_in_words():
    assert lines.film_words(lesson(100, (0, 100))) == "All of it watched."
    assert lines.film_words(lesson(100)) == "Nothing watched yet."
    assert lines.film_words(lesson(100, (0, 10))) == "Watched 00:00–00:10. Missing: 00:10–01:40."


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0:00"), (9.9, "0:09"), (130, "2:10"), (845, "14:05"), (3730, "1:02:10")]
)
def test_a_place_in_a_film(seconds, written):
    assert words.clock_text(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(19, "19 s"), (60, "1 min"), (415, "6 min 55 s"), (2520, "42 min"), (3840, "1 h 4 min")]
)
def test_a_length_never_breaks_over_a_line(seconds, written):
    assert words.length_words(seconds) == written.replace(" ", "\N{NO-BREAK SPACE}")


def test_shares_and_lists_follow_the_language():
    assert i18n.format_percent(95) == "95%"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    with i18n.speaking("da"):
        assert i18n.format_percent(95) == "95\N{NO-BREAK SPACE}%"
        assert words.listed(["a", "b"]) == "a og b"
