"""Publishing: the fixed list of tables, computed anew from all that was taken in."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from elearn.core.privacy import LEAST_AVERAGED, LEAST_COUNTED, Cell
from elearn.evaluation import tallies
from elearn.evaluation.figures import Figure, stored, stored_rates
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.evaluation.rates import completion_rates, response_rates
from elearn.evaluation.summarising import figure, figure_of_change
from elearn.evaluation.tallies import Asked, Place, Tally
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackBatch, FeedbackRound

Part = tuple[TableKind, str]
"""A kind of table and the municipality's id, the sector's code or ''."""


def publish_tables(session: Session, round_: FeedbackRound, batch: FeedbackBatch) -> None:
    """Replace a round's published tables by what the answers that were taken in come to, and who has answered."""
    asked = tallies.asked_in(session, round_)
    figures: dict[Part, list[Figure]] = {(TableKind.ALL, ""): []}
    plain = tallies.answers(session, round_, asked, waiting=False)
    paired = tallies.pairs(session, round_, asked, waiting=False)
    for place in sorted({*plain, *paired}, key=lambda place: _order(asked, place)):
        is_pair = place in paired
        parts = _parts(place.audience, paired[place] if is_pair else plain[place])
        for part, counts in parts.items():
            found = _figure(asked, place, part[0], counts, parts[TableKind.ALL, ""], is_pair)
            if found is not None:
                figures.setdefault(part, []).append(found)
    contents = {part: stored(found) for part, found in figures.items()}
    rates = [*response_rates(session, round_), *completion_rates(session, round_)]
    contents[TableKind.RATES, ""] = stored_rates(rates)
    session.execute(delete(PublishedTable).where(PublishedTable.round_id == round_.id))
    session.execute(
        insert(PublishedTable),
        [
            {"round_id": round_.id, "kind": kind, "key": key, "batch_id": batch.id, "content": content}
            for (kind, key), content in contents.items()
        ],
    )


def _order(asked: Asked, place: Place) -> tuple[Any, ...]:
    """Return what sorts figures as the forms ask: the page only groups them."""
    questions = list(asked.forms[place.form_id].questions)
    items = asked.question(place).items()
    item = items.index(place.item) if place.item in items else len(items)
    return place.form_id, place.audience, place.about, questions.index(place.question), item, place.item


def _parts(audience: str, tally: Tally) -> dict[Part, Counter[Any]]:
    """Return each part of the people with its answers: all, every municipality, every sector that staff have."""
    found: dict[Part, Counter[Any]] = defaultdict(Counter)
    for cell, counts in tally.items():
        for part in _parts_of(audience, cell):
            found[part].update(counts)
    return found


def _parts_of(audience: str, cell: Cell) -> list[Part]:
    municipality, sector = cell
    parts: list[Part] = [(TableKind.ALL, "")]
    if municipality is not None:
        parts.append((TableKind.MUNICIPALITY, str(municipality)))
    if sector is not None and audience == Audience.STAFF:
        parts.append((TableKind.SECTOR, str(sector)))
    return parts


def _figure(
    asked: Asked, place: Place, kind: TableKind, counts: Counter[Any], everybodys: Counter[Any], is_pair: bool
) -> Figure | None:
    """Return a figure, or None where it would be of fewer than the lots let in: the last door, should they ever do."""
    if counts.total() < (LEAST_AVERAGED if is_pair else LEAST_COUNTED):
        return None
    about = Figure(
        asked.forms[place.form_id].row.key, place.audience, place.about, place.question, place.item, counts.total()
    )
    if is_pair:
        return figure_of_change(kind, about, counts, everybodys)
    return figure(kind, about, asked.question(place), counts, everybodys)
