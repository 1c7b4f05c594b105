"""For whom, for what and when a discount code holds: pure rules, each with a refusal of its own."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from elearn.billing import errors
from elearn.billing.errors import CodeRefused


@dataclass(frozen=True)
class CodeRule:
    """What a code and its campaign ask."""

    is_active: bool
    currency: str | None
    valid_from: date
    valid_until: date
    course_ids: frozenset[int]
    min_seats: int | None
    max_seats: int | None
    uses_left: int | None
    country: str | None
    municipality_id: int | None
    region_code: str | None
    campaign_country: str | None = None
    campaign_places: frozenset[str] | None = None
    """The regions that have a place in its campaign; None without one, empty when it has no places."""
    campaign_starts_on: date | None = None
    campaign_ends_on: date | None = None


@dataclass(frozen=True)
class Wish:
    """An order that a code is tried on."""

    course_id: int
    currency: str
    seats: int
    municipality_id: int | None
    """None while the buyer has not said which: what depends on it is not asked yet."""
    country: str
    region_codes: frozenset[str]
    """Where the municipality lay on the campaign's first day; without a campaign, where it lies today."""
    on: date
    """Today, in the buyer's country."""


def normalised(typed: str) -> str:
    """Return a code as it is stored and compared: NFKC, upper case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())


def check(rule: CodeRule, wish: Wish) -> str | None:
    """Return the campaign's place that the order takes, if there are places. Raises a `CodeRefused` that says why not.

    Whether a place or the last use is free is the database's to say, when the order is placed.
    """
    for refusal in _refusals(rule, wish):
        raise refusal
    if not rule.campaign_places or wish.municipality_id is None:
        return None
    return min(rule.campaign_places & wish.region_codes)


def _refusals(rule: CodeRule, wish: Wish) -> list[CodeRefused]:
    """Return every reason against it, the most telling one first."""
    checks: tuple[Callable[[CodeRule, Wish], CodeRefused | None], ...] = (
        _known,
        _when,
        _what,
        _where,
        _how_many,
        _used,
    )
    return [refusal for each in checks if (refusal := each(rule, wish)) is not None]


def _known(rule: CodeRule, _wish: Wish) -> CodeRefused | None:
    return None if rule.is_active else errors.CodeUnknown()


def _when(rule: CodeRule, wish: Wish) -> CodeRefused | None:
    begins = max(day for day in (rule.valid_from, rule.campaign_starts_on) if day)
    ends = min(day for day in (rule.valid_until, rule.campaign_ends_on) if day)
    if wish.on < begins:
        return errors.CodeTooEarly(begins)
    return errors.CodeExpired(ends) if wish.on > ends else None


def _what(rule: CodeRule, wish: Wish) -> CodeRefused | None:
    if rule.course_ids and wish.course_id not in rule.course_ids:
        return errors.CodeForOtherCourse()
    return errors.CodeForOtherCurrency() if rule.currency not in (None, wish.currency) else None


def _where(rule: CodeRule, wish: Wish) -> CodeRefused | None:
    for country in (rule.country, rule.campaign_country):
        if country not in (None, wish.country):
            return errors.CodeForOtherCountry(str(country))
    if wish.municipality_id is None:
        return None
    if rule.municipality_id not in (None, wish.municipality_id):
        return errors.CodeForOtherMunicipality()
    if rule.region_code is not None and rule.region_code not in wish.region_codes:
        return errors.CodeForOtherPlace()
    if rule.campaign_places and not rule.campaign_places & wish.region_codes:
        return errors.CodeForOtherPlace()
    return None


def _how_many(rule: CodeRule, wish: Wish) -> CodeRefused | None:
    too_few = rule.min_seats is not None and wish.seats < rule.min_seats
    too_many = rule.max_seats is not None and wish.seats > rule.max_seats
    return errors.CodeForOtherSize(rule.min_seats, rule.max_seats) if too_few or too_many else None


def _used(rule: CodeRule, _wish: Wish) -> CodeRefused | None:
    return errors.CodeUsedUp() if rule.uses_left is not None and rule.uses_left < 1 else None
