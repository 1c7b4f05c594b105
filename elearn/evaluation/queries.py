"""What may be read of an evaluation: tables that a release published, and nothing that came of them otherwise.

A course owner reads the evaluations of the house's courses; a buyer and a leader those of courses that their
municipality holds a licence of, with their own municipality's figures and the total, never another's.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from elearn.catalogue.models import Course, Module
from elearn.core.errors import NotFound
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope
from elearn.evaluation.figures import COMPLETED, Figure, Rate, figures_of, rates_of
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.feedback.comparing import AskedForm, asked_forms, comparisons, is_asked_in
from elearn.feedback.form_files import Audience, FormFile, Moment
from elearn.feedback.models import FeedbackBatch, FeedbackForm, FeedbackRound, FeedbackText, TextState
from elearn.licensing.models import Licence
from elearn.organisations.models import Municipality

Reader = HouseScope | MunicipalityScope | DepartmentScope
Place = tuple[str, str, str, str, str]
"""What a figure is about: form, audience, module, question, row or option."""
Figures = dict[Place, Figure]


@dataclass(frozen=True)
class RoundRow:
    """A round in a list."""

    round: FeedbackRound
    released_at: datetime | None
    """The release whose figures are shown; None before the first."""


@dataclass(frozen=True)
class Published:
    """All that is published of a round and shown to whoever asks."""

    round: FeedbackRound
    released_at: datetime | None
    forms: list[FormFile]
    """As they are asked now, or were when the round was closed; with them what was asked before and is published of."""
    compared: dict[tuple[str, str], str]
    """By later form and question, the form whose answers come before: shown as a change and in no other way."""
    retired: frozenset[str]
    """The forms of these that nobody is asked any more, or was when the round was closed."""
    modules: list[str]
    """The keys of the course's modules in their order, those that were taken out too."""
    everybody: Figures
    sectors: dict[str, Figures]
    """By the sector's code; for course owners."""
    own: Figures
    """Of the municipality that was asked for."""
    rates: list[Rate]
    """Of all together, and of the municipality that was asked for; without one, of each municipality."""

    def completion(self, municipality_id: int | None) -> Rate:
        """Return how many of a municipality, or of all, have completed the course."""
        nothing = Rate(COMPLETED, Audience.STAFF, municipality_id, None, is_nearly_all=False)
        of_course = (each for each in self.rates if each.form == COMPLETED)
        return next((each for each in of_course if each.municipality_id == municipality_id), nothing)


def rounds(session: Session, scope: Reader, course_id: int | None = None) -> list[RoundRow]:
    """Return the rounds that somebody may read about, the newest of each course first."""
    released_at = (
        select(func.max(FeedbackBatch.released_at))
        .join(PublishedTable, PublishedTable.batch_id == FeedbackBatch.id)
        .where(PublishedTable.round_id == FeedbackRound.id)
        .correlate(FeedbackRound)
        .scalar_subquery()
    )
    found = (
        select(FeedbackRound, released_at)
        .join(FeedbackRound.course)
        .where(_within(scope))
        .order_by(FeedbackRound.course_id, FeedbackRound.number.desc())
        .options(contains_eager(FeedbackRound.course))
    )
    if course_id is not None:
        found = found.where(FeedbackRound.course_id == course_id)
    return [RoundRow(each, at) for each, at in session.execute(found)]


def find_round(session: Session, scope: Reader, round_id: int) -> FeedbackRound:
    """Return a round that somebody may read about. Raises `NotFound`."""
    found = session.scalar(
        select(FeedbackRound)
        .join(FeedbackRound.course)
        .where(FeedbackRound.id == round_id, _within(scope))
        .options(contains_eager(FeedbackRound.course))
    )
    if found is None:
        raise NotFound("no such evaluation")
    return found


def published_results(
    session: Session, scope: Reader, round_id: int, *, municipality_id: int | None = None
) -> Published:
    """Return what is published of a round; a municipality's own scope says which it is. Raises `NotFound`."""
    shown = find_round(session, scope, round_id)
    if not isinstance(scope, HouseScope):
        municipality_id = scope.municipality_id
    tables, released_at = _tables(session, shown, _parts(scope, municipality_id))
    rates = next((rates_of(table.content) for table in tables if table.kind == TableKind.RATES), [])
    if municipality_id is not None:
        rates = [rate for rate in rates if rate.municipality_id in (None, municipality_id)]
    figures = {
        (table.kind, table.key): {figure.place: figure for figure in figures_of(table.content)}
        for table in tables
        if table.kind != TableKind.RATES
    }
    everybody = figures.get((TableKind.ALL, ""), {})
    asked = asked_forms(session, shown.course_id, until=shown.closed_at)
    return Published(
        round=shown,
        released_at=released_at,
        forms=_forms(asked, shown, everybody),
        compared=_compared(asked, shown, everybody),
        retired=frozenset(form.row.key for form in asked if _is_retired(form.row, shown)),
        modules=list(session.scalars(_modules(shown.course_id))),
        everybody=everybody,
        sectors={key: each for (kind, key), each in figures.items() if kind == TableKind.SECTOR},
        own=figures.get((TableKind.MUNICIPALITY, str(municipality_id)), {}),
        rates=rates,
    )


