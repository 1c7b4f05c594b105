"""A person's notes with the questions they answer, for the page where they read, edit and delete them."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.catalogue.content import Text
from elearn.catalogue.models import Module
from elearn.catalogue.queries import CourseOutline, ModuleOutline, outlines
from elearn.core.scope import PersonScope
from elearn.learning import queries
from elearn.learning.models import Note


@dataclass(frozen=True)
class NotedQuestion:
    """A note and what it answers."""

    note: Note
    question: Text | None
    """None when the course no longer asks it; the note stays."""


@dataclass(frozen=True)
class NotedModule:
    """The notes of one module."""

    course: CourseOutline | None
    module: ModuleOutline | None
    """None when the module was taken out of the course; the notes stay."""
    notes: list[NotedQuestion]


def notebook(session: Session, scope: PersonScope, language: str) -> list[NotedModule]:
    """Return all notes of a person by module, in the order of their courses."""
    by_module: dict[int, list[Note]] = {}
    for note in queries.notes(session, scope):
        by_module.setdefault(note.module_id, []).append(note)
    if not by_module:
        return []
    course_ids = session.scalars(select(Module.course_id).where(Module.id.in_(by_module)).distinct())
    places: dict[int, tuple[CourseOutline, ModuleOutline]] = {
        module.id: (course, module) for course in outlines(session, scope, course_ids) for module in course.modules
    }
    order = [*places, *(module_id for module_id in by_module if module_id not in places)]
    return [
        _noted(by_module[module_id], places.get(module_id), language) for module_id in order if module_id in by_module
    ]


def _noted(notes: list[Note], place: tuple[CourseOutline, ModuleOutline] | None, language: str) -> NotedModule:
    course, module = place or (None, None)
    questions = {each.key: each.text(language) for each in module.content.questions} if module else {}
    asked = list(questions)
    notes = sorted(notes, key=lambda note: asked.index(note.question) if note.question in questions else len(asked))
    return NotedModule(course, module, [NotedQuestion(note, questions.get(note.question)) for note in notes])
