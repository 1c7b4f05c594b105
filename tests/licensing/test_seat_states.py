"""A seat's life in any order of events, tried against a small model: who is invited, who has claimed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.errors import TooManyAttempts
from elearn.core.scope import PersonScope
from elearn.licensing import services
from elearn.licensing.errors import AlreadySeated, InvitationNotValid, NoFreeSeat, TooLateToUndo
from elearn.licensing.history import Holding, replay
from elearn.licensing.models import Invitation, Seat, SeatEvent, SeatState
from tests.conftest import NOW, TestClock
from tests.licensing.helpers import Field

NAMES = ["Lise", "Hassan", "Gitte", "Carsten", "Amina"]
SEATS = 3
people = st.sampled_from(NAMES)


class Seats(RuleBasedStateMachine):
    """The model: who holds what, with the live token and the last day of each invitation."""

    field: Field
    clock: TestClock

    def __init__(self) -> None:
        super().__init__()
        self.clock.set(NOW)
        self.try_out = self.field.session.begin_nested()
        self.held: dict[str, tuple[int, SeatState]] = {}
        self.tokens: dict[str, tuple[str, Any]] = {}
        self.released: tuple[int, str, Any] | None = None
        self.past: list[tuple[int, str]] = []

    def teardown(self) -> None:
        self.try_out.rollback()
        self.field.session.expire_all()

    @rule(name=people)
    def invite(self, name: str) -> None:
        if name in self.held:
            self._refused(AlreadySeated, lambda: self.field.invite(name))
        elif len(self.held) == SEATS:
            self._refused(NoFreeSeat, lambda: self.field.invite(name))
        else:
            seat = self.field.invite(name)
            self.held[name] = (seat.id, SeatState.INVITED)
            self._new_token(name)
            if self.released and self.released[0] == seat.id:
                self.released = None

    @rule(name=people)
    def accept(self, name: str) -> None:
        self._answer(name, services.accept_invitation)
        if self._is_open(name):
            self.held[name] = (self.held[name][0], SeatState.CLAIMED)
            del self.tokens[name]

    @rule(name=people)
    def accept_signed_in(self, name: str) -> None:
        if self.held.get(name, (0, None))[1] is not SeatState.INVITED:
            return
        seat_id = self.held[name][0]
        scope = PersonScope(self._row(seat_id).person_id or 0)
        services.accept_seat(self.field.session, scope=scope, seat_id=seat_id)
        self.held[name] = (seat_id, SeatState.CLAIMED)
        del self.tokens[name]

    @rule(name=people)
    def decline(self, name: str) -> None:
        self._answer(name, services.decline_invitation)
        if self._is_open(name):
            self._gone(name)

    @rule(name=people)
    def resend(self, name: str) -> None:
        if self.held.get(name, (0, None))[1] is not SeatState.INVITED:
            return
        with suppress(TooManyAttempts):
            services.resend_invitation(
                self.field.session,
                self.field.tokens,
                scope=self.field.scope,
                seat_id=self.held[name][0],
                by_id=self.field.owner_id,
            )
            self._new_token(name)

    @rule(name=people)
    def take_back(self, name: str) -> None:
        if name not in self.held:
            return
        seat_id, state = self.held[name]
        services.take_back_seat(self.field.session, scope=self.field.scope, seat_id=seat_id, by_id=self.field.owner_id)
        self._gone(name)
        self.released = (seat_id, name, product_clock.now()) if state is SeatState.CLAIMED else None

    @precondition(lambda self: self.released is not None)
    @rule()
    def undo(self) -> None:
        assert self.released
        seat_id, name, at = self.released

        def press() -> None:
            services.undo_take_back(
                self.field.session, scope=self.field.scope, seat_id=seat_id, by_id=self.field.owner_id
            )

        if product_clock.now() - at > timedelta(minutes=10):
            self._refused(TooLateToUndo, press)
        elif name in self.held:
            self._refused(AlreadySeated, press)
        else:
            press()
            self.held[name] = (seat_id, SeatState.CLAIMED)
            self.released = None

    @rule(name=people)
    def use(self, name: str) -> None:
        if name in self.held:
            services.use_seat(self.field.session, seat_id=self.held[name][0])

    @rule(minutes=st.sampled_from([1, 9, 60, 60 * 24, 60 * 24 * 13, 60 * 24 * 30]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        services.free_lapsed_seats(self.field.session)
        for name, (seat_id, state) in list(self.held.items()):
            if state is SeatState.INVITED and self._row(seat_id).state is SeatState.FREE:
                assert self.tokens[name][1] + timedelta(days=42) <= product_clock.now() + timedelta(days=1)
                self._gone(name)

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        rows = self._rows()
        assert len(rows) == SEATS
        holders = {row.id: row.state for row in rows if row.state is not SeatState.FREE}
        assert holders == dict(self.held.values())
        counts = self.field.counts()
        assert counts.claimed == sum(state is SeatState.CLAIMED for _id, state in self.held.values())
        assert (counts.claimed + counts.invited, counts.all) == (len(self.held), SEATS)
        seated = [row.person_id for row in rows if row.person_id]
        assert len(seated) == len(set(seated))

    @invariant()
    def every_row_is_what_its_history_says(self) -> None:
        for row in self._rows():
            events = self.field.session.scalars(
                select(SeatEvent).where(SeatEvent.seat_id == row.id).order_by(SeatEvent.id)
            )
            holding = row.person_id and Holding(row.person_id, row.invited_at, row.claimed_at, row.first_used_at)
            assert replay(events).now == (holding or None)

    @invariant()
    def history_only_grows(self) -> None:
        licence_id = self.field.licence.id
        events = select(SeatEvent.id, SeatEvent.what).join(Seat, Seat.id == SeatEvent.seat_id)
        rows = self.field.session.execute(events.where(Seat.licence_id == licence_id).order_by(SeatEvent.id))
        now = [(row.id, row.what) for row in rows]
        assert now[: len(self.past)] == self.past
        self.past = now

    @invariant()
    def a_seat_has_an_open_invitation_only_while_it_is_held(self) -> None:
        for row in self._rows():
            open_ones = self.field.open_invitations(row)
            assert open_ones == (1 if row.state is SeatState.INVITED else 0)

    def _answer(self, name: str, answer: Callable[..., object]) -> None:
        token = self.tokens.get(name, ("a token nobody was given", None))[0]
        if self._is_open(name):
            answer(self.field.session, token)
        else:
            self._refused(InvitationNotValid, lambda: answer(self.field.session, token))

    def _is_open(self, name: str) -> bool:
        is_held = self.held.get(name, (0, None))[1] is SeatState.INVITED
        return is_held and product_clock.now() < self.tokens[name][1] + timedelta(days=14)

    def _refused(self, error: type[Exception], press: Callable[[], object]) -> None:
        """A refusal rolls its transaction back."""
        inner = self.field.session.begin_nested()
        with pytest.raises(error):
            press()
        inner.rollback()

    def _new_token(self, name: str) -> None:
        self.tokens[name] = (self.field.token(), product_clock.now())

    def _gone(self, name: str) -> None:
        seat_id, _state = self.held.pop(name)
        self.tokens.pop(name, None)
        if self.released and self.released[0] == seat_id:
            self.released = None

    def _row(self, seat_id: int) -> Seat:
        return next(row for row in self._rows() if row.id == seat_id)

    def _rows(self) -> list[Seat]:
        rows = select(Seat).where(Seat.licence_id == self.field.licence.id).order_by(Seat.id)
        return list(self.field.session.scalars(rows.execution_options(populate_existing=True)))


def test_a_seat_keeps_its_rules_in_any_order_of_events(field: Field, clock: TestClock) -> None:
    machine = type("TheseSeats", (Seats,), {"field": field, "clock": clock})

    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert field.session.scalars(select(Invitation.id)).first() is not None
