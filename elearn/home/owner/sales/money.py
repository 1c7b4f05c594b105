"""Money that came in or went back, noted by hand."""

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import queries
from elearn.billing.bookkeeping import BY_HAND
from elearn.billing.models import PaymentKind
from elearn.billing.selling_forms import PaymentForm
from elearn.billing.services.payments import note_payment
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house
from elearn.home.owner.sales.orders import order_page
from elearn.home.owner.sales.pages import refused
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.post("/orders/<int:order_id>/payments")
@owner
def note_money(order_id: int) -> AnyResponse | Response:
    """Note money for an order; a form that is sent twice counts once."""
    session, scope = current_session(), house_scope()
    queries.order(session, scope, order_id)
    form = PaymentForm()
    if form.validate_on_submit():
        if not form.amount.data:
            form.amount.errors = [_("Write an amount above zero.")]
        elif form.paid_on.data > clock.today(house().country):
            form.paid_on.errors = [_("This day has not come yet. Write the day on which the bank booked it.")]
    if form.errors:
        return refused(order_page(order_id, payment_form=form))
    kind = PaymentKind(form.kind.data)
    order = note_payment(
        session,
        scope=scope,
        order_id=order_id,
        kind=kind,
        amount_minor=-form.amount.data if kind is PaymentKind.REPAID else form.amount.data,
        paid_on=form.paid_on.data,
        reference=f"{BY_HAND}{order_id}:{form.form_key.data}",
        by_id=current_person().id,
    )
    if order.paid_at is not None and kind is PaymentKind.TRANSFER:
        flash(_("The payment is noted, and the order is paid."))
    else:
        flash(_("The payment is noted."))
    return redirect(url_for("owner.order", order_id=order_id), 303)
