"""What Stripe tells, as plain values. Its objects are read here once; what is written otherwise is refused.

Only ids, amounts and moments are taken over, and ids are words of plain letters: nothing else that Stripe passes on
from people reaches a column.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from elearn.billing.errors import NotUnderstood

WORD = re.compile(r"[\w.:/-]{1,255}", re.ASCII)
URL = re.compile(r"https?://[!-~]{1,4000}")
LARGEST = 10**12


@dataclass(frozen=True)
class Event:
    """Something that happened at Stripe, at `created_at`; the order of arrival says nothing."""

    id: str
    kind: str
    is_live: bool
    created_at: datetime
    object: dict[str, Any]
    """What it happened to, as it was then."""
    payload: str
    """The event as it came."""


@dataclass(frozen=True)
class ToldSession:
    """A Checkout session."""

    id: str
    reference: str
    """The key that we gave it; '' when it is none of ours."""
    house: str
    """The course house that we said it is for, by number."""
    is_live: bool
    url: str | None
    has_expired: bool
    is_paid: bool
    amount_minor: int | None
    currency: str
    payment_intent_id: str | None


@dataclass(frozen=True)
class ToldRefund:
    """Money that goes back to a card."""

    id: str
    key: str
    """The key that we gave it; '' when it was begun at Stripe's own pages."""
    payment_intent_id: str
    amount_minor: int
    currency: str
    has_succeeded: bool
    has_failed: bool
    problem: str
    created_at: datetime


@dataclass(frozen=True)
class ToldCharge:
    """A payment, and how much of it has gone back."""

    payment_intent_id: str
    refunded_minor: int


@dataclass(frozen=True)
class ToldDispute:
    """A card holder's objection."""

    id: str
    payment_intent_id: str
    amount_minor: int
    currency: str
    reason: str
    has_closed: bool
    was_won: bool
    created_at: datetime


def event_from(payload: str) -> Event:
    """Read an event. Raises `NotUnderstood`."""
    try:
        values = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("not JSON") from error
    told = _Reading(values)
    data = told.part("data")
    return Event(
        id=told.word("id"),
        kind=told.word("type"),
        is_live=told.flag("livemode"),
        created_at=told.moment("created"),
        object=data.part("object").values,
        payload=payload,
    )


def session_from(values: object) -> ToldSession:
    """Read a Checkout session. Raises `NotUnderstood`."""
    told = _Reading(values)
    return ToldSession(
        id=told.word("id"),
        reference=told.word_or_none("client_reference_id") or "",
        house=told.note("house"),
        is_live=told.flag("livemode"),
        url=told.url_or_none("url"),
        has_expired=told.word_or_none("status") == "expired",
        is_paid=told.word_or_none("payment_status") == "paid",
        amount_minor=told.amount_or_none("amount_total"),
        currency=(told.word_or_none("currency") or "").upper(),
        payment_intent_id=told.id_or_none("payment_intent"),
    )


def refund_from(values: object) -> ToldRefund:
    """Read a refund. Raises `NotUnderstood`."""
    told = _Reading(values)
    status = told.word_or_none("status") or ""
    return ToldRefund(
        id=told.word("id"),
        key=told.note("refund"),
        payment_intent_id=told.id_or_none("payment_intent") or "",
        amount_minor=told.amount("amount"),
        currency=told.word("currency").upper(),
        has_succeeded=status == "succeeded",
        has_failed=status in ("failed", "canceled"),
        problem=told.word_or_none("failure_reason") or "",
        created_at=told.moment("created"),
    )


def charge_from(values: object) -> ToldCharge:
    """Read a charge. Raises `NotUnderstood`."""
    told = _Reading(values)
    return ToldCharge(told.id_or_none("payment_intent") or "", told.amount("amount_refunded"))


def dispute_from(values: object) -> ToldDispute:
    """Read a dispute. Raises `NotUnderstood`."""
    told = _Reading(values)
    status = told.word("status")
    return ToldDispute(
        id=told.word("id"),
        payment_intent_id=told.id_or_none("payment_intent") or "",
        amount_minor=told.amount("amount"),
        currency=told.word("currency").upper(),
        reason=told.word_or_none("reason") or "",
        has_closed=status in ("won", "lost", "warning_closed", "prevented"),
        was_won=status != "lost",
        created_at=told.moment("created"),
    )


class _Reading:
    """Takes values out of an object of JSON, each of the kind it has to be."""

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise NotUnderstood("no object")
        self.values: dict[str, Any] = values

    def part(self, name: str) -> "_Reading":
        return _Reading(self.values.get(name))

    def word(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not WORD.fullmatch(value):
            raise NotUnderstood(name)
        return value

    def word_or_none(self, name: str) -> str | None:
        return None if self.values.get(name) is None else self.word(name)

    def id_or_none(self, name: str) -> str | None:
        """Return the id of another object, which may stand here whole."""
        value = self.values.get(name)
        return _Reading(value).word("id") if isinstance(value, dict) else self.word_or_none(name)

    def note(self, name: str) -> str:
        """Return a word of the metadata, or '' when there is none: anybody may have written there."""
        value = self.values.get("metadata")
        word = value.get(name) if isinstance(value, dict) else None
        return word if isinstance(word, str) and WORD.fullmatch(word) else ""

    def url_or_none(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is not None and not (isinstance(value, str) and URL.fullmatch(value)):
            raise NotUnderstood(name)
        return value

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise NotUnderstood(name)
        return value

    def amount(self, name: str) -> int:
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
            raise NotUnderstood(name)
        return value

    def amount_or_none(self, name: str) -> int | None:
        return None if self.values.get(name) is None else self.amount(name)

    def moment(self, name: str) -> datetime:
        seconds = self.amount(name)
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise NotUnderstood(name) from error
