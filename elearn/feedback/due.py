"""When a form is due to somebody: a pure rule over what is known of them (docs/rules/answering.md)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from elearn.feedback.form_files import LATER_DAYS, Audience, Moment
from elearn.feedback.models import FeedbackAsk, FeedbackForm, FeedbackRound
from elearn.organisations.models import Role

LATER = timedelta(days=LATER_DAYS)
STILL_BEFORE = timedelta(days=1)
"""How long after the first film 'before the start' may still be answered: some press play first and answer next."""
ROLES = {Audience.LEADER: Role.LEADER, Audience.BUYER: Role.BUYER}
Key = tuple[int, int]
"""Two ids: a municipality and a course, or a round and a form."""


@dataclass(frozen=True)
class Held:
    """A seat that somebody has claimed."""

    course_id: int
    municipality_id: int
    sector: str | None
    claimed_at: datetime
    first_used_at: datetime | None
    starts_at: datetime
    """When its licence began."""
    is_live: bool


@dataclass(frozen=True)
class Work:
    """What somebody is in a municipality."""

    role: str
    municipality_id: int
    sector: str | None
    since: datetime


@dataclass
class Known:
    """What is known of one person."""

    person_id: int
    held: list[Held] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    completed: dict[int, datetime] = field(default_factory=dict)
    """By course."""
    answered: set[Key] = field(default_factory=set)
    """The round and form of what was answered once for all modules."""
    asks: dict[Key, FeedbackAsk] = field(default_factory=dict)


@dataclass(frozen=True)
class Customers:
    """What is known of municipalities whose leaders and buyers are asked, by municipality and course."""

    begun: dict[Key, datetime]
    """When the first licence that runs today began."""
    fifth: dict[Key, datetime]
    """When the fifth of its people completed the course."""


@dataclass(frozen=True)
class Place:
    """As whom, and for which municipality, somebody answers."""

    audience: Audience
    municipality_id: int
    sector: str | None


@dataclass(frozen=True)
class Due:
    """A form that somebody is asked to answer."""

    person_id: int
    form: FeedbackForm
    round_: FeedbackRound
    place: Place
    since: datetime
    ask: FeedbackAsk | None


def places(form: FeedbackForm, known: Known, customers: Customers) -> list[Place]:
    """Return where somebody may answer a form, as the first of its audiences that they are; empty when it is none."""
    for audience in form.audience:
        found = {place.municipality_id: place for place in _places(form, audience, known, customers)}
        if found:
            return list(found.values())
    return []


def due(form: FeedbackForm, round_: FeedbackRound, known: Known, customers: Customers, *, now: datetime) -> Due | None:
    """Return since when a form asks somebody, or None: never who has answered, or asked to be left alone."""
    key = (round_.id, form.id)
    ask = known.asks.get(key)
    if form.retired_at or not round_.takes_answers or key in known.answered or (ask and ask.declined_on):
        return None
    for place in places(form, known, customers):
        since = _since(form, place, known, customers, now)
        if since is not None and not _was_asked_before(round_, place, since):
            return Due(known.person_id, form, round_, place, max(since, round_.opened_at), ask)
    return None


def open_places(form: FeedbackForm, known: Known, customers: Customers, *, now: datetime) -> list[Place]:
    """Return where somebody may answer a form now: its moment has come, and for 'before' has not passed."""
    found = places(form, known, customers)
    if form.moment in (Moment.ON_REQUEST, Moment.AFTER_MODULE):
        return found
    return [place for place in found if _since(form, place, known, customers, now) is not None]


def _was_asked_before(round_: FeedbackRound, place: Place, since: datetime) -> bool:
    """Whether the round before this one asked already: a course's first round also asks those it finds."""
    return place.audience == Audience.STAFF and round_.number > 1 and since < round_.opened_at


def _places(form: FeedbackForm, audience: str, known: Known, customers: Customers) -> Iterator[Place]:
    if audience == Audience.STAFF:
        is_through = form.course_id in known.completed
        for seat in known.held:
            if seat.course_id == form.course_id and (seat.is_live or is_through):
                yield Place(Audience.STAFF, seat.municipality_id, seat.sector)
    elif audience in ROLES:
        for work in known.work:
            if work.role == ROLES[Audience(audience)] and (work.municipality_id, form.course_id) in customers.begun:
                yield Place(Audience(audience), work.municipality_id, work.sector)


def _since(form: FeedbackForm, place: Place, known: Known, customers: Customers, now: datetime) -> datetime | None:
    key = (place.municipality_id, form.course_id)
    if place.audience == Audience.STAFF:
        seats = [seat for seat in known.held if seat.course_id == form.course_id]
        # Whoever watched with a licence that has ended has no 'before' left when it is renewed.
        has_started = any(seat.first_used_at and now - seat.first_used_at > STILL_BEFORE for seat in seats)
        live = [seat for seat in seats if seat.is_live and not has_started]
        begins = min((max(seat.claimed_at, seat.starts_at) for seat in live), default=None)
        ends = known.completed.get(form.course_id)
    else:
        role = ROLES[place.audience]
        came = min(w.since for w in known.work if w.role == role and w.municipality_id == place.municipality_id)
        begins = max(customers.begun[key], came)
        fifth = customers.fifth.get(key)
        ends = max(fifth, came) if fifth else None
    since = {
        Moment.BEFORE_START: None if ends else begins,
        Moment.COMPLETION: ends,
        Moment.LATER: ends + LATER if ends else None,
    }.get(Moment(form.moment))
    return since if since is not None and since <= now else None
