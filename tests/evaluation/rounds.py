"""A course with forms and an open round, and answers written straight into the spool."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.evaluation.figures import Figure, figures_of
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.evaluation.services import close_round, publish_tables, release_and_publish, take_in
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import (
    FeedbackBatch,
    FeedbackForm,
    FeedbackRound,
    ReleasedAnswer,
    SpooledResponse,
    VersionSource,
)
from elearn.feedback.services.publishing import open_round, publish_form
from elearn.organisations.models import CourseHouse, Municipality

WORDS = dict.fromkeys(("da", "nb", "nn", "en"), "Words")
SCALE = {"type": "scale", "text": WORDS, "labels": [WORDS] * 5}


def form_file(key: str, questions: dict[str, dict[str, Any]], **changed: Any) -> FormFile:
    asked = [{"id": name, **question} for name, question in questions.items()]
    fields = {"id": key, "title": WORDS, "audience": ["staff"], "moment": "completion"}
    return FormFile.model_validate(fields | {"sections": [{"id": "all", "title": WORDS, "questions": asked}]} | changed)


@dataclass
class Round:
    """An open round of a course, for tests."""

    session: Session
    row: FeedbackRound
    towns: list[int]
    """Ids of municipalities."""

    def form(self, key: str) -> FeedbackForm:
        return self.session.scalars(
            select(FeedbackForm).where(FeedbackForm.course_id == self.row.course_id, FeedbackForm.key == key)
        ).one()

    def answer(
        self,
        form: str,
        town: int | None,
        sector: str | None,
        answers: dict[str, Any],
        *,
        person: str | None = None,
        audience: str = "staff",
        about: str = "",
    ) -> None:
        """Somebody hands in a form; `person` joins what one and the same says before and after."""
        row = self.form(form)
        assert row.current_version_id
        self.session.add(
            SpooledResponse(
                id=uuid.uuid4().hex,
                round_id=self.row.id,
                form_id=row.id,
                form_version_id=row.current_version_id,
                about=about,
                audience=audience,
                municipality_id=None if town is None else self.towns[town],
                sector=sector,
                pseudonym=person,
                may_quote=False,
                answers=answers,
            )
        )

    def answers(self, form: str, town: int | None, sector: str | None, question: str, said: list[Any]) -> None:
        for each in said:
            self.answer(form, town, sector, {question: each})

    def take_in_released(self, answers: list[tuple[str, int, str, int]]) -> None:
        """Have answers, each a question, town, sector and number, released, taken in and published: a week's work."""
        batch = FeedbackBatch(round_id=self.row.id, released_at=clock.now())
        self.session.add(batch)
        self.session.flush()
        form = self.session.scalars(select(FeedbackForm).where(FeedbackForm.course_id == self.row.course_id)).one()
        shared = {
            "round_id": self.row.id,
            "form_id": form.id,
            "form_version_id": form.current_version_id,
            "batch_id": batch.id,
            "audience": "staff",
            "about": "",
            "item": "",
        }
        rows = [
            {"id": uuid.uuid4().hex, "question": question, "municipality_id": self.towns[town], "sector": sector}
            | {"number": number, **shared}
            for question, town, sector, number in answers
        ]
        self.session.execute(insert(ReleasedAnswer), rows)
        take_in(self.session, self.row, batch)
        publish_tables(self.session, self.row, batch)

    def release(self) -> None:
        self.session.flush()
        release_and_publish(self.session, self.row)
        self.session.flush()

    def close(self) -> None:
        self.session.flush()
        close_round(self.session, self.row, by=None)
        self.session.flush()

    def figures(self, kind: TableKind = TableKind.ALL, key: str | int = "") -> dict[tuple[str, str], Figure]:
        """Return a published table's figures by question and item; a town is named by its place in the list."""
        if kind is TableKind.MUNICIPALITY:
            key = self.towns[int(key)]
        table = self.session.get(PublishedTable, (self.row.id, str(kind), str(key)), populate_existing=True)
        return {(each.question, each.item): each for each in figures_of(table.content)} if table else {}


def start(session: Session, *forms: FormFile, towns: int = 4, course: Course | None = None) -> Round:
    """Have a course, or a new one without content, ask `forms`."""
    if course is None:
        house = CourseHouse(slug=uuid.uuid4().hex, name="House", country="DK", email="house@example.com")
        course = Course(course_house=house, slug=uuid.uuid4().hex)
        session.add(course)
        session.flush()
    for form in forms:
        publish_form(session, course=course, form=form, source=VersionSource.FILE, by=None)
    opened = open_round(session, course)
    assert opened
    opened.opened_at = clock.now() - timedelta(days=30)
    ids = session.scalars(select(Municipality.id).order_by(Municipality.id).limit(towns))
    return Round(session, opened, list(ids))
