"""What one person has seen, as pages and the player show it. Values only; nothing here reads or writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elearn.catalogue.queries import CourseOutline, Film, LessonOutline, ModuleOutline
from elearn.learning import ranges
from elearn.learning.ranges import Stretch


@dataclass(frozen=True)
class LessonProgress:
    """How far a person is in a lesson's film."""

    lesson: LessonOutline
    film: Film
    seen: int
    """The set of seconds seen."""
    skipped: int
    """The set of seconds skipped by choice: they do not count."""
    position_s: float | None
    """Where the person stopped; None before they began."""
    watched_at: datetime | None
    """When it was last watched; for the person's own pages only."""
    completed_at: datetime | None
    how: str | None
    """'watched' or 'read', once complete."""

    @property
    def is_complete(self) -> bool:
        """Whether it counts as done."""
        return self.completed_at is not None

    @property
    def length_s(self) -> int:
        """Seconds in the film."""
        return self.film.length_s

    @property
    def seen_s(self) -> int:
        """Seconds seen."""
        return self.seen.bit_count()

    @property
    def left_s(self) -> int:
        """Seconds that lack, skipped ones aside; none once it is complete."""
        return 0 if self.is_complete else ranges.missing(self.seen, self.length_s, self.skipped).bit_count()

    @property
    def is_started(self) -> bool:
        """Whether anything was seen, or it was read."""
        return self.is_complete or self.position_s is not None

    @property
    def missing(self) -> list[Stretch]:
        """The stretches that lack."""
        return ranges.stretches(ranges.missing(self.seen, self.length_s, self.skipped))

    @property
    def skipped_over(self) -> list[Stretch]:
        """The stretches that lack before the furthest second seen: passed by, not merely ahead."""
        reached = self.seen.bit_length()
        return [(first, after) for first, after in self.missing if after <= reached]


@dataclass(frozen=True)
class ModuleProgress:
    """How far a person is in a module."""

    module: ModuleOutline
    lessons: list[LessonProgress]

    @property
    def is_complete(self) -> bool:
        """Whether every lesson is done."""
        return all(lesson.is_complete for lesson in self.lessons)

    @property
    def is_started(self) -> bool:
        """Whether any lesson was begun."""
        return any(lesson.is_started for lesson in self.lessons)

    @property
    def length_s(self) -> int:
        """Seconds of film."""
        return sum(lesson.length_s for lesson in self.lessons)

    @property
    def seen_s(self) -> int:
        """Seconds seen."""
        return sum(lesson.seen_s for lesson in self.lessons)

    @property
    def left_s(self) -> int:
        """Seconds that lack."""
        return sum(lesson.left_s for lesson in self.lessons)


@dataclass(frozen=True)
class Here:
    """Where a person carries on."""

    module: ModuleProgress
    lesson: LessonProgress

    @property
    def position_s(self) -> float:
        """The place in the film."""
        return self.lesson.position_s or 0.0


@dataclass(frozen=True)
class CourseProgress:
    """How far a person is in a course."""

    course: CourseOutline
    modules: list[ModuleProgress]
    completed_at: datetime | None

    @property
    def length_s(self) -> int:
        """Seconds of film in all modules."""
        return sum(module.length_s for module in self.modules)

    @property
    def seen_s(self) -> int:
        """Seconds seen."""
        return sum(module.seen_s for module in self.modules)

    @property
    def left_s(self) -> int:
        """Seconds that lack."""
        return sum(module.left_s for module in self.modules)

    @property
    def is_started(self) -> bool:
        """Whether anything was begun."""
        return any(module.is_started for module in self.modules)

    def module(self, module_id: int) -> ModuleProgress:
        """Return the progress of one module of the course."""
        return next(module for module in self.modules if module.module.id == module_id)

    @property
    def here(self) -> Here | None:
        """Where to carry on: the lesson watched last, while it lacks something; else the first that does.

        None when nothing lacks.
        """
        open_ = [Here(module, lesson) for module in self.modules for lesson in module.lessons if not lesson.is_complete]
        begun = [here for here in open_ if here.lesson.watched_at]
        if begun:
            return max(begun, key=lambda here: here.lesson.watched_at or self.course.published_at)
        return open_[0] if open_ else None


def as_json(*, seen: int, length_s: int, position_s: float, skipped: int, complete: bool) -> dict[str, Any]:
    """Return progress as the player reads it (the contract of report and ticket answers)."""
    return {
        "seen": ranges.stretches(seen),
        "seen_s": seen.bit_count(),
        "length_s": length_s,
        "position": position_s,
        "complete": complete,
        "missing": ranges.stretches(ranges.missing(seen, length_s, skipped)),
        "skipped": ranges.stretches(skipped),
    }
