"""What may be read of an evaluation: tables that a release published, and nothing that came of them otherwise.

A course owner reads the evaluations of the house's courses; a buyer and a leader those of courses that their
municipality holds a licence of, with their own municipality's figures and the total, never another's.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from elearn.catalogue.models import Course, Module
from elearn.core.errors import NotFound
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope
from elearn.evaluation.figures import COMPLETED, Figure, Rate, figures_of, rates_of
from elearn.evaluation.models import PublishedTable, TableKind
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
    """As they are asked now; retired ones too, for what was answered."""
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
    return Published(
        round=shown,
        released_at=released_at,
        forms=_forms(session, shown.course_id),
        modules=list(session.scalars(_modules(shown.course_id))),
        everybody=figures.get((TableKind.ALL, ""), {}),
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
    rows = session.execute(select(Municipality, has_table).where(has_licence).order_by(Municipality.name))
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


def _forms(session: Session, course_id: int) -> list[FormFile]:
    """Return a course's forms as they are asked now, whom they ask first and then as those people meet them."""
    rows = session.scalars(
        select(FeedbackForm)
        .where(FeedbackForm.course_id == course_id, FeedbackForm.current_version_id.is_not(None))
        .options(joinedload(FeedbackForm.current_version))
        .order_by(FeedbackForm.id)
    )
    forms = [FormFile.model_validate(row.current_version.content) for row in rows if row.current_version]
    audiences, moments = list(Audience), list(Moment)
    return sorted(forms, key=lambda form: (audiences.index(form.audience[0]), moments.index(form.moment)))


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