def municipalities_shown(session: Session, scope: HouseScope, round_id: int) -> list[tuple[Municipality, bool]]:
    """Return the municipalities with a licence of the round's course, and whether figures of each are published."""
    shown = find_round(session, scope, round_id)
    has_table = exists().where(
        PublishedTable.round_id == shown.id,
        PublishedTable.kind == TableKind.MUNICIPALITY,
        PublishedTable.key == cast(Municipality.id, String),
    )
    has_licence = exists().where(Licence.municipality_id == Municipality.id, Licence.course_id == shown.course_id)
    rows = session.execute(
        select(Municipality, has_table).where(has_licence).order_by(Municipality.name, Municipality.id)
    )
    return [(municipality, bool(has)) for municipality, has in rows]


def customer_of_round(session: Session, scope: HouseScope, round_id: int, municipality_id: int) -> Municipality:
    """Return a municipality that holds a licence of the round's course. Raises `NotFound`."""
    shown = find_round(session, scope, round_id)
    has_licence = exists().where(Licence.municipality_id == Municipality.id, Licence.course_id == shown.course_id)
    found = session.scalar(select(Municipality).where(Municipality.id == municipality_id, has_licence))
    if found is None:
        raise NotFound("no such municipality")
    return found


def quotes(session: Session, scope: Reader, round_id: int, *, most: int = 6) -> list[FeedbackText]:
    """Return texts that are out, that the owner approved and that may be quoted, in their random order."""
    shown = find_round(session, scope, round_id)
    return list(
        session.scalars(
            select(FeedbackText)
            .where(FeedbackText.round_id == shown.id, FeedbackText.is_out, FeedbackText.may_quote)
            .where(FeedbackText.state == TextState.APPROVED)
            .order_by(FeedbackText.id)
            .limit(most)
        )
    )


def _forms(asked: list[AskedForm], round_: FeedbackRound, everybody: Figures) -> list[FormFile]:
    """Return a round's forms, whom they ask first and then as those people meet them.

    What the newest version does not ask stays where figures are published of it, and so does a form. Free texts have no
    figures: their questions stay for the page that lists them.
    """
    told = {(place[0], place[3]) for place in everybody}
    forms = [
        _without(
            form.content,
            {key for key in form.left_out if (form.row.key, key) not in told and not form.questions[key].is_text},
        )
        for form in asked
        if is_asked_in(form.row, round_) or form.row.key in {form_key for form_key, _question in told}
    ]
    audiences, moments = list(Audience), list(Moment)
    return sorted(forms, key=lambda form: (audiences.index(form.audience[0]), moments.index(form.moment)))


def _without(form: FormFile, questions: set[str]) -> FormFile:
    sections = [
        section.model_copy(update={"questions": [each for each in section.questions if each.id not in questions]})
        for section in form.sections
    ]
    return form.model_copy(update={"sections": sections})


def _compared(asked: list[AskedForm], round_: FeedbackRound, everybody: Figures) -> dict[tuple[str, str], str]:
    """Return what is shown as a change: what was published so, and of the rest what is compared.

    What is published comes first: in a closed round it stays, whatever has become of the forms since.
    """
    earlier = {form.row.key: form.row.compares_with for form in asked}
    changes = {(place[0], place[3]) for place, figure in everybody.items() if figure.change}
    found = {(form, question): before for form, question in changes if (before := earlier.get(form))}
    settled = {(place[0], place[3]) for place in everybody} | {(before, key) for (_form, key), before in found.items()}
    keys = {form.row.id: form.row.key for form in asked}
    for (later_id, question), earlier_id in comparisons(asked, round_).items():
        later, before = keys[later_id], keys[earlier_id]
        if not {(later, question), (before, question)} & settled:
            found[later, question] = before
    return found


def _is_retired(form: FeedbackForm, round_: FeedbackRound) -> bool:
    return form.retired_at is not None and (round_.closed_at is None or form.retired_at <= round_.closed_at)


def _modules(course_id: int) -> Select[str]:
    return select(Module.key).where(Module.course_id == course_id).order_by(Module.position, Module.id)


def _within(scope: Reader) -> ColumnElement[bool]:
    """SQL: the courses of the house, or those that the municipality holds or held a licence of."""
    if isinstance(scope, HouseScope):
        return Course.course_house_id == scope.course_house_id
    return exists().where(Licence.course_id == Course.id, Licence.municipality_id == scope.municipality_id)


def _parts(scope: Reader, municipality_id: int | None) -> ColumnElement[bool]:
    """SQL: the published tables that a page is made of."""
    kinds = [TableKind.ALL, TableKind.RATES]
    if municipality_id is None:
        return PublishedTable.kind.in_([*kinds, TableKind.SECTOR])
    is_own = (PublishedTable.kind == TableKind.MUNICIPALITY) & (PublishedTable.key == str(municipality_id))
    return or_(PublishedTable.kind.in_(kinds), is_own)


def _tables(
    session: Session, shown: FeedbackRound, parts: ColumnElement[bool]
) -> tuple[list[PublishedTable], datetime | None]:
    rows = session.execute(
        select(PublishedTable, FeedbackBatch.released_at)
        .join(FeedbackBatch, FeedbackBatch.id == PublishedTable.batch_id)
        .where(PublishedTable.round_id == shown.id, parts)
    ).all()
    return [row[0] for row in rows], max((row[1] for row in rows), default=None)
