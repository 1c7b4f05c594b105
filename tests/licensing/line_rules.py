"""Who would like a seat, as a state machine: asking, standing in line, joining by a link, being served in order."""

from collections.abc import Callable
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from elearn.accounts.models import EmailAddress
from elearn.core import clock as product_clock
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.jobs.models import Job
from elearn.licensing import services
from elearn.licensing.errors import (
    AlreadySeated,
    JoiningNotValid,
    JoinLinkClosed,
    LicenceEnded,
    NoFreeSeat,
    NoWaitingLine,
)
from elearn.licensing.models import FREE, RequestState, Seat, SeatRequest
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import Outcome
from tests.conftest import NOW
from tests.licensing.seat_rules import SEATS, SeatRules
from tests.licensing.states import LETTER_LIFE, NAMES, UNDO_LIFE, Model, address_of, name_of, numbers, one_of, people

ROUND_MINUTES = 10


class LineRules(SeatRules):
    """A licence's seats, who asks for one, and who stands in line. Jobs run when the worker comes by."""

    def __init__(self) -> None:
        super().__init__()
        side, licence = self.field.world.ours, self.field.licence
        self.buyer = MunicipalityScope(side.municipality.id, side.buyer.id)
        self.last_round = NOW
        self.vacated: dict[int, tuple[datetime, bool]] = {}
        """By seat: when it was last released, and whether a job was left behind that serves the line afterwards."""
        self.letters: dict[str, tuple[str, datetime]] = {}
        """By name: the token of the join link's letter, and when it was sent."""
        self.has_joined: set[str] = set()
        self.link = services.make_join_link(
            self.session,
            scope=self.buyer,
            licence=licence,
            department_id=None,
            domains=["work.example"],
            most=100,
            ends_on=licence.ends_on,
            needs_approval=False,
            by_id=side.buyer.id,
        )

    @initialize(
        taken=st.integers(0, SEATS), used=st.integers(0, SEATS), waiting=st.integers(0, 2), somebody_asks=st.booleans()
    )
    def begin(self, taken: int, used: int, waiting: int, somebody_asks: bool) -> None:
        self.begin_with(taken=taken, used=used)
        if somebody_asks:
            self.ask(name=NAMES[-1])
        for name in NAMES[taken : taken + waiting]:
            self.be_put_in_line(name=name)
        self.the_worker_comes_by()

    @rule(name=people)
    def ask(self, name: str) -> None:
        self._tick()
        scope = PersonScope(self.person(name).id)

        def press() -> object:
            return services.ask_for_seat(self.session, scope, licence=self.model.licence, placing=Placing())

        if self._may_want_a_seat(name, press) and name not in self.model.line + self.model.asked:
            self.model.asked.append(name)

    @rule(name=people)
    def join_the_line(self, name: str) -> None:
        self._tick()
        person = self.person(name)

        def press() -> SeatRequest:
            return services.join_line(self.session, person=person, licence=self.model.licence, placing=Placing())

        if not self.model.has_line:
            self.refused(NoWaitingLine, press)
        elif self._may_want_a_seat(name, press):
            self._stand_in_line(name)

    @rule(name=people)
    def be_put_in_line(self, name: str) -> None:
        self._tick()
        place: list[int] = []

        def press() -> None:
            number = services.put_in_line(
                self.session,
                licence=self.model.licence,
                address=address_of(name),
                name=name,
                language="en",
                department_id=None,
                sector=None,
                by_id=self.field.owner_id,
            )
            place.append(number)

        if self._may_want_a_seat(name, press):
            self._stand_in_line(name)
            assert place == [self.model.line.index(name) + 1]

    @precondition(lambda self: self.model.asked)
    @rule(number=numbers)
    def approve(self, number: int) -> None:
        self._tick()
        name = one_of(self.model.asked, number)
        if self.model.has_ended:
            self.refused(LicenceEnded, lambda: self._buyer_answers(name, yes=True))
        elif self.model.has_line:
            self._buyer_answers(name, yes=True)
            self._stand_in_line(name)
            self._note_served()
        elif self.model.free == 0:
            self.refused(NoFreeSeat, lambda: self._buyer_answers(name, yes=True))
        else:
            self._buyer_answers(name, yes=True)
            self.note_invited(self.model, name, self.holders(self.model)[name].id)

    @precondition(lambda self: self.model.asked or self.model.line)
    @rule(number=numbers)
    def turn_down(self, number: int) -> None:
        name = one_of(self.model.asked + self.model.line, number)
        self._buyer_answers(name, yes=False)
        self.model.wait_no_more(name)

    @precondition(lambda self: self.model.asked or self.model.line)
    @rule(number=numbers)
    def leave_the_line(self, number: int) -> None:
        name = one_of(self.model.asked + self.model.line, number)
        request = self._request(name)
        services.leave_line(self.session, scope=PersonScope(request.person_id), request_id=request.id)
        self.model.wait_no_more(name)

    @rule(name=people)
    def get_the_links_letter(self, name: str) -> None:
        services.send_joining(
            self.session,
            self.field.tokens,
            join_link_id=self.link.id,
            address=address_of(name),
            called=name,
            language="en",
        )
        if not self.model.has_ended:
            self.letters[name] = (self.field.token(), product_clock.now())

    @precondition(lambda self: self.letters)
    @rule(number=numbers)
    def join_by_the_link(self, number: int) -> None:
        self._tick()
        name = one_of(self.letters, number)
        token, sent_at = self.letters[name]
        outcome: list[Outcome] = []

        def press() -> None:
            outcome.append(services.join(self.session, token=token).outcome)

        expected = self._what_joining_comes_to(name)
        if product_clock.now() >= sent_at + LETTER_LIFE:
            self.refused(JoiningNotValid, press)
        elif isinstance(expected, Outcome):
            press()
            assert outcome == [expected]
            del self.letters[name]
            self._note_joined(name, expected)
        else:
            self.refused(expected, press)

    @rule()
    def the_worker_comes_by(self) -> None:
        """Whatever was left for after the commit is done, and then nobody waits in vain."""
        due = select(Job).where(Job.name == "licensing.serve_line", Job.done_at.is_(None))
        for job in self.session.scalars(due.where(Job.due_at <= product_clock.now()).order_by(Job.due_at, Job.id)):
            services.serve_line(self.session, self.field.tokens, **job.arguments)
            job.done_at = product_clock.now()
        self._note_served()
        if self.model.line and self.model.has_line and not self.model.has_ended:
            free = select(Seat.id).where(Seat.licence_id == self.model.licence.id, FREE)
            assert [seat_id for seat_id in self.session.scalars(free) if not self._may_stay_free(seat_id)] == []

    def let_time_pass(self, minutes: int) -> None:
        super().let_time_pass(minutes)
        if minutes >= ROUND_MINUTES:
            services.serve_lines(self.session)
            self.last_round = product_clock.now()
        self.the_worker_comes_by()

    def give_up(self, model: Model, name: str) -> bool:
        seat_id = model.held[name].seat_id
        if not super().give_up(model, name):
            return False
        self.vacated[seat_id] = (product_clock.now(), model.has_line and bool(model.line))
        return True

    def passed_on(self, seat_id: int) -> None:
        self.vacated[seat_id] = (product_clock.now(), False)

    def is_misspelt(self, name: str, other: str) -> bool:
        """Who wrote an address at a join link has it: a letter that went there must not confirm another."""
        return super().is_misspelt(name, other) and name not in self.letters

    @invariant()
    def who_waits_is_kept_in_order_and_whoever_has_a_seat_waits_no_more(self) -> None:
        rows = self.session.execute(
            select(SeatRequest.state, EmailAddress.normalised)
            .join(EmailAddress, EmailAddress.person_id == SeatRequest.person_id)
            .where(SeatRequest.licence_id == self.model.licence.id)
            .where(SeatRequest.state.in_([RequestState.ASKED, RequestState.WAITING]))
            .order_by(SeatRequest.in_line_since, SeatRequest.asked_at)
        ).all()
        assert [name_of(row.normalised) for row in rows if row.state == RequestState.WAITING] == self.model.line
        assert [name_of(row.normalised) for row in rows if row.state == RequestState.ASKED] == self.model.asked

    def _may_want_a_seat(self, name: str, press: Callable[[], object]) -> bool:
        """Press a button that asks for a seat; returns whether it was good."""
        if self.model.has_ended:
            self.refused(LicenceEnded, press)
        elif name in self.model.held:
            self.refused(AlreadySeated, press)
        else:
            press()
            return True
        return False

    def _stand_in_line(self, name: str) -> None:
        """Behind all the others, unless they stand there already."""
        if name not in self.model.line:
            self.model.wait_no_more(name)
            self.model.line.append(name)

    def _note_served(self) -> None:
        """Whoever has been invited stood first, and kept the order."""
        line, held = list(self.model.line), self.model.held
        seats = {name: seat for name, seat in self.holders(self.model).items() if name not in held}
        assert set(line[: len(seats)]) == set(seats)
        for name in line[: len(seats)]:
            self.note_invited(self.model, name, seats[name].id)

    def _may_stay_free(self, seat_id: int) -> bool:
        """A seat that was just taken back can be given back; whoever comes after that waits for the next round."""
        if seat_id not in self.vacated:
            return False
        at, wakes_the_worker = self.vacated[seat_id]
        settled = at + UNDO_LIFE
        return settled > product_clock.now() or (settled > self.last_round and not wakes_the_worker)

    def _what_joining_comes_to(self, name: str) -> Outcome | type[Exception]:
        model = self.model
        if name in model.held and not (model.has_ended and model.invited(name)):
            return Outcome.KNOWN
        if model.has_ended:
            return JoinLinkClosed
        if name in self.has_joined:
            return Outcome.IN_LINE if name in model.line else Outcome.ASKED
        if model.has_line and model.line:
            return Outcome.IN_LINE
        if model.free:
            return Outcome.SEATED
        return Outcome.IN_LINE if model.has_line else NoWaitingLine

    def _note_joined(self, name: str, outcome: Outcome) -> None:
        model = self.model
        if outcome is Outcome.KNOWN:
            if model.invited(name):
                model.take(name, model.claimed(model.held[name].seat_id))
            return
        self.has_joined.add(name)
        if outcome is Outcome.SEATED:
            model.take(name, model.claimed(self.holders(model)[name].id))
        elif outcome is Outcome.IN_LINE:
            self._stand_in_line(name)
        elif name not in model.line + model.asked:
            model.asked.append(name)

    def _buyer_answers(self, name: str, *, yes: bool) -> None:
        services.answer_request(
            self.session,
            self.field.tokens,
            scope=self.buyer,
            request_id=self._request(name).id,
            approve=yes,
            by_id=self.field.owner_id,
        )

    def _request(self, name: str) -> SeatRequest:
        return self.session.scalars(
            select(SeatRequest)
            .where(SeatRequest.licence_id == self.model.licence.id, SeatRequest.person_id == self.person(name).id)
            .where(SeatRequest.state.in_([RequestState.ASKED, RequestState.WAITING]))
        ).one()

    def _tick(self) -> None:
        """Nobody comes in the same moment as another."""
        self.clock.advance(seconds=1)
