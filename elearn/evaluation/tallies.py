"""How often each answer was given, by municipality and sector, counted by the database: nobody's answers are loaded."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from elearn.core.privacy import Cell
from elearn.feedback.comparing import AskedForm, asked_forms, comparisons
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackRound, ReleasedAnswer
from elearn.feedback.questions import QuestionFile


class Place(NamedTuple):
    """What answers are answers to."""

    form_id: int
    audience: str
    about: str
    question: str
    item: str


Tally = dict[Cell, Counter[Any]]
"""How often each answer was given in each cell: a number or a choice, or a pair of numbers, before and after."""


@dataclass(frozen=True)
class Asked:
    """What a round's course asks, and which of it is compared."""

    forms: dict[int, AskedForm]
    earlier: dict[tuple[int, str], int]
    """By later form and question, the form whose answers come before."""

    def question(self, place: Place) -> QuestionFile:
        """Return the question of a place."""
        return self.forms[place.form_id].questions[place.question]

    def is_compared(self, form_id: int, question: str) -> bool:
        """Whether the answers to a form's question are published in pairs, and in no other way."""
        return (form_id, question) in self.earlier or (form_id, question) in self._befores

    @property
    def _befores(self) -> set[tuple[int, str]]:
        return {(form_id, question) for (_, question), form_id in self.earlier.items()}


def asked_in(session: Session, round_: FeedbackRound) -> Asked:
    """Return what a round's course asks."""
    forms = asked_forms(session, round_.course_id)
    return Asked({form.row.id: form for form in forms}, comparisons(forms, round_))


def cell_of(audience: str, municipality_id: int | None, sector: str | None, *, is_pair: bool) -> Cell:
    """Return the parts of the figures in which an answer, or a pair, is counted.

    Staff are many enough for all. Of leaders and others a municipality has some ten: were their figures given by
    sector too, or their changes by municipality, they would wait for ever, and the total with them.
    """
    if audience == Audience.STAFF:
        return municipality_id, sector
    return (None if is_pair else municipality_id), None


def answers(session: Session, round_: FeedbackRound, asked: Asked, *, waiting: bool) -> dict[Place, Tally]:
    """Count the answers that wait, or those taken in, of all that is not compared."""
    answer = ReleasedAnswer
    columns = (*_place(answer), answer.municipality_id, answer.sector, answer.number, answer.choice)
    rows = session.execute(_of(round_, answer, waiting, select(*columns, func.count()).group_by(*columns)))
    return _tallies(
        (row for row in rows if not asked.is_compared(row.form_id, row.question)),
        lambda row: row.number if row.choice is None else row.choice,
        is_pair=False,
    )


def pairs(session: Session, round_: FeedbackRound, asked: Asked, *, waiting: bool) -> dict[Place, Tally]:
    """Count the pairs that wait, or those taken in, as (before, after); each is in the later answer's cell."""
    found: dict[Place, Tally] = {}
    after, before = aliased(ReleasedAnswer), aliased(ReleasedAnswer)
    for earlier_id, later_id in sorted({(earlier, later) for (later, _), earlier in asked.earlier.items()}):
        columns = (*_place(after), after.municipality_id, after.sector, before.number, after.number)
        questions = {question for (later, question), earlier in asked.earlier.items() if later == later_id}
        statement = (
            select(*columns[:-2], before.number.label("before"), after.number.label("after"), func.count())
            .join(before, and_(before.pseudonym == after.pseudonym, before.form_id == earlier_id))
            .where(after.form_id == later_id, after.question.in_(questions))
            .group_by(*columns)
        )
        if not waiting:
            # Whoever's 'before' comes after their 'after' was counted elsewhere would come in alone, without a lot.
            statement = statement.where(before.lot_id == after.lot_id)
        rows = session.execute(_of(round_, after, waiting, statement))
        found |= _tallies(rows, lambda row: (row.before, row.after), is_pair=True)
    return found


def _place(answer: Any) -> tuple[Any, ...]:
    return answer.form_id, answer.audience, answer.about, answer.question, answer.item


def _of(round_: FeedbackRound, answer: Any, waiting: bool, statement: Select[Any]) -> Select[Any]:
    lot = answer.lot_id.is_(None) if waiting else answer.lot_id.is_not(None)
    return statement.where(answer.round_id == round_.id, lot)


def _tallies(rows: Iterable[Row[Any]], said: Any, *, is_pair: bool) -> dict[Place, Tally]:
    found: dict[Place, Tally] = defaultdict(dict)
    for row in rows:
        place = Place(row.form_id, row.audience, row.about, row.question, row.item)
        cell = cell_of(row.audience, row.municipality_id, row.sector, is_pair=is_pair)
        found[place].setdefault(cell, Counter())[said(row)] += row[-1]
    return found
