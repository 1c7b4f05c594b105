"""Free texts for the course owner to read: those that are out, in their random order, never by municipality."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.evaluation.queries import find_round
from elearn.feedback.models import (
    FeedbackForm,
    FeedbackText,
    FeedbackTheme,
    TextState,
    feedback_text_themes,
)
from elearn.licensing.seat_lists import PAGE_SIZE, Page


@dataclass(frozen=True)
class WantedTexts:
    """Which texts a page shows."""

    form_id: int | None = None
    question: str = ""
    theme_id: int | None = None
    state: TextState | None = None
    quotable: bool = False


@dataclass(frozen=True)
class QuestionTexts:
    """A question that was answered in people's own words."""

    form: FeedbackForm
    question: str
    texts: int


@dataclass(frozen=True)
class ThemeRow:
    """A theme of the course, and how many of the round's texts are about it."""

    theme: FeedbackTheme
    texts: int


def texts(
    session: Session, scope: HouseScope, round_id: int, wanted: WantedTexts, *, number: int
) -> Page[FeedbackText]:
    """Return a page of a round's texts. Raises `NotFound`."""
    find_round(session, scope, round_id)
    found = select(FeedbackText).where(*_wanted(round_id, wanted))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.order_by(FeedbackText.id)
        .options(selectinload(FeedbackText.themes))
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page(list(rows), total, number)


def questions_with_texts(session: Session, scope: HouseScope, round_id: int) -> list[QuestionTexts]:
    """Return the questions of which texts are out, with how many there are."""
    find_round(session, scope, round_id)
    rows = session.execute(
        select(FeedbackForm, FeedbackText.question, func.count())
        .join(FeedbackText, FeedbackText.form_id == FeedbackForm.id)
        .where(FeedbackText.round_id == round_id, FeedbackText.is_out)
        .group_by(FeedbackForm.id, FeedbackText.question)
        .order_by(FeedbackForm.id, FeedbackText.question)
    )
    return [QuestionTexts(form, question, number) for form, question, number in rows]


def themes(session: Session, scope: HouseScope, round_id: int) -> list[ThemeRow]:
    """Return the themes of a round's course by name, with how many of the round's texts are about each."""
    shown = find_round(session, scope, round_id)
    number = (
        select(func.count())
        .select_from(feedback_text_themes)
        .join(FeedbackText, FeedbackText.id == feedback_text_themes.c.text_id)
        .where(feedback_text_themes.c.theme_id == FeedbackTheme.id, FeedbackText.round_id == shown.id)
        .where(FeedbackText.is_out)
        .correlate(FeedbackTheme)
        .scalar_subquery()
    )
    rows = session.execute(
        select(FeedbackTheme, number).where(FeedbackTheme.course_id == shown.course_id).order_by(FeedbackTheme.name_key)
    )
    return [ThemeRow(theme, count) for theme, count in rows]


def find_text(session: Session, scope: HouseScope, round_id: int, text_id: str) -> FeedbackText:
    """Return a text that is out. Raises `NotFound`."""
    find_round(session, scope, round_id)
    found = session.scalar(
        select(FeedbackText).where(FeedbackText.id == text_id, FeedbackText.round_id == round_id, FeedbackText.is_out)
    )
    if found is None:
        raise NotFound("no such text")
    return found


def find_theme(session: Session, scope: HouseScope, round_id: int, theme_id: int) -> FeedbackTheme:
    """Return a theme of the round's course. Raises `NotFound`."""
    shown = find_round(session, scope, round_id)
    found = session.scalar(
        select(FeedbackTheme).where(FeedbackTheme.id == theme_id, FeedbackTheme.course_id == shown.course_id)
    )
    if found is None:
        raise NotFound("no such theme")
    return found


def _wanted(round_id: int, wanted: WantedTexts) -> list[ColumnElement[bool]]:
    found = [FeedbackText.round_id == round_id, FeedbackText.is_out.is_(True)]
    if wanted.form_id is not None:
        found.append(FeedbackText.form_id == wanted.form_id)
    if wanted.question:
        found.append(FeedbackText.question == wanted.question)
    if wanted.theme_id is not None:
        found.append(FeedbackText.themes.any(FeedbackTheme.id == wanted.theme_id))
    if wanted.state is not None:
        found.append(FeedbackText.state == wanted.state)
    if wanted.quotable:
        found.append(FeedbackText.may_quote.is_(True))
    return found
