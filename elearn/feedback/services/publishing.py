"""Publishing forms, and opening rounds to answer them in."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.catalogue.services import content_hash, take_turns
from elearn.core import audit, clock
from elearn.core.content_files import FileProblems
from elearn.core.tokens import random_token
from elearn.feedback.comparing import asked_forms, comparisons
from elearn.feedback.errors import ComparedTooLate, FormChanged, QuestionChanged
from elearn.feedback.form_checks import CheckedForms
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_rules import placed_questions
from elearn.feedback.form_sentences import FormFileRule
from elearn.feedback.models import (
    FeedbackForm,
    FeedbackFormVersion,
    FeedbackReceipt,
    FeedbackRound,
    PairingKey,
    VersionSource,
)

FORM_PUBLISHED = audit.kind("feedback.form.published", "form_id", "version", "source")
FORM_RETIRED = audit.kind("feedback.form.retired", "form_id")
FORM_TAKEN_UP = audit.kind("feedback.form.taken-up", "form_id")
ROUND_OPENED = audit.kind("feedback.round.opened", "round_id", "course_id")


@dataclass(frozen=True)
class PublishedForm:
    """What publishing a course's files came to for one form."""

    key: str
    version: int
    is_new: bool
    """Whether this version was made just now."""
    is_retired: bool = False
    """Whether nobody is asked: its file is gone, or the owner has retired it."""


def publish_forms(session: Session, *, course: Course, checked: CheckedForms, by: Person | None) -> list[PublishedForm]:
    """Publish a course's forms from their checked files, and retire those whose file is gone.

    Forms that were made in the browser have no file and stay. Raises `FileProblems` where a file changes what no
    version may change.
    """
    done = []
    for key, loaded in checked.files.items():
        before = session.scalar(
            select(FeedbackForm.current_version_id).where(FeedbackForm.course_id == course.id, FeedbackForm.key == key)
        )
        try:
            version = publish_form(session, course=course, form=loaded.value, source=VersionSource.FILE, by=by)
        except FormChanged as refused:
            raise FileProblems([loaded.problem((refused.what,), FormFileRule.CHANGED, what=refused.what)]) from None
        except QuestionChanged as refused:
            names = {"question": refused.question, "version": refused.version}
            raise FileProblems([loaded.problem(refused.loc, FormFileRule.QUESTION_CHANGED, **names)]) from None
        except ComparedTooLate as refused:
            rule = FormFileRule.COMPARED_TOO_LATE
            raise FileProblems([loaded.problem(refused.loc, rule, question=refused.question)]) from None
        done.append(PublishedForm(key, version.number, version.id != before, version.form.retired_at is not None))
    for gone in _without_file(session, course, set(checked.files)):
        retire_form(session, form=gone, source=VersionSource.FILE, by=by)
        assert gone.current_version is not None, "a published form has a version"
        done.append(PublishedForm(gone.key, gone.current_version.number, is_new=False, is_retired=True))
    return done


def _without_file(session: Session, course: Course, keys: set[str]) -> list[FeedbackForm]:
    """Return the forms that came from a file which is no longer there, and are still asked."""
    from_files = select(FeedbackFormVersion.form_id).where(FeedbackFormVersion.source == VersionSource.FILE)
    return list(
        session.scalars(
            select(FeedbackForm)
            .where(
                FeedbackForm.course_id == course.id,
                FeedbackForm.key.not_in(keys),
                FeedbackForm.retired_at.is_(None),
                FeedbackForm.id.in_(from_files),
            )
            .order_by(FeedbackForm.key)
        )
    )


def publish_form(
    session: Session, *, course: Course, form: FormFile, source: VersionSource, by: Person | None
) -> FeedbackFormVersion:
    """Publish a checked form of a course and return the version that now stands.

    The same words again change nothing; a file that has not changed since it was published leaves alone what was
    edited in the browser after it. A form that went with its file is taken up with it; one that the owner retired
    stays so until the owner publishes or takes it up. The course's first form opens its first round. Raises
    `FormChanged`, `QuestionChanged`, `ComparedTooLate`.
    """
    row = _form_of(session, course, form)
    content = form.model_dump(mode="json")
    said = content_hash(content)
    current = row.current_version
    if row.retired_in == VersionSource.FILE or source == VersionSource.BROWSER:
        take_up_form(session, form=row, by=by)
    if current is not None and (current.content_hash == said or _file_is_older(session, row, source, said)):
        return current
    session.flush()
    _check_questions(session, row, form)
    before = _comparing(session, course)
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
    session.flush()
    _check_comparisons(form, before, _comparing(session, course))
    audit.record(
        session,
        FORM_PUBLISHED,
        actor_id=by.id if by else None,
        course_house_id=course.course_house_id,
        form_id=row.id,
        version=version.number,
        source=str(source),
    )
    next_round(session, course=course, by=by)
    session.flush()
    return version


