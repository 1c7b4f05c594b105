"""Licences that follow one another, in any order of events: buying, carrying over, choosing who leaves, running out."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from elearn.core import clock as product_clock
from elearn.core.scope import PersonScope
from elearn.licensing import services
from elearn.licensing.errors import LicenceEnded, NotEnoughSeats
from elearn.licensing.queries import live_seat
from elearn.licensing.renewals import renewal
from tests.conftest import TestClock
from tests.licensing.helpers import Field
from tests.licensing.states import NAMES, LicenceMachine, Model, numbers, one_of, people, try_any_order

DAYS = 100
MOST_LICENCES = 3

some_people = st.sets(people)
either = st.booleans()


class RenewalRules(LicenceMachine):
    """The licence that was bought last, the one before it, and the people on both."""

    @initialize(learners=st.integers(0, 3), next_seats=st.integers(0, 4))
    def begin(self, learners: int, next_seats: int) -> None:
        """With some learners, and mostly with a licence that follows."""
        self.chosen: dict[int, set[str]] = defaultdict(set)
        self._grant(seats=3, seat_days=None, overlap=0)
        for name in NAMES[:learners]:
            self.get_a_seat_and_accept(name=name)
        if next_seats:
            self._grant(seats=next_seats, seat_days=None, overlap=0)

    @property
    def new(self) -> Model:
        return self.models[-1]

    @property
    def old(self) -> Model:
        """The licence before; the only one there is, as long as no other has been bought."""
        return self.models[-2:][0]

    @property
    def leavers(self) -> set[str]:
        """Who is not to be carried over from the licence before, as chosen so far."""
        return self.chosen[self.old.licence.id]

    @precondition(lambda self: len(self.models) < MOST_LICENCES)
    @rule(seats=st.integers(1, 4), seat_days=st.sampled_from([None, 1, 20, 90]), overlap=st.sampled_from([-3, 0, 10]))
    def buy_the_next(self, seats: int, seat_days: int | None, overlap: int) -> None:
        """It begins when the one before ends, or some days before or after that."""
        self._grant(seats=seats, seat_days=seat_days, overlap=overlap)

    @rule(name=people, in_new=either)
    def invite(self, name: str, in_new: bool) -> None:
        self.give(self._which(in_new), name)

    @rule(number=numbers, in_new=either)
    def accept(self, number: int, in_new: bool) -> None:
        model = self._which(in_new)
        if model.waiting_to_accept:
            self.accept_signed_in(model, one_of(model.waiting_to_accept, number))

    @rule(name=people)
    def get_a_seat_and_accept(self, name: str) -> None:
        self.give(self.old, name)
        if self.old.invited(name):
            self.accept_signed_in(self.old, name)

    @rule(number=numbers, in_new=either)
    def use(self, number: int, in_new: bool) -> None:
        model = self._which(in_new)
        if model.held:
            held = model.held[one_of(model.held, number)]
            services.use_seat(self.session, seat_id=held.seat_id)
            held.is_used = not held.is_invited

    @rule(number=numbers, in_new=either)
    def take_back(self, number: int, in_new: bool) -> None:
        model = self._which(in_new)
        if model.held:
            self.give_up(model, one_of(model.held, number))

    @rule(leaving=some_people, shown=some_people)
    def choose_who_leaves(self, leaving: set[str], shown: set[str]) -> None:
        """Only who is shown on the page, and has a seat, is asked about; the others stay as chosen before."""
        services.choose_leavers(
            self.session,
            scope=self.field.scope,
            licence_id=self.old.licence.id,
            person_ids=[self.person(name).id for name in leaving],
            among=[self.person(name).id for name in shown],
            by_id=self.field.owner_id,
        )
        self.leavers.difference_update(shown)
        self.leavers.update(leaving & shown & self.old.held.keys())

    @precondition(lambda self: len(self.models) > 1)
    @rule()
    def carry_everybody_over(self) -> None:
        """All who stay, or nobody; again only who has come since."""
        press = self._carrying(self.old, self.new)
        staying = self._staying()
        if self.new.has_ended:
            self.refused(LicenceEnded, press)
        elif len(staying) > self.new.free:
            self.refused(NotEnoughSeats, press)
        else:
            assert press() == len(staying)
            seats = self.holders(self.new)
            assert staying <= seats.keys()
            for name in staying:
                self.new.take(name, self.new.claimed(seats[name].id))

    @rule(days=st.sampled_from([1, 9, 20, 43]))
    def days_pass(self, days: int) -> None:
        self.let_time_pass(days * 24 * 60)

    @precondition(lambda self: not self.old.has_ended)
    @rule()
    def the_last_day_passes(self) -> None:
        """From its last minute to the first of the day after, where the municipality is."""
        midnight = datetime.combine(self.old.ends_on + timedelta(days=1), time(), product_clock.ZONES["DK"])
        self.let_time_pass(int((midnight - product_clock.now()) / timedelta(minutes=1)) - 1)
        assert not self.old.has_ended
        self.who_holds_a_seat_that_runs_today_may_watch()
        self.let_time_pass(1)
        assert self.old.has_ended

    @invariant()
    def who_holds_a_seat_that_runs_today_may_watch(self) -> None:
        course_id = self.field.licence.course_id
        for name, person_id in self._seated().items():
            seat = live_seat(self.session, PersonScope(person_id), course_id)
            assert (seat is not None) == any(model.lets_watch(name) for model in self.models)

    @invariant()
    def the_buyer_reads_what_a_renewal_comes_to(self) -> None:
        read = renewal(self.session, self.field.scope, self.old.licence)
        claimed = {name for name, held in self.old.held.items() if not held.is_invited}
        assert (read.holders, read.leaving) == (len(claimed), len(claimed & self.leavers))
        if self.old is not self.new and not self.new.has_ended:
            assert read.following is not None
            assert read.following.licence.id == self.new.licence.id
            assert read.to_carry == len(self._staying())
            assert read.fits == (len(self._staying()) <= self.new.free)

    def _seated(self) -> dict[str, int]:
        return {name: seat.person_id or 0 for model in self.models for name, seat in self.holders(model).items()}

    def _which(self, in_new: bool) -> Model:
        return self.new if in_new else self.old

    def _staying(self) -> set[str]:
        claimed = {name for name, held in self.old.held.items() if not held.is_invited}
        return claimed - self.leavers - self.new.held.keys()

    def _carrying(self, old: Model, new: Model) -> Callable[[], int]:
        return lambda: services.carry_over(
            self.session,
            scope=self.field.scope,
            from_licence_id=old.licence.id,
            to_licence_id=new.licence.id,
            by_id=self.field.owner_id,
        )

    def _grant(self, *, seats: int, seat_days: int | None, overlap: int) -> None:
        side, before = self.field.world.ours, self.models[-1:]
        starts_on = before[0].ends_on + timedelta(days=1 - overlap) if before else product_clock.today("DK")
        licence = services.grant_licence(
            self.session,
            house=side.house,
            course=side.course,
            municipality=side.municipality,
            seats=seats,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=DAYS - 1),
            reason="Test",
            by_id=side.owner.id,
            seat_days=seat_days,
            previous=before[0].licence if before else None,
        )
        self.models.append(Model.of(licence, size=seats))


def test_nobody_is_lost_and_no_seat_too_many_given_in_any_order_of_renewals(field: Field, clock: TestClock) -> None:
    try_any_order(RenewalRules, field, clock, examples=20, steps=25)


@pytest.mark.soak
def test_nobody_is_lost_and_no_seat_too_many_given_in_many_more_orders(field: Field, clock: TestClock) -> None:
    try_any_order(RenewalRules, field, clock, examples=600, steps=40)
