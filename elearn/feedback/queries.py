"""What somebody is asked, and what they may answer."""

from dataclasses import dataclass

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from elearn.catalogue.models import Course, Lesson, Module
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope, PersonScope
from elearn.feedback import due as rule
from elearn.feedback.due import Due, Place
from elearn.feedback.errors import FormClosed
from elearn.feedback.form_files import FormFile, Moment
from elearn.feedback.known import content_of, customers_of, known_of, open_forms
from elearn.feedback.models import FeedbackForm, FeedbackOccasion, FeedbackReceipt, FeedbackRound, NamedResponse
from elearn.learning.models import LessonCompletion


@dataclass(frozen=True)
class Answerable:
    """A form as somebody may answer it."""

    form: FeedbackForm
    round_: FeedbackRound
    content: FormFile
    places: list[Place]
    is_answered: bool


def due_forms(session: Session, scope: PersonScope) -> list[Due]:
    """Return the forms that ask a person now, the oldest first; not those that ask after each module."""
    forms = open_forms(session)
    if not forms:
        return []
    known = known_of(session, [scope.person_id])[scope.person_id]
    customers = customers_of(session, known.work)
    found = (rule.due(form, round_, known, customers, now=clock.now()) for form, round_ in forms)
    return sorted((each for each in found if each), key=lambda each: (each.since, each.form.id))


def answerable(session: Session, scope: PersonScope, form_id: int, about: str = "") -> Answerable:
    """Return a form that a person may answer, about one module where it asks by module.

    Also one they have answered. Raises `NotFound` for everybody whom it does not ask, and before its moment, and
    `FormClosed` for whoever it asked while its round was open, or before it was retired.
    """
    known = known_of(session, [scope.person_id])[scope.person_id]
    customers = customers_of(session, known.work)
    found = next((each for each in open_forms(session) if each[0].id == form_id), None)
    if found is None:
        form = session.get(FeedbackForm, form_id)
        if form is not None and form.current_version_id is not None and rule.places(form, known, customers):
            raise FormClosed
        raise NotFound("no such form")
    form, round_ = found
    is_answered = _is_answered(session, scope, form, round_, about)
    if is_answered:
        places = rule.places(form, known, customers)
    else:
        places = rule.open_places(form, known, customers, now=clock.now())
    by_module = form.moment == Moment.AFTER_MODULE
    if not places or by_module != bool(about) or (by_module and about not in modules_through(session, scope, form)):
        raise NotFound("no such form")
    return Answerable(form, round_, content_of(form), places, is_answered)


def module_form(session: Session, scope: PersonScope, module_id: int) -> tuple[Answerable, str] | None:
    """Return the form that asks a person about a module they are through, with the module's key, unless answered."""
    module = session.scalar(_through(scope).where(Module.id == module_id))
    if module is None:
        return None  # nearly every reader of the page is on the way through: they cost one statement
    for form, _round in open_forms(session, module.course_id):
        if form.moment != Moment.AFTER_MODULE:
            continue
        try:
            found = answerable(session, scope, form.id, module.key)
        except NotFound:
            continue
        if not found.is_answered:
            return found, module.key
    return None


def modules_through(session: Session, scope: PersonScope, form: FeedbackForm) -> set[str]:
    """Return the keys of the modules of a form's course all of whose lessons a person has completed."""
    modules = session.scalars(_through(scope).where(Module.course_id == form.course_id))
    return {module.key for module in modules}


def _through(scope: PersonScope) -> Select[Module]:
    is_done = exists().where(LessonCompletion.lesson_id == Lesson.id, LessonCompletion.person_id == scope.person_id)
    lacks = exists().where(Lesson.module_id == Module.id, Lesson.retired_at.is_(None), ~is_done)
    return select(Module).where(~lacks)


def draft(session: Session, scope: PersonScope, form_id: int, round_id: int, about: str = "") -> NamedResponse | None:
    """Return what a person has written so far in a form that is not anonymous."""
    return session.scalar(
        select(NamedResponse).where(
            NamedResponse.form_id == form_id,
            NamedResponse.round_id == round_id,
            NamedResponse.about == about,
            NamedResponse.person_id == scope.person_id,
            NamedResponse.submitted_at.is_(None),
        )
    )


def occasions(session: Session, scope: HouseScope, course_id: int) -> list[FeedbackOccasion]:
    """Return the occasions of a course in its open round, the latest day first."""
    return list(
        session.scalars(
            select(FeedbackOccasion)
            .join(FeedbackOccasion.round)
            .join(FeedbackRound.course)
            .where(Course.id == course_id, Course.course_house_id == scope.course_house_id)
            .where(FeedbackRound.closed_at.is_(None))
            .options(joinedload(FeedbackOccasion.municipality), joinedload(FeedbackOccasion.form))
            .order_by(FeedbackOccasion.held_on.desc(), FeedbackOccasion.id.desc())
        )
    )


def occasion(session: Session, scope: HouseScope, occasion_id: int) -> FeedbackOccasion:
    """Return one of a house's occasions. Raises `NotFound`."""
    found = session.scalar(
        select(FeedbackOccasion)
        .join(FeedbackOccasion.round)
        .join(FeedbackRound.course)
        .where(FeedbackOccasion.id == occasion_id, Course.course_house_id == scope.course_house_id)
    )
    if found is None:
        raise NotFound("no such occasion")
    return found


def occasion_by_code(session: Session, code: str) -> FeedbackOccasion | None:
    """Return the occasion whose code this is; whoever has the code may answer."""
    return session.scalar(select(FeedbackOccasion).where(FeedbackOccasion.code == code))


def _is_answered(session: Session, scope: PersonScope, form: FeedbackForm, round_: FeedbackRound, about: str) -> bool:
    return session.get(FeedbackReceipt, (round_.id, form.id, about, scope.person_id)) is not None