def retire_form(
    session: Session, *, form: FeedbackForm, by: Person | None, source: VersionSource = VersionSource.BROWSER
) -> None:
    """Stop asking a form; its answers stay."""
    if form.retired_at is None:
        form.retired_at, form.retired_in = clock.now(), source
        _record(session, FORM_RETIRED, form, by)


def take_up_form(session: Session, *, form: FeedbackForm, by: Person | None) -> None:
    """Ask a retired form again. Raises `ComparedTooLate`."""
    if form.retired_at is not None:
        assert form.current_version is not None, "a published form has a version"
        before = _comparing(session, form.course)
        with session.begin_nested():  # a refusal leaves it retired
            form.retired_at = form.retired_in = None
            content = FormFile.model_validate(form.current_version.content)
            _check_comparisons(content, before, _comparing(session, form.course))
        _record(session, FORM_TAKEN_UP, form, by)


def _record(session: Session, kind: audit.Kind, form: FeedbackForm, by: Person | None) -> None:
    audit.record(
        session,
        kind,
        actor_id=by.id if by else None,
        course_house_id=form.course.course_house_id,
        form_id=form.id,
    )


def open_round(session: Session, course: Course) -> FeedbackRound | None:
    """Return the course's round that is open, if one is."""
    return session.scalar(
        select(FeedbackRound).where(FeedbackRound.course_id == course.id, FeedbackRound.closed_at.is_(None))
    )


def next_round(session: Session, *, course: Course, by: Person | None) -> FeedbackRound:
    """Return the course's round that is open, opened now if none was."""
    take_turns(session, course.id)
    return open_round(session, course) or start_round(session, course=course, by=by)


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


def _check_questions(session: Session, row: FeedbackForm, form: FormFile) -> None:
    """Refuse a question that earlier versions asked in another way: answers are counted together by id."""
    earlier = session.scalars(
        select(FeedbackFormVersion).where(FeedbackFormVersion.form_id == row.id).order_by(FeedbackFormVersion.number)
    ).all()
    for version in earlier:
        asked = FormFile.model_validate(version.content)
        for loc, question in placed_questions(form):
            before = asked.question(question.id)
            if before is not None and before.kind() != question.kind():
                raise QuestionChanged(question.id, (*loc, "id"), version.number)


@dataclass(frozen=True)
class _Comparing:
    """What the round that is open asks and compares; nothing where none is open."""

    asked: set[tuple[int, str]]
    compared: set[tuple[tuple[int, str], int]]
    answered: set[int]
    """The ids of the forms that somebody has answered in it."""


def _comparing(session: Session, course: Course) -> _Comparing:
    round_ = open_round(session, course)
    if round_ is None:
        return _Comparing(set(), set(), set())
    forms = asked_forms(session, course.id)
    receipt = select(FeedbackReceipt.form_id).where(FeedbackReceipt.round_id == round_.id)
    return _Comparing(
        {(form.row.id, question) for form in forms for question in form.questions},
        set(comparisons(forms, round_).items()),
        set(session.scalars(receipt.distinct())),
    )


def _check_comparisons(form: FormFile, before: _Comparing, now: _Comparing) -> None:
    """Refuse to begin comparing a question that was answered without: its answers carry nothing that joins them."""
    places = {question.id: loc for loc, question in placed_questions(form)}
    for (later_id, question), earlier_id in sorted(now.compared - before.compared):
        sides = {(later_id, question), (earlier_id, question)} & before.asked
        if any(form_id in before.answered for form_id, _ in sides):
            raise ComparedTooLate(question, (*places.get(question, ()), "id"))


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
