"""What the state machines of seats share: a small model of a licence, and what must be true of it after any step.

The model knows only who holds what and since when; every refusal and every row is predicted from that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test
from sqlalchemy import select

from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import confirm_address, find_or_add_person
from elearn.core import clock as product_clock
from elearn.core.scope import PersonScope
from elearn.core.tokens import hash_of
from elearn.licensing import services
from elearn.licensing.errors import AlreadySeated, HandoversUsedUp, InvitationNotValid, LicenceEnded, NoFreeSeat
from elearn.licensing.history import Holding, replay
from elearn.licensing.models import Invitation, Licence, Seat, SeatEvent, SeatState
from elearn.licensing.seat_lists import counts_of
from elearn.mail.models import Letter
from tests.conftest import NOW, TestClock
from tests.licensing.helpers import Field

NAMES = ["lise", "hassan", "gitte", "carsten", "amina"]
HOLD = timedelta(days=42)
LETTER_LIFE = timedelta(days=14)
UNDO_LIFE = timedelta(minutes=10)

people = st.sampled_from(NAMES)
numbers = st.integers(0, len(NAMES) - 1)


@dataclass
class Held:
    """What somebody has of a licence."""

    seat_id: int
    state: SeatState
    holds_until: date | None = None
    """While invited."""
    token: str | None = None
    """Of the open invitation."""
    sent_at: datetime | None = None
    is_used: bool = False
    valid_until: date | None = None

    @property
    def is_invited(self) -> bool:
        return self.state is SeatState.INVITED

    @property
    def row(self) -> tuple[int, SeatState, date | None, bool, date | None]:
        return self.seat_id, self.state, self.holds_until, self.is_used, self.valid_until


@dataclass
class Release:
    """A seat that was taken back."""

    name: str
    held: Held
    at: datetime

    @property
    def is_undoable(self) -> bool:
        return not self.held.is_invited and product_clock.now() - self.at <= UNDO_LIFE


@dataclass
class Model:
    """What ought to be true of a licence."""

    licence: Licence
    size: int
    starts_on: date
    ends_on: date
    handovers_allowed: int
    seat_days: int | None = None
    has_line: bool = True
    held: dict[str, Held] = field(default_factory=dict)
    handed_over: int = 0
    releases: dict[int, Release] = field(default_factory=dict)
    """By seat, while nothing else has happened to it since."""
    withdrawn: set[int] = field(default_factory=set)
    """Seats that were taken out of the licence."""
    line: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dead_tokens: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, licence: Licence, *, size: int) -> "Model":
        allowed = licence.handovers_allowed
        return cls(licence, size, licence.starts_on, licence.ends_on, allowed, licence.seat_days)

    @property
    def has_ended(self) -> bool:
        return product_clock.today("DK") > self.ends_on

    @property
    def free(self) -> int:
        return self.size - len(self.held)

    def invited(self, name: str) -> bool:
        return name in self.held and self.held[name].is_invited

    @property
    def waiting_to_accept(self) -> list[str]:
        return [name for name, held in self.held.items() if held.is_invited]

    def lets_watch(self, name: str) -> bool:
        """Whether it is a claimed seat of theirs that runs today."""
        held = self.held.get(name)
        if held is None or held.is_invited:
            return False
        return self.starts_on <= product_clock.today("DK") <= (held.valid_until or self.ends_on)

    def take(self, name: str, held: Held) -> None:
        """Somebody has got a seat, and waits no more."""
        self.forget_letter(name)
        self.held[name] = held
        self.releases.pop(held.seat_id, None)
        self.wait_no_more(name)

    def claimed(self, seat_id: int) -> Held:
        """A seat that is somebody's own from today."""
        first = max(product_clock.today("DK"), self.starts_on)
        last = first + timedelta(days=self.seat_days - 1) if self.seat_days else None
        return Held(seat_id, SeatState.CLAIMED, valid_until=last)

    def leave(self, name: str) -> Held:
        self.forget_letter(name)
        return self.held.pop(name)

    def forget_letter(self, name: str) -> None:
        """The letter they had opens nothing from now on."""
        held = self.held.get(name)
        if held is not None and held.token is not None:
            self.dead_tokens.append(held.token)

    def wait_no_more(self, name: str) -> None:
        for waiting in (self.line, self.asked):
            if name in waiting:
                waiting.remove(name)


