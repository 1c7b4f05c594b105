"""What is said of a table: whose its data is, how long it is kept, and what becomes of each column in an export."""

from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """Whom a table is about, and who decides over it."""

    PERSON = "person"
    """The person's own: it goes with the account."""
    EMPLOYER = "employer"
    """About a person, for the municipality they work in; it goes with the account or with the municipality."""
    MUNICIPALITY = "municipality"
    """The municipality's, about nobody; it goes when the municipality leaves."""
    HOUSE = "house"
    """The course house's: what it teaches and has sold."""
    PUBLIC = "public"
    """Public lists."""
    PRODUCT = "product"
    """The installation's own bookkeeping, in numbers and hashes."""


class Keep(StrEnum):
    """How long a table's rows are kept; `retention` enforces those with a time."""

    ACCOUNT = "account"
    """While anything is left of the person."""
    OWN = "own"
    """Until the person deletes them."""
    PROGRESS = "progress"
    """Some months after the last day on which the person held a live seat."""
    WORK = "work"
    """While the membership or seat lasts; memberships that have ended as long as progress."""
    ANSWERED = "answered"
    """Some days after it was answered or ran out."""
    QUOTE = "quote"
    """Some months after its last day."""
    FEEDBACK = "feedback"
    """Some months after the evaluation was closed; a draft, after it was last saved."""
    SIGN_IN = "sign-in"
    """Some days after it ended."""
    LETTER = "letter"
    """Some days after sending."""
    TRAIL = "trail"
    """Some months, in numbers instead of names."""
    JOB = "job"
    """A few days after it was done."""
    MUNICIPALITY = "municipality"
    """Until the municipality leaves."""
    BUSINESS = "business"
    """As long as the course house does business: licences and their history in numbers."""
    LEDGER = "ledger"
    """As long as a backup could bring somebody back."""


@dataclass(frozen=True)
class Holding:
    """One table. Columns are named in words parted by spaces, each once."""

    table: str
    whose: Whose
    keep: Keep
    told: str = ""
    """In the person's export as they stand."""
    named: str = ""
    """Numbers that the export tells by the name of what they stand for."""
    own: str = ""
    """The person's own number: left out, since all of the export is theirs."""
    others: str = ""
    """Other people's numbers: never in this person's export."""
    hidden: str = ""
    """Opens doors: never in any export, not even on paper."""
    apart: str = ""
    """Not in a person's export; `why` says the reason."""
    why: str = ""

    @property
    def columns(self) -> list[str]:
        """Every column that is named here."""
        return " ".join((self.told, self.named, self.own, self.others, self.hidden, self.apart)).split()


NOBODY = "about nobody"
