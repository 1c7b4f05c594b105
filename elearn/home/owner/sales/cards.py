"""Card payments as the owner has to know of them: money to give back, objections, refunds, news that did not fit."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import card_queries, queries
from elearn.billing.models import Outcome
from elearn.billing.services.refunds import return_money
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.pages import bp
from elearn.home.owner.sales.pages import sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation

OUTCOMES = {
    Outcome.UNKNOWN_CHECKOUT: _l("It pays for an order, and no payment was begun that it could belong to."),
    Outcome.OTHER_AMOUNT: _l(
        "This payment has another amount or currency than the order asked for. It was not booked, and gave no seats. "
        "Find it on Stripe’s pages by the order, and give back what was paid."
    ),
    Outcome.OTHER_HOUSE: _l("It names another course house."),
    Outcome.OTHER_REFUND: _l("It is a refund of another amount or payment than was asked for."),
    Outcome.OTHER_DISPUTE: _l(
        "The card holder got money back in another currency than the order’s, so it was not booked. "
        "See on Stripe’s pages what was taken, and note it on the order’s page."
    ),
}
WAITS = _l("It waits for news of the payment it is about.")


@bp.get("/cards")
@owner
def cards() -> str:
    """Show what has to be known of card payments."""
    session, scope = current_session(), house_scope()
    refunds = card_queries.refunds(session, scope)
    return sales_page(
        "cards.html",
        takes_cards=installation().settings.takes_cards,
        to_return=card_queries.to_return(session, scope),
        without_seats=card_queries.paid_without_seats(session, scope),
        disputes=card_queries.disputes(session, scope),
        refunds=refunds,
        money=queries.money(session, scope, {each.order_id for each in refunds}),
        set_aside=card_queries.set_aside(session, scope),
        outcomes=OUTCOMES,
        waits=WAITS,
        form=ButtonForm(),
    )


@bp.post("/orders/<int:order_id>/return-money")
@owner
def give_back(order_id: int) -> AnyResponse:
    """Have money that came in above what is owed go back to the card."""
    session, scope = current_session(), house_scope()
    order = queries.order(session, scope, order_id)
    refund = return_money(session, scope=scope, order_id=order.id, by_id=current_person().id)
    if refund is None:
        flash(_("Nothing is to go back to a card. Pay back by transfer, and note it on the order's page."), "note")
    else:
        flash(_("The money is on its way back to the card."))
    return redirect(url_for("owner.order", order_id=order.id), 303)
