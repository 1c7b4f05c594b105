"""What the owner answers to an order: accepted, refused, cancelled, invoiced, credited."""

from flask import Response, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import errors, pricing, queries
from elearn.billing.einvoice import rules
from elearn.billing.models import Invoice, InvoiceKind, Order, PaymentKind
from elearn.billing.selling_forms import AcceptForm, CancelForm, CreditForm, RefuseForm
from elearn.billing.services.invoices import credit_invoice, credited_seats, issue_invoice
from elearn.billing.services.order_answers import accept_order, cancel_order, refuse_order
from elearn.billing.services.payments import paid_by
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.core.scope import HouseScope
from elearn.core.tokens import random_token
from elearn.home.owner.pages import bp
from elearn.home.owner.sales.orders import order_page
from elearn.home.owner.sales.pages import anybodys, refused, sales_page
from elearn.home.owner.sales.problems import plain_problems
from elearn.licensing import seat_lists
from elearn.licensing.errors import PublicDomain, WrongNumberOfSeats
from elearn.organisations.access import house_scope, owner
from elearn.web.session import commit, current_session


@bp.post("/orders/<int:order_id>/accept")
@owner
def accept(order_id: int) -> AnyResponse | Response:
    """Accept an order; its seats follow at once, or when it is paid."""
    form = AcceptForm()
    try:
        order = accept_order(
            current_session(),
            scope=house_scope(),
            order_id=order_id,
            trust_domain=form.trust_domain.data,
            by_id=current_person().id,
        )
    except errors.OrderNotWaiting:
        return refused(
            order_page(order_id, trouble=_("The order does not wait for you: see below what happened to it."))
        )
    except PublicDomain as public:
        return refused(order_page(order_id, trouble=anybodys(public)))
    except errors.SeatsNotWanted:
        return refused(
            order_page(order_id, trouble=_("The licence that these seats were for has ended. Refuse the order."))
        )
    except WrongNumberOfSeats:
        return refused(order_page(order_id, trouble=_("So many seats do not fit into one licence. Refuse the order.")))
    if order.seats_given_at is not None:
        flash(
            ngettext(
                "The order is accepted. %(municipality)s has %(num)d seat now, and an email says so.",
                "The order is accepted. %(municipality)s has %(num)d seats now, and an email says so.",
                order.seats,
                municipality=order.municipality.official_name,
            )
        )
    else:
        flash(_("The order is accepted. Its seats follow when it is paid."))
    return _back(order_id)


@bp.post("/orders/<int:order_id>/refuse")
@owner
def refuse(order_id: int) -> AnyResponse | Response:
    """Refuse an order and tell its sender why."""
    form = RefuseForm()
    if not form.validate_on_submit():
        return refused(order_page(order_id, refuse_form=form))
    try:
        refuse_order(
            current_session(),
            scope=house_scope(),
            order_id=order_id,
            reason=form.reason.data,
            by_id=current_person().id,
        )
    except errors.OrderNotWaiting:
        return refused(
            order_page(order_id, trouble=_("The order does not wait for you: see below what happened to it."))
        )
    flash(_("The order is refused. Its sender gets your reason by email."))
    return _back(order_id)


@bp.route("/orders/<int:order_id>/cancel", methods=["GET", "POST"])
@owner
def cancel(order_id: int) -> str | AnyResponse | Response:
    """Say what cancelling does, then cancel."""
    session, scope = current_session(), house_scope()
    order = queries.order(session, scope, order_id)
    form, trouble = CancelForm(), None
    if form.validate_on_submit():
        try:
            cancel_order(session, scope=scope, order_id=order_id, reason=form.reason.data, by_id=current_person().id)
        except errors.AlreadyInvoiced:
            trouble = _("The order is invoiced or paid. A credit note takes it back.")
        except errors.OrderClosed:
            trouble = _("The order was refused before.")
        except errors.SeatsInUse as in_use:
            trouble = _in_use(in_use)
        else:
            flash(_("The order is cancelled. Its sender gets your reason by email."))
            return _back(order_id)
    page = sales_page("cancel.html", order=order, form=form, trouble=trouble)
    return refused(page) if form.errors or trouble else page