class LicenceMachine(RuleBasedStateMachine):
    """What can be done to a licence, each with its refusals; what must be true of all of them."""

    field: Field
    clock: TestClock

    def __init__(self) -> None:
        super().__init__()
        self.clock.set(NOW)
        self.session = self.field.session
        self.try_out = self.session.begin_nested()
        self.models: list[Model] = []
        self.past: list[tuple[int, int, str]] = []

    def teardown(self) -> None:
        self.try_out.rollback()
        self.session.expire_all()

    def give(self, model: Model, name: str) -> None:
        """Invite somebody to any free seat."""
        if model.has_ended:
            self.refused(LicenceEnded, lambda: self._invite(model, name))
        elif name in model.held:
            self.refused(AlreadySeated, lambda: self._invite(model, name))
        elif model.free == 0:
            self.refused(NoFreeSeat, lambda: self._invite(model, name))
        else:
            self.note_invited(model, name, self._invite(model, name).id)

    def accept_signed_in(self, model: Model, name: str) -> None:
        """Accept without the letter: whoever is signed in has an address that is confirmed."""
        person = self.person(name)
        confirm_address(self.session, person.email)
        seat_id = model.held[name].seat_id

        def press() -> object:
            return services.accept_seat(self.session, scope=PersonScope(person.id), seat_id=seat_id)

        if model.has_ended:
            self.refused(InvitationNotValid, press)
        else:
            press()
            model.take(name, model.claimed(seat_id))

    def give_up(self, model: Model, name: str) -> bool:
        """Take a seat back; returns whether the terms allowed it."""
        held = model.held[name]

        def press() -> object:
            return services.take_back_seat(
                self.session, scope=self.field.scope, seat_id=held.seat_id, by_id=self.field.owner_id
            )

        if held.is_used and model.handed_over >= model.handovers_allowed:
            self.refused(HandoversUsedUp, press)
            return False
        press()
        model.leave(name)
        model.handed_over += held.is_used
        model.releases[held.seat_id] = Release(name, held, product_clock.now())
        return True

    def let_time_pass(self, minutes: int) -> None:
        """What nobody answers in time is free again."""
        self.clock.advance(minutes=minutes)
        services.free_lapsed_seats(self.session)
        for model in self.models:
            for name, held in list(model.held.items()):
                if held.holds_until and held.holds_until < product_clock.today("DK"):
                    model.leave(name)

    def note_invited(self, model: Model, name: str, seat_id: int) -> None:
        """Somebody has been invited just now, for the first time or again."""
        now, until = product_clock.now(), min(product_clock.today("DK") + HOLD, model.ends_on)
        model.take(name, Held(seat_id, SeatState.INVITED, until, self._token(seat_id), now))

    def refused(self, error: type[Exception], press: Callable[[], object]) -> None:
        """A refusal rolls its transaction back."""
        inner = self.session.begin_nested()
        with pytest.raises(error):
            press()
        inner.rollback()
        self.session.expire_all()

    def person(self, name: str) -> Person:
        return find_or_add_person(self.session, address=address_of(name), name=name, language="en")[0]

    def holders(self, model: Model) -> dict[str, Seat]:
        """By the name in their address: the seats as the database has them."""
        rows = self.session.execute(
            select(Seat, EmailAddress.normalised)
            .join(EmailAddress, EmailAddress.person_id == Seat.person_id)
            .where(Seat.licence_id == model.licence.id)
            .execution_options(populate_existing=True)
        )
        return {name_of(row.normalised): row.Seat for row in rows}

    @invariant()
    def seats_are_held_as_the_model_says_and_never_more_than_there_are(self) -> None:
        for model in self.models:
            seats = {
                name: (seat.id, seat.state, seat.holds_until, seat.first_used_at is not None, seat.valid_until)
                for name, seat in self.holders(model).items()
            }
            assert seats == {name: held.row for name, held in model.held.items()}
            there = select(Seat.person_id).where(Seat.licence_id == model.licence.id, Seat.withdrawn_at.is_(None))
            people = self.session.scalars(there).all()
            holders = [person_id for person_id in people if person_id is not None]
            assert len(people) == model.size
            assert len(holders) == len(set(holders)) == len(model.held) <= model.size

    @invariant()
    def the_counts_are_those_of_the_rows(self) -> None:
        for model in self.models:
            counts = counts_of(self.session, [model.licence.id])[model.licence.id]
            invited = sum(held.is_invited for held in model.held.values())
            assert (counts.claimed, counts.invited, counts.all) == (len(model.held) - invited, invited, model.size)
            assert services.handovers_used(self.session, model.licence) == model.handed_over

    @invariant()
    def every_row_is_what_its_history_says_and_history_only_grows(self) -> None:
        ids = [model.licence.id for model in self.models]
        seats = self.session.scalars(select(Seat).where(Seat.licence_id.in_(ids))).all()
        events = self.session.scalars(
            select(SeatEvent).where(SeatEvent.seat_id.in_([seat.id for seat in seats])).order_by(SeatEvent.id)
        ).all()
        by_seat: dict[int, list[SeatEvent]] = defaultdict(list)
        for event in events:
            by_seat[event.seat_id].append(event)
        for seat in seats:
            holding = seat.person_id and Holding(seat.person_id, seat.invited_at, seat.claimed_at, seat.first_used_at)
            assert replay(by_seat[seat.id]).now == (holding or None)
        now = [(event.id, event.person_id, event.what) for event in events]
        assert now[: len(self.past)] == self.past
        self.past = now

    @invariant()
    def the_newest_letter_is_the_only_one_that_opens_anything(self) -> None:
        for model in self.models:
            open_ones = self.session.execute(
                select(Invitation.seat_id, Invitation.token_hash)
                .join(Invitation.seat)
                .where(Seat.licence_id == model.licence.id, Invitation.answered_at.is_(None))
            )
            invited = {(held.seat_id, hash_of(held.token)) for held in model.held.values() if held.token}
            assert {(row.seat_id, row.token_hash) for row in open_ones} == invited

    def _invite(self, model: Model, name: str) -> Seat:
        return services.invite(
            self.session,
            self.field.tokens,
            licence=model.licence,
            address=address_of(name),
            name=name,
            language="en",
            by_id=self.field.owner_id,
        )

    def _token(self, seat_id: int) -> str:
        """The token in the letter that offers a seat."""
        letter = self.session.scalars(
            select(Letter)
            .join(Invitation, Invitation.letter_id == Letter.id)
            .where(Invitation.seat_id == seat_id, Invitation.answered_at.is_(None))
        ).one()
        return self.field.installation.tokens.reveal(letter.token_purpose or "", letter.token_nonce or "")


def one_of(names: Iterable[str], number: int) -> str:
    """Choose among those who are there, so that few steps come to nothing."""
    choice = sorted(names)
    return choice[number % len(choice)]


def address_of(name: str) -> str:
    return f"{name}@work.example"


def name_of(address: str) -> str:
    return address.partition("@")[0]


def try_any_order(machine: type[LicenceMachine], field: Field, clock: TestClock, *, examples: int, steps: int) -> None:
    """Run a machine in that many random orders of so many steps."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        type(f"Tried{machine.__name__}", (machine,), {"field": field, "clock": clock}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
