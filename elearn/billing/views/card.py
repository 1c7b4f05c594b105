"""Paying an order by card: the button, the way to Stripe's page, and the way back.

The press on the button commits a row with its key; Stripe is asked right after that commit, before the answer leaves,
with no transaction open. The pages only read: what was paid is known from Stripe's own word, never from a browser.
"""

import logging

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries
from elearn.billing.card_queries import latest_checkout
from elearn.billing.errors import NotForCards, OrderClosed, PaymentServiceAway, StripeRefused
from elearn.billing.models import Checkout, Order, OrderState
from elearn.billing.order_rows import invoice_of
from elearn.billing.services.checkouts import begin_checkout, left_to_charge
from elearn.billing.services.payments import owed
from elearn.billing.stripe_asking import ask_checkout
from elearn.billing.views import bp
from elearn.billing.views.order_access import order_party
from elearn.billing.words import amount
from elearn.core.i18n import gettext as _
from elearn.core.installation import Installation
from elearn.organisations.access import person_scope
from elearn.web.session import afterwards, current_session, installation

LOOK_EVERY_S = 3
LOOKS = 40
"""A waiting page looks again by itself so often, also without JavaScript; then a link does."""

_log = logging.getLogger(__name__)


@bp.post("/orders/<int:order_id>/pay")
@order_party
def pay(order_id: int) -> AnyResponse:
    """Begin the payment, or go on with the one that is open."""
    order = buyer_queries.order(current_session(), person_scope(), order_id)
    if not installation().settings.takes_cards:
        flash(_("Cards are not taken here. Write to the course house, which can send an invoice instead."), "note")
        return redirect(url_for("billing.order_page", order_id=order_id), 303)
    try:
        checkout_id = begin_checkout(current_session(), order=order, by_id=current_person().id).id
    except OrderClosed:
        flash(_("The order is closed, so nothing is to be paid."), "note")
        return redirect(url_for("billing.order_page", order_id=order_id), 303)
    except NotForCards:
        flash(_("Nothing is to be paid by card for this order."), "note")
        return redirect(url_for("billing.order_page", order_id=order_id), 303)
    here = installation()
    afterwards(lambda _session: _ask(here, checkout_id))
    return redirect(url_for("billing.card", order_id=order_id), 303)


@bp.get("/orders/<int:order_id>/card")
@order_party
def card(order_id: int) -> Response | AnyResponse:
    """Lead on to Stripe's page, once Stripe has said where it is.

    By a page, not by a redirect: a form may not lead to another site (the policy's form-action), a page may.
    """
    order, checkout = _paying(order_id)
    if not order.is_open or order.paid_at is not None or checkout is None or not checkout.is_open:
        return redirect(url_for("billing.card_done", order_id=order_id), 303)
    return _page("billing/card.html", order, checkout.amount_minor, waits=checkout.url is None, url=checkout.url)


@bp.get("/orders/<int:order_id>/card/done")
@order_party
def card_done(order_id: int) -> Response:
    """Say whether the payment has arrived; look again until it has."""
    order, checkout = _paying(order_id)
    waits = order.is_open and order.paid_at is None and checkout is not None and checkout.is_open
    is_by_card = checkout is not None and checkout.paid_at is not None
    charged = checkout.amount_minor if checkout is not None and is_by_card else owed(current_session(), order)
    return _page("billing/card-done.html", order, charged, waits=waits, has_seats=order.state is OrderState.READY)


@bp.get("/orders/<int:order_id>/card/left")
@order_party
def card_left(order_id: int) -> Response:
    """Say that nothing was paid, and how to go on."""
    order, _checkout = _paying(order_id)
    session, is_due = current_session(), order.is_open and order.paid_at is None
    asked = left_to_charge(session, order) if is_due else order.total_minor
    closes = asked == order.total_minor and invoice_of(session, order) is None
    return _page("billing/card-left.html", order, asked, waits=False, is_due=is_due, closes=closes)


def _paying(order_id: int) -> tuple[Order, Checkout | None]:
    session, scope = current_session(), person_scope()
    return buyer_queries.order(session, scope, order_id), latest_checkout(session, scope, order_id)


def _page(template: str, order: Order, charged_minor: int, *, waits: bool, **shown: object) -> Response:
    """Render a page; one that waits has the browser look again, a limited number of times."""
    looks = request.args.get("looks", 0, type=int)
    looks_again = waits and 0 <= looks < LOOKS
    again = url_for(str(request.endpoint), order_id=order.id, looks=looks + 1)
    total = amount(charged_minor, order.currency)
    response = make_response(
        render_template(
            template,
            order=order,
            total=total,
            waits=waits,
            looks_again=looks_again,
            again=again,
            **shown,
        )
    )
    if looks_again:
        response.headers["Refresh"] = f"{LOOK_EVERY_S}; url={again}"
    return response


def _ask(here: Installation, checkout_id: int) -> None:
    """Ask Stripe; when it does not answer the page says so, and a job asks again."""
    try:
        ask_checkout(here, checkout_id)
    except (PaymentServiceAway, StripeRefused):
        _log.warning("Stripe gave no page for payment %s; a job asks again", checkout_id, exc_info=True)
