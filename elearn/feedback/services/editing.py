"""Writing forms in the browser: drafts, and publishing them as new versions."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.catalogue.services import take_turns
from elearn.core import clock
from elearn.feedback.drafts import Content, problems
from elearn.feedback.errors import FormExists, FormNotReady
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, FeedbackFormDraft, FeedbackFormVersion, VersionSource
from elearn.feedback.services.publishing import publish_form


def begin_draft(session: Session, *, form: FeedbackForm) -> FeedbackFormDraft:
    """Return the draft of a published form, begun from its current version unless there is one already."""
    take_turns(session, form.course_id)
    draft = session.scalar(
        select(FeedbackFormDraft).where(
            FeedbackFormDraft.course_id == form.course_id, FeedbackFormDraft.key == form.key
        )
    )
    if draft is None:
        current = form.current_version
        assert current is not None, "a published form has a version"
        draft = _add(session, form.course, form.key, current.content, current.number)
    return draft


def begin_form(session: Session, *, course: Course, content: Content) -> FeedbackFormDraft:
    """Begin a form that the course has not had. Raises `FormExists`."""
    key = content["id"]
    take_turns(session, course.id)
    for known in (FeedbackForm, FeedbackFormDraft):
        if session.scalar(select(exists().where(known.course_id == course.id, known.key == key))):
            raise FormExists
    return _add(session, course, key, content, None)


def change_draft(session: Session, *, draft: FeedbackFormDraft, content: Content) -> None:
    """Keep what the owner has written."""
    draft.content, draft.saved_at = content, clock.now()
    session.flush()


def publish_draft(
    session: Session, *, draft: FeedbackFormDraft, others: Sequence[FormFile], languages: Sequence[str], by: Person
) -> FeedbackFormVersion:
    """Publish a draft as its form's next version, and end the draft.

    `others` are the course's other forms, `languages` the course's. Raises `FormNotReady`, `QuestionChanged`,
    `ComparedTooLate`.
    """
    if problems(draft.content, others, languages):
        raise FormNotReady
    form = FormFile.model_validate(draft.content)
    version = publish_form(session, course=draft.course, form=form, source=VersionSource.BROWSER, by=by)
    drop_draft(session, draft=draft)
    return version


def drop_draft(session: Session, *, draft: FeedbackFormDraft) -> None:
    """Throw a draft away; what is published stays as it is."""
    session.delete(draft)
    session.flush()


def _add(session: Session, course: Course, key: str, content: Content, begun_on: int | None) -> FeedbackFormDraft:
    draft = FeedbackFormDraft(course=course, key=key, content=content, begun_on=begun_on, saved_at=clock.now())
    session.add(draft)
    session.flush()
    return draft
