"""Publishing forms, and opening rounds to answer them in."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.catalogue.services import content_hash
from elearn.core import audit, clock
from elearn.core.tokens import random_token
from elearn.feedback.errors import FormChanged
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, FeedbackFormVersion, FeedbackRound, PairingKey, VersionSource

FORM_PUBLISHED = audit.kind("feedback.form.published", "form_id", "version", "source")
FORM_RETIRED = audit.kind("feedback.form.retired", "form_id")
ROUND_OPENED = audit.kind("feedback.round.opened", "round_id", "course_id")


def publish_form(
    session: Session, *, course: Course, form: FormFile, source: VersionSource, by: Person | None
) -> FeedbackFormVersion:
    """Publish a checked form of a course and return the version that now stands.

    The same words again change nothing; a file that has not changed since it was published leaves alone what was
    edited in the browser after it. The course's first form opens its first round. Raises `FormChanged`.
    """
    row = _form_of(session, course, form)
    content = form.model_dump(mode="json")
    said = content_hash(content)
    current = row.current_version
    if current is not None and (current.content_hash == said or _file_is_older(session, row, source, said)):
        row.retired_at = None
        return current
    row.retired_at = None
    session.flush()
    last = session.scalar(select(func.max(FeedbackFormVersion.number)).where(FeedbackFormVersion.form_id == row.id))
    version = FeedbackFormVersion(
        form_id=row.id,
        number=(last or 0) + 1,
        source=source,
        content=content,
        content_hash=said,
        published_at=clock.now(),
        published_by_id=by.id if by else None,
    )
    session.add(version)
    row.current_version = version
    audit.record(
        session,
        FORM_PUBLISHED,
        actor_id=by.id if by else None,
        course_house_id=course.course_house_id,
        form_id=row.id,
        version=version.number,
        source=str(source),
    )
    if open_round(session, course) is None:
        start_round(session, course=course, by=by)
    session.flush()
    return version


def retire_form(session: Session, *, form: FeedbackForm, by: Person | None) -> None:
    """Stop asking a form; its answers stay. Publishing it again takes it up again."""
    if form.retired_at is None:
        form.retired_at = clock.now()
        audit.record(
            session,
            FORM_RETIRED,
            actor_id=by.id if by else None,
            course_house_id=form.course.course_house_id,
            form_id=form.id,
        )


def open_round(session: Session, course: Course) -> FeedbackRound | None:
    """Return the course's round that is open, if one is."""
    return session.scalar(
        select(FeedbackRound).where(FeedbackRound.course_id == course.id, FeedbackRound.closed_at.is_(None))
    )


def start_round(session: Session, *, course: Course, by: Person | None) -> FeedbackRound:
    """Open the course's next round, with a pairing key of its own."""
    last = session.scalar(select(func.max(FeedbackRound.number)).where(FeedbackRound.course_id == course.id)) or 0
    opened = FeedbackRound(course=course, number=last + 1, opened_at=clock.now())
    session.add(opened)
    session.flush()
    session.add(PairingKey(round_id=opened.id, key=random_token()))
    audit.record(
        session,
        ROUND_OPENED,
        actor_id=by.id if by else None,
        course_house_id=course.course_house_id,
        round_id=opened.id,
        course_id=course.id,
    )
    return opened


def _form_of(session: Session, course: Course, form: FormFile) -> FeedbackForm:
    row = session.scalar(
        select(FeedbackForm)
        .where(FeedbackForm.course_id == course.id, FeedbackForm.key == form.id)
        .with_for_update()  # two who publish at once take turns, so that they do not number the same version
    )
    audience = [str(each) for each in form.audience]
    if row is None:
        row = FeedbackForm(
            course=course,
            key=form.id,
            moment=form.moment,
            audience=audience,
            is_anonymous=form.anonymous,
            compares_with=form.compares_with,
        )
        session.add(row)
        return row
    for what, was, wanted in (
        ("moment", row.moment, str(form.moment)),
        ("audience", sorted(row.audience), sorted(audience)),
        ("anonymous", row.is_anonymous, form.anonymous),
        ("compares_with", row.compares_with, form.compares_with),
    ):
        if was != wanted:
            raise FormChanged(what)
    return row


def _file_is_older(session: Session, row: FeedbackForm, source: VersionSource, said: str) -> bool:
    if source != VersionSource.FILE:
        return False
    newest_file = session.scalar(
        select(FeedbackFormVersion.content_hash)
        .where(FeedbackFormVersion.form_id == row.id, FeedbackFormVersion.source == VersionSource.FILE)
        .order_by(FeedbackFormVersion.number.desc())
        .limit(1)
    )
    return newest_file == said
