"""What a wrong number is answered: what is wrong, and what to write."""

from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid
from elearn.organisations.numbers import ORG_NUMBER_DIGITS


def wrong_gln(refused: NumberHasOtherLength | NumberNotValid) -> str:
    """Say what is wrong with an EAN number."""
    if isinstance(refused, NumberHasOtherLength):
        return ngettext(
            "The EAN number has %(num)d digit. It needs 13.",
            "The EAN number has %(num)d digits. It needs 13.",
            refused.digits,
        )
    return _("This is no EAN number: the digits do not fit together. Compare them with your source.")


def wrong_org_number(refused: NumberHasOtherLength | NumberNotValid, country: str) -> str:
    """Say what is wrong with a CVR or organisation number."""
    if isinstance(refused, NumberHasOtherLength):
        return ngettext(
            "The number has %(num)d digit. It needs %(wanted)s.",
            "The number has %(num)d digits. It needs %(wanted)s.",
            refused.digits,
            wanted=ORG_NUMBER_DIGITS[country],
        )
    return _("This is no organisation number: the digits do not fit together. Compare them with your source.")
