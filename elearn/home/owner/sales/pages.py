"""What the owner's pages about selling share."""

from typing import Any

from flask import Response, make_response, render_template

from elearn.billing.models import OrderState
from elearn.billing.words import amount, rate
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.sales.stripe_words import in_words
from elearn.licensing.errors import PublicDomain

STATES = {
    OrderState.UNCONFIRMED: _l("Address not confirmed yet"),
    OrderState.TO_CONFIRM: _l("To confirm"),
    OrderState.TO_PAY: _l("Waits for the payment"),
    OrderState.READY: _l("Seats are there"),
    OrderState.REFUSED: _l("Refused"),
    OrderState.CANCELLED: _l("Cancelled"),
}
SQUARES = {
    OrderState.UNCONFIRMED: "c",
    OrderState.TO_CONFIRM: "d",
    OrderState.TO_PAY: "b",
    OrderState.READY: "a",
    OrderState.REFUSED: "c",
    OrderState.CANCELLED: "c",
}
"""The square before a state: full, half, empty, amber for what waits for the owner."""


def sales_page(template: str, **context: Any) -> str:
    """Draw a page about selling."""
    return render_template(
        f"owner/sales/{template}",
        amount=amount,
        rate=rate,
        in_words=in_words,
        states=STATES,
        squares=SQUARES,
        **context,
    )


def refused(page: str) -> Response:
    """Answer with a page that says what to correct."""
    return make_response(page, 422)


def anybodys(public: PublicDomain) -> str:
    """Say why a mail domain cannot be trusted."""
    return _(
        "Anybody can get an address at %(domain)s. Only a municipality’s own domain can be trusted.", domain=public
    )


def country_names() -> dict[str, str]:
    """Return the countries we sell in, in the language spoken now."""
    return {"DK": _("Denmark"), "NO": _("Norway")}
