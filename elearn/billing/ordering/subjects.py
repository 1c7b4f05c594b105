"""What an order can be about: seats freely chosen, a quote, a licence's next period, or more seats of a licence."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.billing.models import Order, Quote
from elearn.billing.pricing import MONTHS_IN_A_YEAR
from elearn.billing.services.orders import Details, order_more_seats, place_order
from elearn.billing.services.pricing_orders import Asked, Priced, price_more_seats, price_order, price_quote
from elearn.catalogue.models import Course
from elearn.core.scope import MunicipalityScope
from elearn.core.tokens import Tokens
from elearn.licensing.models import Licence
from elearn.organisations.models import Municipality


@dataclass(frozen=True)
class Subject:
    """What is ordered. `municipality` is set where it cannot be chosen."""

    course: Course
    person: Person | None
    """Who is signed in."""
    municipality: Municipality | None = None

    seats_are_fixed = False
    takes_codes = True
    chooses_day = True
    of_running_licence = False

    @property
    def terms(self) -> tuple[int, ...]:
        """The terms that may be chosen; () for those of the price."""
        return ()

    def fills(self) -> dict[str, Any]:
        """Return the fields that the subject fills in."""
        return {}

    def price(self, session: Session, municipality: Municipality, asked: Asked) -> Priced:
        """Return what it costs now. Raises what `price_order` does."""
        return price_order(
            session, course=self.course, country=municipality.country, municipality=municipality, asked=asked
        )

    def place(
        self,
        session: Session,
        tokens: Tokens,
        *,
        municipality: Municipality,
        asked: Asked,
        details: Details,
        form_key: str,
    ) -> Order:
        """Place the order, once per form. Raises what `place_order` does."""
        return place_order(
            session,
            tokens,
            course=self.course,
            municipality=municipality,
            asked=asked,
            details=details,
            form_key=form_key,
            person=self.person,
            quote=self._quote(),
            renews=self._renews(),
        )

    def _quote(self) -> Quote | None:
        return None

    def _renews(self) -> Licence | None:
        return None


class Open(Subject):
    """Seats that anybody may order."""


@dataclass(frozen=True)
class OnQuote(Subject):
    """What a quote says, at its price."""

    quote: Quote | None = None

    seats_are_fixed = True
    takes_codes = False

    @property
    def terms(self) -> tuple[int, ...]:
        """The quote's."""
        assert self.quote is not None
        return (self.quote.months,)

    def fills(self) -> dict[str, Any]:
        """Fill in what the quote says, and who asked for it."""
        assert self.quote is not None
        return {"seats": self.quote.seats, "name": self.quote.name, "email": self.quote.email}

    def price(self, session: Session, municipality: Municipality, asked: Asked) -> Priced:
        """Return the quote's price, while it stands and its code is still free."""
        assert self.quote is not None
        return price_quote(session, self.quote)

    def _quote(self) -> Quote | None:
        return self.quote


@dataclass(frozen=True)
class Renewal(Subject):
    """The period after a licence of the buyer's."""

    licence: Licence | None = None
    staying: int = 0
    """How many people stay: the seats that are suggested."""

    chooses_day = False

    def fills(self) -> dict[str, Any]:
        """Suggest a seat for everybody who stays."""
        return {"seats": self.staying or None}

    def _renews(self) -> Licence | None:
        return self.licence


@dataclass(frozen=True)
class MoreSeats(Subject):
    """More seats of a running licence, for the days left."""

    licence: Licence | None = None

    takes_codes = False
    chooses_day = False
    of_running_licence = True

    @property
    def terms(self) -> tuple[int, ...]:
        """No term is chosen: the days left count."""
        return (MONTHS_IN_A_YEAR,)

    def price(self, session: Session, municipality: Municipality, asked: Asked) -> Priced:
        """Return what the days left cost now."""
        assert self.licence is not None
        return price_more_seats(session, licence=self.licence, seats=asked.seats)

    def place(
        self,
        session: Session,
        tokens: Tokens,
        *,
        municipality: Municipality,
        asked: Asked,
        details: Details,
        form_key: str,
    ) -> Order:
        """Order them, once per form."""
        assert self.licence is not None
        assert self.person is not None
        return order_more_seats(
            session,
            scope=MunicipalityScope(municipality.id, self.person.id),
            licence=self.licence,
            seats=asked.seats,
            details=details,
            form_key=form_key,
            person=self.person,
        )
