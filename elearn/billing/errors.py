"""Billing's refusals."""

from datetime import date

from elearn.core.errors import DomainError


class NotForSale(DomainError):
    """The course has no price in the buyer's currency, or its house is no seller yet: write to the course house."""


class OnRequest(DomainError):
    """The price is told on request: above the size that is sold freely, or across a border nobody signed off."""


class TooFewSeats(DomainError):
    """Fewer seats than the least number."""

    def __init__(self, least: int) -> None:
        super().__init__(f"at least {least} seats")
        self.least = least


class UnknownTerm(DomainError):
    """The course is not sold for that many months."""


class CodeRefused(DomainError):
    """A discount code does not hold for this order."""


class CodeUnknown(CodeRefused):
    """No such code, or it was switched off."""


class CodeTooEarly(CodeRefused):
    """It holds from a later day."""

    def __init__(self, begins: date) -> None:
        super().__init__(f"from {begins}")
        self.begins = begins


class CodeExpired(CodeRefused):
    """Its last day has passed."""

    def __init__(self, ended: date) -> None:
        super().__init__(f"until {ended}")
        self.ended = ended


class CodeForOtherCourse(CodeRefused):
    """It is for other courses."""


class CodeForOtherCurrency(CodeRefused):
    """It is an amount in another currency."""


class CodeForOtherCountry(CodeRefused):
    """It is for municipalities of another country."""

    def __init__(self, country: str) -> None:
        super().__init__(country)
        self.country = country


class CodeForOtherMunicipality(CodeRefused):
    """It is for another municipality."""


class CodeForOtherPlace(CodeRefused):
    """It is for other regions, or its campaign has no place for this one."""


class CodeForOtherSize(CodeRefused):
    """It is for other numbers of seats."""

    def __init__(self, least: int | None, most: int | None) -> None:
        super().__init__(f"{least}-{most} seats")
        self.least = least
        self.most = most


class CodeUsedUp(CodeRefused):
    """All its uses are taken."""


class PlaceTaken(CodeRefused):
    """Another municipality has the campaign's place for the region."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class PlacePromised(DomainError):
    """Another municipality of the region holds a code of its own for the campaign's place, and has not ordered yet."""

    def __init__(self, place: str, municipality: str, code: str) -> None:
        super().__init__(place)
        self.place, self.municipality, self.code = place, municipality, code


class QuoteEnded(DomainError):
    """The quote's last day has passed."""


class OrderClosed(DomainError):
    """The order was refused or cancelled."""


class OrderNotWaiting(DomainError):
    """The order waits for nobody's answer."""


class ReferenceMissing(DomainError):
    """An e-invoice needs a reference or an order number."""


class OrderNumberMissing(ReferenceMissing):
    """The municipality asks for an order number."""


class ReferenceHasOtherFormat(DomainError):
    """The reference is not written as the municipality asks."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class AlreadyInvoiced(DomainError):
    """The order has its invoice: now only a credit note can take it back."""


class NotInvoiced(DomainError):
    """There is no invoice to credit yet: the order can be cancelled."""


class SeatsInUse(DomainError):
    """So many seats cannot be taken back: only unused ones can."""

    def __init__(self, unused: int) -> None:
        super().__init__(f"{unused} unused seats")
        self.unused = unused


class InvoiceNotValid(DomainError):
    """The official rules refuse the e-invoice; `problems` says what they found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class SellerIncomplete(DomainError):
    """The course house has not filled in what its invoices must say."""


class SeriesBegun(DomainError):
    """Numbers have been given out: the series cannot start elsewhere."""


class NumbersGivenOut(DomainError):
    """The series stands elsewhere: what was given out here cannot be left out."""


class PaymentsNotSetUp(DomainError):
    """Stripe's keys are not set: cards cannot be taken."""


class PaymentServiceAway(DomainError):
    """Stripe did not answer: nothing is known, and trying again is safe."""


class EventForged(DomainError):
    """The event's signature does not fit its bytes, it is too old, or it is of the other mode (test or live)."""


class NotUnderstood(DomainError):
    """Stripe's own hand, but not written as Stripe writes."""


class StripeRefused(DomainError):
    """Stripe says no to what was asked; asking again will not help."""


class NotForCards(DomainError):
    """Nothing is to be paid by card: the order waits for no money, or goes by invoice, or is too large for a card."""


class DutyNotAccepted(DomainError):
    """The code asks for feedback in return, and the buyer has not promised it."""


class SeatsNotWanted(DomainError):
    """The order's seats cannot be given: the licence they were to join has ended."""


class BankAccountNotValid(DomainError):
    """The account is no account number of the house's country, and no IBAN."""


class BicNotValid(DomainError):
    """Not a bank's BIC."""


class PrefixNotValid(DomainError):
    """A series' prefix is at most ten letters, digits, and '-', '/', '.'."""


class TargetNotValid(DomainError):
    """E-invoices cannot be sent there: `how` says what kind of target was wanted."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class DayHasPassed(DomainError):
    """It would hold from a day that has passed: what was told then stands."""


class LastDayBeforeFirst(DomainError):
    """The last day lies before the first."""


class BracketsNotRising(DomainError):
    """Brackets begin above the least number of seats, each with more seats than the one before."""


class RequestBelowMinimum(DomainError):
    """The most seats sold without asking are fewer than the fewest sold."""


class TermNotValid(DomainError):
    """A term is 1 to 60 months, each once, and there is at least one."""


class VatRateMissing(DomainError):
    """The standard rate is above zero."""


class VatReasonMissing(DomainError):
    """A sale without VAT needs the reason that its invoice states."""


class CampaignInUse(DomainError):
    """Orders hold places of the campaign: its country and first day stay."""


class CampaignHasNoCode(DomainError):
    """The campaign has no code that holds today, whose terms its municipalities could get."""


class ApplicationAnswered(DomainError):
    """The application has its answer already."""


class CodeTaken(DomainError):
    """The house has a code of this name already."""


class CodeNotValid(DomainError):
    """A code is 4 to 40 letters, digits and '-'."""


class CodeValueNotValid(DomainError):
    """A share above 0 up to 100 per cent, or an amount above zero in a currency."""


class CodeSizesNotValid(DomainError):
    """The most seats are fewer than the fewest, or a number is below 1."""


class UnknownMunicipality(DomainError):
    """No municipality is called so; `near` are names that look like it."""

    def __init__(self, near: list[str]) -> None:
        super().__init__(", ".join(near))
        self.near = near


class CampaignClosed(DomainError):
    """The campaign takes no applications today, or none from this country."""


class NothingToSend(DomainError):
    """The house fetches its e-invoices itself."""
