"""Forms for tests, as files would say them, and asking them in a course."""

from typing import Any

from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, FeedbackRound, VersionSource
from elearn.feedback.services.publishing import open_round, publish_form

AGREE = [{"da": f"Svar {point}", "en": f"Point {point}"} for point in range(1, 6)]


def words(text: str) -> dict[str, str]:
    return {"da": f"{text} (dansk)", "en": text}


def scale(key: str = "notice", **more: Any) -> dict[str, Any]:
    return {"type": "scale", "id": key, "text": words(f"Question {key}"), "labels": AGREE, **more}


def long_text(key: str = "more", **more: Any) -> dict[str, Any]:
    return {"type": "long_text", "id": key, "text": words(f"Question {key}"), **more}


def every_type() -> list[dict[str, Any]]:
    """Return a question of every type; the first is required."""
    places = [{"id": "school", "text": words("School")}, {"id": "daycare", "text": words("Daycare")}]
    return [
        scale(required=True),
        {"type": "rating", "id": "rating", "text": words("Rate")},
        {"type": "recommendation", "id": "recommend", "text": words("Recommend")},
        {"type": "single", "id": "one", "text": words("One"), "options": places},
        {"type": "multiple", "id": "many", "text": words("Many"), "options": places, "at_most": 2},
        {"type": "number", "id": "years", "text": words("Years"), "most": 60},
        {"type": "matrix", "id": "places", "text": words("Places"), "rows": places, "labels": AGREE},
        {"type": "short_text", "id": "word", "text": words("Word"), "help": words("A help")},
        long_text(),
    ]


def form_file(key: str = "after", *, questions: list[dict[str, Any]] | None = None, **more: Any) -> FormFile:
    """Return a form for staff at completion with a scale and a text, or with other questions."""
    return FormFile.model_validate(
        {
            "id": key,
            "title": words(f"Form {key}"),
            "audience": ["staff"],
            "moment": "completion",
            "sections": [
                {"id": "all", "title": words("Section"), "questions": questions or [scale(required=True), long_text()]}
            ],
            **more,
        }
    )


def ask(session: Session, course: Course, form: FormFile) -> tuple[FeedbackForm, FeedbackRound]:
    """Publish a form in a course; return it and the round it is answered in."""
    version = publish_form(session, course=course, form=form, source=VersionSource.FILE, by=None)
    round_ = open_round(session, course)
    assert round_ is not None
    return version.form, round_
