"""A seat's life as a state machine: inviting, answering, correcting, using, taking back, undoing, leaving, time."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from elearn.accounts.models import EmailAddress
from elearn.core import clock as product_clock
from elearn.core.errors import TooManyAttempts
from elearn.licensing import services
from elearn.licensing.errors import (
    AddressTaken,
    AlreadySeated,
    InvitationNotValid,
    LicenceEnded,
    NotEnoughSeats,
    SeatNotHeld,
    TooLateToUndo,
)
from elearn.licensing.models import Seat
from tests.licensing.states import LETTER_LIFE, NAMES, LicenceMachine, Model, address_of, numbers, one_of, people

SEATS = 3
MINUTES = [1, 9, 10, 60, 60 * 24, 60 * 24 * 13, 60 * 24 * 30]


class SeatRules(LicenceMachine):
    """One licence, and what people do to its seats."""

    model: Model

    def begin_with(self, *, taken: int, used: int) -> None:
        """So many of the first people have accepted a seat, and some of them have used it."""
        self.model = Model.of(self.field.licence, size=SEATS)
        self.models = [self.model]
        for name in NAMES[:taken]:
            self.give(self.model, name)
            self.accept_signed_in(self.model, name)
        for number in range(min(taken, used)):
            self.use(number=number)

    @rule(name=people)
    def invite(self, name: str) -> None:
        self.give(self.model, name)

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def accept(self, number: int) -> None:
        name = one_of(self.model.held, number)
        if self._answer(name, services.accept_invitation):
            self.model.take(name, self.model.claimed(self.model.held[name].seat_id))

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def decline(self, number: int) -> None:
        name = one_of(self.model.held, number)
        if self._answer(name, services.decline_invitation):
            self.model.leave(name)

    @precondition(lambda self: self.model.waiting_to_accept)
    @rule(number=numbers)
    def sign_in_and_accept(self, number: int) -> None:
        self.accept_signed_in(self.model, one_of(self.model.waiting_to_accept, number))

    @precondition(lambda self: self.model.dead_tokens)
    @rule(number=st.integers(0, 99))
    def open_an_old_letter(self, number: int) -> None:
        token = self.model.dead_tokens[number % len(self.model.dead_tokens)]
        self.refused(InvitationNotValid, lambda: services.accept_invitation(self.session, token))

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def resend(self, number: int) -> None:
        name = one_of(self.model.held, number)
        seat_id = self.model.held[name].seat_id

        def press() -> object:
            return services.resend_invitation(
                self.session, self.field.tokens, scope=self.field.scope, seat_id=seat_id, by_id=self.field.owner_id
            )

        if self._mails_afresh(name, press):
            self.note_invited(self.model, name, seat_id)

    @precondition(lambda self: self.model.waiting_to_accept)
    @rule(number=numbers, other=people)
    def correct_the_address(self, number: int, other: str) -> None:
        """The seat is never free in between: it goes to whoever has the other address."""
        name = one_of(self.model.waiting_to_accept, number)
        seat_id = self.model.held[name].seat_id

        def press() -> object:
            return services.correct_address(
                self.session,
                self.field.tokens,
                scope=self.field.scope,
                seat_id=seat_id,
                address=address_of(other),
                by_id=self.field.owner_id,
            )

        if other != name and other in self.model.held and not self.model.has_ended:
            self.refused((AddressTaken, TooManyAttempts), press)
            return
        mends = self.is_misspelt(name, other)
        if self._mails_afresh(name, press):
            self.model.leave(name)
            if not mends:
                self.passed_on(seat_id)
            self.note_invited(self.model, other, seat_id)

    def passed_on(self, seat_id: int) -> None:
        """The seat has passed to another person."""

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def use(self, number: int) -> None:
        held = self.model.held[one_of(self.model.held, number)]
        services.use_seat(self.session, seat_id=held.seat_id)
        held.is_used = not held.is_invited

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def take_back(self, number: int) -> None:
        self.give_up(self.model, one_of(self.model.held, number))

    @rule(number=st.integers(1, 2))
    def buy_more(self, number: int) -> None:
        services.add_seats(self.session, licence=self.model.licence, seats=number, by_id=self.field.owner_id)
        self.model.size += number

    @rule(number=st.integers(1, SEATS))
    def withdraw(self, number: int) -> None:
        def press() -> None:
            services.withdraw_seats(self.session, licence=self.model.licence, seats=number, by_id=self.field.owner_id)

        if number > self.model.free:
            self.refused(NotEnoughSeats, press)
            return
        press()
        self.model.size -= number
        gone = select(Seat.id).where(Seat.licence_id == self.model.licence.id, Seat.withdrawn_at.is_not(None))
        self.model.withdrawn = set(self.session.scalars(gone))

    @precondition(lambda self: self.model.releases)
    @rule(number=st.integers(0, 99))
    def undo(self, number: int) -> None:
        seats = select(Seat.id).where(Seat.licence_id == self.model.licence.id).order_by(Seat.id)
        ids = self.session.scalars(seats).all()
        seat_id = ids[number % len(ids)]
        release = self.model.releases.get(seat_id)

        def press() -> object:
            return services.undo_take_back(
                self.session, scope=self.field.scope, seat_id=seat_id, by_id=self.field.owner_id
            )

        if release is None or not release.is_undoable:
            self.refused(TooLateToUndo, press)
        elif seat_id in self.model.withdrawn:
            self.refused(SeatNotHeld, press)
        elif release.name in self.model.held:
            self.refused(AlreadySeated, press)
        else:
            press()
            self.model.take(release.name, release.held)
            self.model.handed_over -= release.held.is_used

    @precondition(lambda self: self.model.held)
    @rule(number=numbers)
    def leave_for_good(self, number: int) -> None:
        """An account is deleted, or the municipality leaves: that is no handover, and nothing undoes it."""
        held = self.model.leave(one_of(self.model.held, number))
        assert services.free_for_good(self.session, [held.seat_id], by_id=None) == 1

    @rule(handovers=st.integers(0, 3), has_line=st.booleans())
    def change_terms(self, handovers: int, has_line: bool) -> None:
        services.change_terms(
            self.session,
            scope=self.field.scope,
            licence_id=self.model.licence.id,
            handovers_allowed=handovers,
            has_waiting_line=has_line,
            reason="Test",
            by_id=self.field.owner_id,
        )
        self.model.handovers_allowed, self.model.has_line = handovers, has_line

    @rule(minutes=st.sampled_from(MINUTES))
    def time_passes(self, minutes: int) -> None:
        self.let_time_pass(minutes)

    def _answer(self, name: str, answer: Callable[..., object]) -> bool:
        """Press a button in somebody's letter; returns whether it was good."""
        held = self.model.held.get(name)
        token = (held and held.token) or "a token nobody was given"
        is_fresh = held is not None and held.sent_at is not None and product_clock.now() < held.sent_at + LETTER_LIFE
        if is_fresh and not self.model.has_ended:
            answer(self.session, token)
            return True
        self.refused(InvitationNotValid, lambda: answer(self.session, token))
        return False

    def _mails_afresh(self, name: str, press: Callable[[], object]) -> bool:
        """Mail a held seat's invitation again; returns whether it was open, and had not been mailed too often."""
        if not self.model.invited(name):
            self.refused(SeatNotHeld, press)
        elif self.model.has_ended:
            self.refused(LicenceEnded, press)
        else:
            inner = self.session.begin_nested()
            try:
                press()
            except TooManyAttempts:
                inner.rollback()
                self.session.expire_all()
            else:
                inner.commit()
                return True
        return False

    def is_misspelt(self, name: str, other: str) -> bool:
        """Nobody has the other address, and nothing shows that this one is somebody's own."""
        known = select(EmailAddress.confirmed_at).where(
            EmailAddress.normalised.in_([address_of(name), address_of(other)])
        )
        return self.session.scalars(known).all() == [None] and name != other
