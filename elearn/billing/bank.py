"""Bank accounts that invoices name: checked, and written as payments need them."""

from dataclasses import dataclass

from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.no import kontonr

from elearn.billing.errors import BankAccountNotValid, BicNotValid

REGISTRATION_DIGITS = 4
ACCOUNT_DIGITS = 10


@dataclass(frozen=True)
class Account:
    """A bank account: a national number, in Denmark with the bank's registration number, or an IBAN."""

    registration: str
    number: str
    bic: str


def check(country: str, *, registration: str, number: str, bic: str) -> Account:
    """Return an account as invoices need it. Raises `BankAccountNotValid`, `BicNotValid`."""
    registration, number, bic = (_joined(part) for part in (registration, number, bic))
    if bic and not bics.is_valid(bic):
        raise BicNotValid
    if number[:2].isalpha():
        if registration or not ibans.is_valid(number):
            raise BankAccountNotValid
        return Account("", number, bic)
    if country == "NO":
        if registration or not kontonr.is_valid(number):
            raise BankAccountNotValid
        return Account("", number, bic)
    if not (_is_digits(registration) and len(registration) == REGISTRATION_DIGITS):
        raise BankAccountNotValid
    if not (_is_digits(number) and len(number) <= ACCOUNT_DIGITS):
        raise BankAccountNotValid
    return Account(registration, number.zfill(ACCOUNT_DIGITS), bic)


def _joined(written: str) -> str:
    return "".join(written.upper().split()).replace(".", "").replace("-", "")


def _is_digits(written: str) -> bool:
    return written.isascii() and written.isdigit()
