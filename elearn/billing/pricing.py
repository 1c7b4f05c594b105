"""What an order costs: one pure function, in integers (docs/rules/pricing.md).

Preview, quote, order, invoice, e-invoice and card payment all come from the lines that it makes. Amounts are øre.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from elearn.billing.errors import OnRequest, TooFewSeats, UnknownTerm

FULL = 10_000
"""A whole, in hundredths of a per cent."""
MONTHS_IN_A_YEAR = 12
DAYS_IN_A_YEAR = 365
"""Time left of a running licence is paid by the day, of 365 in a year."""
DAYS_IN_A_LEAP_YEAR = 366
"""What a year with 29 February in it has; it costs what another year costs."""


class VatCategory(StrEnum):
    """How a sale is taxed, by its code in UNCL5305."""

    STANDARD = "S"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    OUTSIDE = "O"


class DiscountKind(StrEnum):
    """What a discount code does."""

    PERCENT = "percent"
    """Takes a share off."""
    AMOUNT = "amount"
    """Takes an amount off the whole order."""
    PRICE = "price"
    """Sets what the whole order costs, without VAT."""


@dataclass(frozen=True)
class Bracket:
    """From so many seats on, every seat of the order costs this for a year."""

    from_seats: int
    seat_year_minor: int


@dataclass(frozen=True)
class Offer:
    """A version of a price."""

    currency: str
    seat_year_minor: int
    brackets: tuple[Bracket, ...] = ()
    minimum_seats: int = 1
    on_request_above: int | None = None
    terms_months: tuple[int, ...] = (MONTHS_IN_A_YEAR,)


@dataclass(frozen=True)
class Discount:
    """What a code takes off: `value` is hundredths of a per cent, or øre, by its kind."""

    kind: DiscountKind
    value: int
    code: str


@dataclass(frozen=True)
class Vat:
    """How a sale is taxed: category, rate in hundredths of a per cent, and why there is none."""

    category: VatCategory
    rate_bp: int
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One line of an order or invoice: `net_minor` is quantity times unit price, less the allowance."""

    quantity: int
    unit_minor: int
    allowance_minor: int
    net_minor: int
    months: int | None
    """The term that was bought; None for the days left of a running licence."""
    days: int | None
    code: str
    """The discount code behind the allowance; '' for none."""
    vat: Vat

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {**asdict(self), "vat": {**asdict(self.vat), "category": str(self.vat.category)}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Line":
        """Read a stored line."""
        vat = stored["vat"]
        return cls(**{**stored, "vat": Vat(VatCategory(vat["category"]), vat["rate_bp"], vat["reason"])})


@dataclass(frozen=True)
class VatSum:
    """What is owed at one rate: VAT is reckoned on the net total, never line by line (EN 16931, BR-CO-17)."""

    vat: Vat
    net_minor: int
    vat_minor: int


@dataclass(frozen=True)
class Quote:
    """Lines and what they come to."""

    currency: str
    lines: tuple[Line, ...]
    vat_sums: tuple[VatSum, ...]

    @property
    def net_minor(self) -> int:
        """The sum without VAT."""
        return sum(line.net_minor for line in self.lines)

    @property
    def vat_minor(self) -> int:
        """The VAT."""
        return sum(each.vat_minor for each in self.vat_sums)

    @property
    def total_minor(self) -> int:
        """The sum with VAT."""
        return self.net_minor + self.vat_minor

    @classmethod
    def of(cls, currency: str, lines: Iterable[Line]) -> "Quote":
        """Add up lines."""
        lines = tuple(lines)
        nets: dict[Vat, int] = {}
        for line in lines:
            nets[line.vat] = nets.get(line.vat, 0) + line.net_minor
        return cls(currency, lines, tuple(VatSum(vat, net, vat_of(net, vat)) for vat, net in nets.items()))

    @classmethod
    def from_json(cls, currency: str, lines: Sequence[dict[str, Any]], *, vat_minor: int | None = None) -> "Quote":
        """Read stored lines. `vat_minor` is the stored VAT of a credit note, whose parts share the invoice's VAT."""
        quote = cls.of(currency, map(Line.from_json, lines))
        if vat_minor is None or vat_minor == quote.vat_minor:
            return quote
        (only,) = quote.vat_sums
        return cls(currency, quote.lines, (VatSum(only.vat, only.net_minor, vat_minor),))


def quote(offer: Offer, *, seats: int, months: int, vat: Vat, discount: Discount | None = None) -> Quote:
    """Price seats for a whole term. Raises `TooFewSeats`, `OnRequest`, `UnknownTerm`."""
    check_size(offer, seats)
    if months not in offer.terms_months:
        raise UnknownTerm
    unit = half_up(Fraction(_seat_year(offer, seats) * months, MONTHS_IN_A_YEAR))
    return Quote.of(offer.currency, [_line(seats, unit, vat, discount, months=months)])


def quote_days_left(offer: Offer, *, seats: int, held: int, days: int, vat: Vat) -> Quote:
    """Price more seats for the days left of a running licence; the bracket is that of all seats together.

    The least number of seats of a first order does not count here. Raises `TooFewSeats`, `OnRequest`.
    """
    if seats < 1:
        raise TooFewSeats(1)
    if offer.on_request_above is not None and held + seats > offer.on_request_above:
        raise OnRequest
    unit = half_up(Fraction(_seat_year(offer, held + seats) * _paid_days(days), DAYS_IN_A_YEAR))
    return Quote.of(offer.currency, [_line(seats, unit, vat, None, days=days)])


def check_size(offer: Offer, seats: int) -> None:
    """Raise `TooFewSeats` or `OnRequest` unless that many seats are sold without asking."""
    if seats < offer.minimum_seats:
        raise TooFewSeats(offer.minimum_seats)
    if offer.on_request_above is not None and seats > offer.on_request_above:
        raise OnRequest


def credit(invoiced: Quote, *, seats_before: int, seats: int) -> Quote:
    """Price the giving back of seats of an invoice's one line, after `seats_before` were given back already.

    Parts always add up to the invoice, net and VAT: each is the difference of two rounded running totals. Raises
    ValueError when more would be given back than were bought.
    """
    (line,), (whole,) = invoiced.lines, invoiced.vat_sums
    after = seats_before + seats
    if seats < 1 or after > line.quantity:
        raise ValueError(f"{after} of {line.quantity} seats")
    net_before, net_after = (half_up(Fraction(line.net_minor * part, line.quantity)) for part in (seats_before, after))
    vat_before, vat_after = (half_up(Fraction(whole.vat_minor * part, line.quantity)) for part in (seats_before, after))
    net = net_after - net_before
    back = Line(
        quantity=seats,
        unit_minor=line.unit_minor,
        allowance_minor=seats * line.unit_minor - net,
        net_minor=net,
        months=line.months,
        days=line.days,
        code=line.code,
        vat=line.vat,
    )
    return Quote(invoiced.currency, (back,), (VatSum(line.vat, net, vat_after - vat_before),))


def vat_of(net_minor: int, vat: Vat) -> int:
    """Return the VAT on a net sum, rounded half up to the øre."""
    return half_up(Fraction(net_minor * vat.rate_bp, FULL))


def half_up(amount: Fraction) -> int:
    """Round an amount that is not negative to whole øre, a half upwards."""
    return int(amount + Fraction(1, 2))


def _paid_days(days: int) -> int:
    """Return how many of the days left are paid: a leap day makes a year's time no dearer than a year's seat."""
    years = -(-days // DAYS_IN_A_LEAP_YEAR)
    return min(days, years * DAYS_IN_A_YEAR)


def _seat_year(offer: Offer, seats: int) -> int:
    """Return what a seat costs for a year in an order of that many."""
    reached = [bracket for bracket in offer.brackets if bracket.from_seats <= seats]
    return max(reached, key=lambda bracket: bracket.from_seats).seat_year_minor if reached else offer.seat_year_minor


def _line(
    seats: int, unit: int, vat: Vat, discount: Discount | None, *, months: int | None = None, days: int | None = None
) -> Line:
    gross = seats * unit
    off = _taken_off(gross, discount) if discount else 0
    code = discount.code if discount and off else ""
    return Line(seats, unit, off, gross - off, months, days, code, vat)


def _taken_off(gross: int, discount: Discount) -> int:
    """Return the øre a discount takes off; never more than there are, and a dearer fixed price takes nothing."""
    match discount.kind:
        case DiscountKind.PERCENT:
            return half_up(Fraction(gross * discount.value, FULL))
        case DiscountKind.AMOUNT:
            return min(discount.value, gross)
        case DiscountKind.PRICE:
            return max(gross - discount.value, 0)
