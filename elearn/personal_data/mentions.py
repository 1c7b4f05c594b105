"""Finding people in what is kept as JSON: lists that were uploaded, letters to others, jobs."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress
from elearn.core.scope import PersonScope
from elearn.licensing.models import SeatList


def addresses_of(session: Session, scope: PersonScope) -> set[str]:
    """Return a person's addresses, normalised."""
    return set(session.scalars(select(EmailAddress.normalised).where(EmailAddress.person_id == scope.person_id)))


def may_mention(column: InstrumentedAttribute[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Return a condition that holds for all rows whose JSON holds one of the words, and perhaps for a few more."""
    text = func.lower(cast(column, String))
    spelled = {spelling.lower() for word in words for spelling in (word, json.dumps(word)[1:-1])}
    return or_(*(text.contains(spelling, autoescape=True) for spelling in sorted(spelled)))


def rows_in_lists(session: Session, scope: PersonScope) -> list[tuple[SeatList, list[Any]]]:
    """Return the uploaded lists that name a person by an address, each with the rows that do."""
    words = addresses_of(session, scope)
    if not words:
        return []
    lists = session.scalars(select(SeatList).where(may_mention(SeatList.rows, words)).order_by(SeatList.id))
    found = [(each, [row for row in each.rows if says(row, words)]) for each in lists]
    return [(each, rows) for each, rows in found if rows]


def says(value: Any, words: set[str]) -> bool:
    """Say whether a JSON value holds one of the words as a whole text, however it is spelled."""
    if isinstance(value, dict):
        return any(says(each, words) for each in value.values())
    if isinstance(value, list):
        return any(says(each, words) for each in value)
    return isinstance(value, str) and normalise(value) in words


def without(value: Any, words: set[str]) -> Any:
    """Return a JSON value in which every text that is one of the words has given way to three dots."""
    if isinstance(value, dict):
        return {key: without(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [without(each, words) for each in value]
    return "…" if isinstance(value, str) and normalise(value) in words else value
