"""Taking released answers into the figures, in lots about no few people (core/privacy.py, docs/rules/feedback.md)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from elearn.core.privacy import LEAST_AVERAGED, LEAST_COUNTED, Cell, lot
from elearn.evaluation import tallies
from elearn.evaluation.tallies import Asked, Place, Tally
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackBatch, FeedbackRound, ReleasedAnswer

LEAST = (LEAST_COUNTED, LEAST_AVERAGED)
"""Answers by municipality have a distribution, by sector a mean."""
LEAST_PAIRS = (LEAST_AVERAGED, LEAST_AVERAGED)
"""A change has means on every side."""
UNTICKED = 0
"""What an option counts where it was not chosen: that nobody ticked it is no statement of each person's."""
_ALL = frozenset([True])


def take_in(session: Session, round_: FeedbackRound, batch: FeedbackBatch) -> None:
    """Take in what can be taken of a round's waiting answers, stamped with the batch; the rest goes on waiting.

    Of what is compared, whole pairs are taken, counted where the later answer belongs.
    """
    asked = tallies.asked_in(session, round_)
    chosen = _lots(asked, tallies.answers(session, round_, asked, waiting=True))
    _mark(session, round_, asked, chosen, {"lot_id": batch.id})
    waiting = tallies.pairs(session, round_, asked, waiting=True)
    chosen = {place: _chosen(tally, lot(tally, least=LEAST_PAIRS)) for place, tally in waiting.items()}
    _mark(session, round_, asked, chosen, {"lot_id": batch.id})
    _mark_befores(session, round_, asked, batch)


def pool_the_rest(session: Session, round_: FeedbackRound, batch: FeedbackBatch) -> None:
    """At closing, take in what still waits, without its municipality and sector, where it is ten answers or pairs."""
    asked = tallies.asked_in(session, round_)
    for count in (tallies.answers, tallies.pairs):
        waiting = count(session, round_, asked, waiting=True)
        chosen: dict[Place, frozenset[Any]] = {
            place: _ALL
            for place, tally in waiting.items()
            if sum(answers.total() for answers in tally.values()) >= LEAST_AVERAGED
        }
        _mark(session, round_, asked, chosen, {"lot_id": batch.id, "municipality_id": None, "sector": None})
    _mark_befores(session, round_, asked, batch)


def _lots(asked: Asked, waiting: Mapping[Place, Tally]) -> dict[Place, frozenset[Any]]:
    """Return the cells whose answers are taken in, by place: the options of a multiple choice all go together.

    Did only the option wait that all of a small municipality ticked, its absence beside the others would say so.
    """
    found: dict[Place, frozenset[Any]] = {}
    options: dict[Place, dict[Place, Tally]] = defaultdict(dict)
    for place, tally in waiting.items():
        if asked.question(place).type == "multiple":
            options[place._replace(item="")][place] = tally
        else:
            found[place] = _chosen(tally, lot(tally, least=LEAST))
    for together in options.values():
        cells = _strong_in_all(list(together.values()))
        found |= {place: _chosen(tally, cells & set(tally)) for place, tally in together.items()}
    return found


def _strong_in_all(options: Sequence[Tally]) -> set[Cell]:
    """Return the cells that may be taken in of every option they have answers to."""
    cells = {cell for tally in options for cell in tally}
    while True:
        kept = set(cells)
        for tally in options:
            there = {cell: answers for cell, answers in tally.items() if cell in kept}
            kept -= set(there) - lot(there, least=LEAST, may_agree_on={UNTICKED})
        if kept == cells:
            return cells
        cells = kept


def _chosen(tally: Tally, cells: set[Cell]) -> frozenset[Any]:
    return _ALL if cells == set(tally) else frozenset(cells)


def _mark(
    session: Session,
    round_: FeedbackRound,
    asked: Asked,
    chosen: dict[Place, frozenset[Any]],
    values: dict[str, Any],
) -> None:
    """Write `values` into the waiting answers of the chosen cells: one UPDATE for all that share their cells."""
    alike: dict[tuple[Any, ...], list[Place]] = defaultdict(list)
    for place, cells in chosen.items():
        earlier = asked.earlier.get((place.form_id, place.question))
        if cells:
            alike[place.form_id, place.audience, place.about, earlier, cells].append(place)
    for (form_id, audience, about, earlier, cells), places in alike.items():
        session.execute(
            update(ReleasedAnswer)
            .where(
                ReleasedAnswer.round_id == round_.id,
                ReleasedAnswer.form_id == form_id,
                ReleasedAnswer.lot_id.is_(None),
                ReleasedAnswer.audience == audience,
                ReleasedAnswer.about == about,
                _in_places(places),
                true() if cells is _ALL else _in_cells(cells, audience),
                true() if earlier is None else _has_a_before(earlier),
            )
            .values(values),
            execution_options={"synchronize_session": False},
        )


def _in_places(places: Iterable[Place]) -> ColumnElement[bool]:
    items: dict[str, set[str]] = defaultdict(set)
    for place in places:
        items[place.item].add(place.question)
    return or_(
        *(
            and_(ReleasedAnswer.item == item, ReleasedAnswer.question.in_(sorted(questions)))
            for item, questions in sorted(items.items())
        )
    )


def _in_cells(cells: Iterable[Cell], audience: str) -> ColumnElement[bool]:
    """Whether an answer is in one of the cells, as `tallies.cell_of` gives them; others than staff have no sectors."""
    if audience != Audience.STAFF:
        return or_(*(_is(ReleasedAnswer.municipality_id, municipality) for municipality, _ in cells))
    sectors: dict[Any, set[Any]] = defaultdict(set)
    for municipality, sector in cells:
        sectors[municipality].add(sector)
    return or_(
        *(
            and_(
                _is(ReleasedAnswer.municipality_id, municipality), or_(*(_is(ReleasedAnswer.sector, s) for s in found))
            )
            for municipality, found in sectors.items()
        )
    )


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return condition


def _has_a_before(earlier_id: int) -> ColumnElement[bool]:
    before = aliased(ReleasedAnswer)
    return exists().where(before.pseudonym == ReleasedAnswer.pseudonym, before.form_id == earlier_id)


def _mark_befores(session: Session, round_: FeedbackRound, asked: Asked, batch: FeedbackBatch) -> None:
    """Mark the earlier answers of the pairs that were taken in now."""
    after = aliased(ReleasedAnswer)
    for earlier_id, later_id in sorted({(earlier, later) for (later, _), earlier in asked.earlier.items()}):
        session.execute(
            update(ReleasedAnswer)
            .where(
                ReleasedAnswer.round_id == round_.id,
                ReleasedAnswer.form_id == earlier_id,
                ReleasedAnswer.lot_id.is_(None),
                ReleasedAnswer.pseudonym.in_(
                    select(after.pseudonym).where(
                        after.round_id == round_.id, after.form_id == later_id, after.lot_id == batch.id
                    )
                ),
            )
            .values(lot_id=batch.id),
            execution_options={"synchronize_session": False},
        )