@bp.post("/orders/<int:order_id>/invoice")
@owner
def invoice(order_id: int) -> AnyResponse | Response:
    """Make an order's invoice, when the official rules have nothing against it."""
    _prepare_rules()
    try:
        made = issue_invoice(current_session(), scope=house_scope(), order_id=order_id, by_id=current_person().id)
    except errors.InvoiceNotValid as wrong:
        return refused(order_page(order_id, problems=plain_problems(wrong.problems)))
    except errors.SellerIncomplete:
        return refused(order_page(order_id, trouble=_("Fill in under Seller who sells, then make the invoice.")))
    except errors.OrderNotWaiting:
        return refused(order_page(order_id, trouble=_("Accept the order first.")))
    except errors.OrderClosed:
        return refused(order_page(order_id, trouble=_("The order is closed: there is nothing to invoice.")))
    flash(_("Invoice %(number)s is made, and valid under the official rules.", number=made.number))
    return _back(order_id)


@bp.route("/orders/<int:order_id>/credit", methods=["GET", "POST"])
@owner
def credit(order_id: int) -> str | AnyResponse | Response:
    """Say what a credit note does, then make one for some or all of the seats."""
    session, scope = current_session(), house_scope()
    order = queries.order(session, scope, order_id)
    invoiced = _invoice(queries.papers(session, scope, order_id))
    if invoiced is None:
        return refused(order_page(order_id, trouble=_("There is no invoice yet: cancel the order instead.")))
    left = invoiced.seats - credited_seats(session, invoiced)
    form = CreditForm(seats=left, form_key=random_token())
    problems = []
    if form.validate_on_submit():
        _prepare_rules()
        try:
            note = credit_invoice(
                session,
                scope=scope,
                order_id=order_id,
                seats=form.seats.data,
                reason=form.reason.data,
                form_key=form.form_key.data,
                by_id=current_person().id,
            )
        except errors.AlreadyInvoiced:
            form.seats.errors = [
                ngettext("At most %(num)d seat can be credited.", "At most %(num)d seats can be credited.", left)
            ]
        except errors.SeatsInUse as in_use:
            form.seats.errors = [_in_use(in_use)]
        except errors.InvoiceNotValid as wrong:
            problems = plain_problems(wrong.problems)
        else:
            flash(_("Credit note %(number)s is made, and valid under the official rules.", number=note.number))
            return _back(order_id)
    page = sales_page(
        "credit.html",
        order=order,
        invoice=invoiced,
        left=left,
        unused=_unused(session, scope, order),
        is_paid=paid_by(session, order) is not None,
        by_card=any(each.kind == PaymentKind.CARD for each in queries.payments(session, scope, order_id)),
        example=pricing.credit(invoiced.priced, seats_before=invoiced.seats - left, seats=1) if left else None,
        form=form,
        problems=problems,
    )
    return refused(page) if form.errors or problems else page


def _prepare_rules() -> None:
    """Start the rules' engine, which takes a second in a fresh process, while no transaction keeps others waiting."""
    commit()
    rules.prepare()


def _back(order_id: int) -> AnyResponse:
    return redirect(url_for("owner.order", order_id=order_id), 303)


def _invoice(papers: list[Invoice]) -> Invoice | None:
    return next((paper for paper in papers if paper.kind == InvoiceKind.INVOICE), None)


def _unused(session: Session, scope: HouseScope, order: Order) -> int | None:
    """Return how many of its licence's seats nobody has; None while it has no seats."""
    return None if order.licence_id is None else seat_lists.licence(session, scope, order.licence_id).counts.free


def _in_use(refusal: errors.SeatsInUse) -> str:
    return ngettext(
        "Only %(num)d seat is unused. Take seats back from people first, or write a smaller number.",
        "Only %(num)d seats are unused. Take seats back from people first, or write a smaller number.",
        refusal.unused,
    )
