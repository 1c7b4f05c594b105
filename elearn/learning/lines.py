"""The line: a bar that shows what is there and a gap where something is not (look.md 1). Sizes only, no HTML.

The player redraws the film's line with the same sizes (frontend/player/line.ts).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from elearn.core.i18n import gettext as _
from elearn.learning import ranges, words
from elearn.learning.progress import CourseProgress, LessonProgress

WIDTH = 1000
HEIGHT = 18
GAP = 5
"""Between two modules."""


@dataclass(frozen=True)
class Bar:
    """One rectangle of a line."""

    kind: str
    """'todo', 'seen', 'miss' or 'here'."""
    x: float
    y: float
    width: float
    height: float


def film_bars(lesson: LessonProgress) -> list[Bar]:
    """Return the line of one film, with 'here' where the person stopped."""
    scale = WIDTH / lesson.length_s
    return [*_film(lesson, 0, scale), _here(min(lesson.position_s or 0, lesson.length_s) * scale)]


def film_words(lesson: LessonProgress) -> str:
    """Say what the film's line shows."""
    if not lesson.missing:
        return words.said("line_all_seen")
    if not lesson.seen:
        return words.said("line_nothing_seen")
    seen, missing = ranges.stretches(lesson.seen), lesson.missing
    return words.said("line", seen=_named(seen), missing=_named(missing))


def course_bars(course: CourseProgress) -> list[Bar]:
    """Return the line of a course: modules by the length of their films, and 'here' where to carry on."""
    scale = (WIDTH - GAP * (len(course.modules) - 1)) / max(course.length_s, 1)
    here = course.here
    bars: list[Bar] = []
    markers: list[Bar] = []
    x = 0.0
    for module in course.modules:
        for lesson in module.lessons:
            bars += _read(lesson, x, scale) if lesson.how == "read" else _film(lesson, x, scale)
            if here and here.lesson is lesson:
                markers.append(_here(x + here.position_s * scale))
            x += lesson.length_s * scale
        x += GAP
    return bars + markers


def course_words(course: CourseProgress) -> str:
    """Say what the course's line shows."""
    sentences = [
        _(
            "You have watched %(seen)s of %(length)s.",
            seen=words.length_words(course.seen_s),
            length=words.length_words(course.length_s),
        )
    ]
    for number, stretches in passed_over(course):
        sentences.append(
            _("In module %(number)s you still have %(stretches)s.", number=number, stretches=_named(stretches))
        )
    return " ".join(sentences)


def passed_over(course: CourseProgress) -> Iterator[tuple[int, list[ranges.Stretch]]]:
    """Yield the number of each module in which parts were passed by, and those parts."""
    for number, module in enumerate(course.modules, 1):
        found = [stretch for lesson in module.lessons if not lesson.is_complete for stretch in lesson.skipped_over]
        if found:
            yield number, found


def _film(lesson: LessonProgress, x: float, scale: float) -> Iterator[Bar]:
    yield _span("todo", x, scale, 0, lesson.length_s)
    for first, after in ranges.stretches(lesson.seen):
        yield _span("seen", x, scale, first, after)
    if not lesson.is_complete:  # amber means 'this waits for you'
        for first, after in lesson.skipped_over:
            strip = _span("miss", x, scale, first, after)
            yield Bar(strip.kind, strip.x, HEIGHT * 0.3, strip.width, HEIGHT * 0.4)


def _read(lesson: LessonProgress, x: float, scale: float) -> list[Bar]:
    """In the line of a course a film that was read counts whole; its own line still shows what was watched."""
    return [_span("seen", x, scale, 0, lesson.length_s)]


def _span(kind: str, x: float, scale: float, first: float, after: float) -> Bar:
    return Bar(kind, round(x + first * scale, 1), 0, round((after - first) * scale, 1), HEIGHT)


def _here(x: float) -> Bar:
    return Bar("here", round(x - 2.5, 1), -HEIGHT / 2, 5, HEIGHT * 2)


def _named(stretches: list[ranges.Stretch]) -> str:
    return words.listed([words.stretch_text(stretch) for stretch in stretches])
