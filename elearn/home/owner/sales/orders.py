"""The house's orders: the list, and one with all that happened to it."""

from flask import request

from elearn.billing import card_queries, queries, words
from elearn.billing.models import InvoiceKind, Order, Seller
from elearn.billing.queries import OrderFilter
from elearn.billing.selling_forms import AcceptForm, PaymentForm, RefuseForm
from elearn.billing.services.trusted_domains import domain_of
from elearn.core import clock
from elearn.core.i18n import language
from elearn.core.tokens import random_token
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import sales_page
from elearn.home.owner.sales.problems import plain_problems
from elearn.licensing import seat_lists
from elearn.licensing.join_codes import is_public
from elearn.organisations.access import house_scope, owner
from elearn.organisations.numbers import written_number
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@bp.get("/orders")
@owner
def orders() -> str:
    """List the house's orders."""
    session, scope = current_session(), house_scope()
    show = shown(request.args.get("state"))
    found = queries.orders(session, scope, text=searched_text(), show=show, number=page_number())
    return sales_page(
        "orders.html",
        orders=found,
        money=queries.money(session, scope, {each.id for each in found.rows}),
        titles=titles(session, scope),
        text=searched_text(),
        show=show,
        is_seller=session.get(Seller, scope.course_house_id) is not None,
    )


@bp.get("/orders/<int:order_id>")
@owner
def order(order_id: int) -> str:
    """Show an order: who, what, at what price, and all that happened to it."""
    return order_page(order_id)


def order_page(
    order_id: int,
    *,
    refuse_form: RefuseForm | None = None,
    payment_form: PaymentForm | None = None,
    problems: list[str] | None = None,
    trouble: str | None = None,
) -> str:
    """Draw an order's page, with what a press came to when it was refused."""
    session, scope = current_session(), house_scope()
    found = queries.order(session, scope, order_id)
    papers = queries.papers(session, scope, order_id)
    owed = queries.money(session, scope, {order_id})[order_id]
    today = clock.today(house().country)
    still_open = owed.open if papers or not found.is_open else found.total_minor - owed.received
    return sales_page(
        "order.html",
        order=found,
        line=found.priced.lines[0] if found.lines else None,
        vat=found.priced.vat_sums[0].vat if found.lines else None,
        buyer_number=written_number(found.municipality),
        title=titles(session, scope)[found.course_id],
        papers=papers,
        seats_to_credit=sum(each.seats if each.kind == InvoiceKind.INVOICE else -each.seats for each in papers),
        payments=queries.payments(session, scope, order_id),
        deliveries=queries.deliveries(session, scope, order_id),
        reminders=queries.reminders(session, scope, order_id),
        refunds=card_queries.refunds(session, scope, order_id=order_id),
        disputes=card_queries.disputes(session, scope, order_id=order_id),
        happenings=queries.happenings(session, scope, order_id),
        money=owed,
        still_open=still_open,
        seats=seat_lists.licence(session, scope, found.licence_id).counts if found.licence_id else None,
        domain=_domain(found),
        seller=session.get(Seller, scope.course_house_id),
        today=today,
        button=ButtonForm(),
        accept_form=AcceptForm(formdata=None),
        refuse_form=refuse_form or RefuseForm(formdata=None),
        payment_form=payment_form
        or PaymentForm(
            formdata=None,
            kind="repaid" if still_open < 0 else "transfer",
            amount=abs(still_open) or None,
            paid_on=today,
            form_key=random_token(),
        ),
        problems=problems or _stood_in_the_way(found),
        trouble=trouble,
        spoken=language(),
    )


def _stood_in_the_way(found: Order) -> list[str]:
    """Return why a job could not make the order's invoice."""
    return plain_problems(words.invoice_problem(found.invoice_problem)) if found.invoice_problem else []


def shown(wanted: str | None) -> OrderFilter:
    """Return which orders the list shows; all, when nothing we know is asked for."""
    return OrderFilter(wanted) if wanted in list(OrderFilter) else OrderFilter.ALL


def _domain(found: Order) -> str:
    """Return the sender's mail domain when it can be trusted; '' when anybody can be there, or the sender is gone."""
    domain = domain_of(found.email) if "@" in found.email else ""
    return "" if is_public(domain) else domain
