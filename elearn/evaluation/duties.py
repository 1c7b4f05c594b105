"""What test municipalities promised in return for their discount, and how much of it they have given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from elearn.billing.models import Order
from elearn.core import clock
from elearn.core.scope import HouseScope
from elearn.evaluation.figures import Rate
from elearn.evaluation.queries import Published, find_round
from elearn.feedback.form_files import Audience, Moment
from elearn.organisations.models import Municipality

TENTH = 10
COUNTED = (Moment.COMPLETION, Moment.BEFORE_START)
"""The forms that a promise is kept by: those after the course, else those before. What is on request has no rate."""


@dataclass(frozen=True)
class Duty:
    """A municipality's promise."""

    municipality: Municipality
    region: str
    """The campaign's place that it has; '' where it has none."""
    share: int
    """Of 100."""
    due_on: date
    days_left: int
    """Below zero when the day has passed."""
    staff: Rate | None
    leaders: Rate | None

    @property
    def is_met(self) -> bool:
        """Whether what was promised has been given: the report can be made. Leaders count where their rate is told."""
        has_leaders_rate = self.leaders is not None and self.leaders.is_told
        return self.gives(self.staff) and (self.gives(self.leaders) or not has_leaders_rate)

    def gives(self, rate: Rate | None) -> bool:
        """Whether a rate is what was promised; of steps, the lower end counts."""
        if rate is None:
            return False
        return rate.is_nearly_all or (rate.step is not None and rate.step * TENTH >= self.share)


def duties(session: Session, scope: HouseScope, round_id: int, published: Published) -> list[Duty]:
    """Return the promises of municipalities that ordered the round's course, those still open first."""
    shown = find_round(session, scope, round_id)
    orders = session.scalars(
        select(Order)
        .where(Order.course_house_id == scope.course_house_id, Order.course_id == shown.course_id)
        .where(Order.duty_share.is_not(None), Order.duty_due_on.is_not(None))
        .where(Order.accepted_at.is_not(None), Order.refused_at.is_(None), Order.cancelled_at.is_(None))
        .options(joinedload(Order.municipality), joinedload(Order.campaign_place))
        .order_by(Order.placed_at, Order.id)
    )
    rates = {(rate.form, rate.audience, rate.municipality_id): rate for rate in published.rates}
    staff, leaders = (_counted(published, audience) for audience in (Audience.STAFF, Audience.LEADER))
    found: dict[int, Duty] = {}
    for order in orders:
        assert order.duty_share is not None, "the statement asks for promises"
        assert order.duty_due_on is not None, "the statement asks for promises"
        place = order.municipality_id
        found[place] = Duty(
            order.municipality,
            order.campaign_place.name if order.campaign_place else "",
            order.duty_share,
            order.duty_due_on,
            (order.duty_due_on - clock.today(order.municipality.country)).days,
            _best(rates.get((form, str(Audience.STAFF), place)) for form in staff),
            _best(rates.get((form, str(Audience.LEADER), place)) for form in leaders),
        )
    return sorted(found.values(), key=lambda duty: (duty.is_met, duty.due_on, duty.municipality.name))


def _counted(published: Published, audience: Audience) -> list[str]:
    """Return the keys of the forms that an audience keeps its promise by: those of the first moment that is asked.

    A retired form counts beside the one that took its place, so that what was given by it stays given.
    """
    forms = [form for form in published.forms if audience in form.audience]
    asked = {form.moment for form in forms if form.id not in published.retired} or {form.moment for form in forms}
    first = next((moment for moment in COUNTED if moment in asked), None)
    return [form.id for form in forms if form.moment == first]


def _best(rates: Iterable[Rate | None]) -> Rate | None:
    known = (rate for rate in rates if rate is not None)
    return max(known, key=lambda rate: (rate.is_nearly_all, rate.step or 0), default=None)
