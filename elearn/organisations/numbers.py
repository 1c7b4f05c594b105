"""Numbers of organisations: how they are checked, and how they are written on pages and papers."""

from types import ModuleType
from typing import Protocol

from stdnum import ean
from stdnum.dk import cvr
from stdnum.no import orgnr

from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid

DIGITS_TOGETHER = {"DK": 2, "NO": 3}
NAMES = {"DK": "CVR", "NO": "org.nr."}
GLN_DIGITS = 13
ORG_NUMBER_DIGITS = {"DK": 8, "NO": 9}
_ORG_NUMBERS = {"DK": cvr, "NO": orgnr}


class Numbered(Protocol):
    """A body with a number: a course house, a municipality, who is named on an invoice."""

    @property
    def country(self) -> str: ...  # noqa: D102 - read from its name

    @property
    def org_number(self) -> str | None: ...  # noqa: D102


def check_gln(written: str) -> str:
    """Return a GLN (EAN) number's 13 digits. Raises `NumberHasOtherLength`, `NumberNotValid`."""
    return _checked(written, ean, GLN_DIGITS)


def check_org_number(written: str, country: str) -> str:
    """Return a CVR or Norwegian organisation number's digits. Raises `NumberHasOtherLength`, `NumberNotValid`."""
    return _checked(written, _ORG_NUMBERS[country], ORG_NUMBER_DIGITS[country])


def written_number(body: Numbered) -> str:
    """Return a body's number as its country writes it: 'CVR 11 22 33 46', 'org.nr. 923 609 016'; '' for none."""
    if not body.org_number:
        return ""
    size = DIGITS_TOGETHER[body.country]
    groups = [body.org_number[start : start + size] for start in range(0, len(body.org_number), size)]
    return " ".join([NAMES[body.country], *groups])


def _checked(written: str, kind: ModuleType, digits: int) -> str:
    number = "".join(written.split()).replace("-", "")
    if not (number.isascii() and number.isdigit()):
        raise NumberNotValid
    if len(number) != digits:
        raise NumberHasOtherLength(len(number))
    if not kind.is_valid(number):
        raise NumberNotValid
    return number
