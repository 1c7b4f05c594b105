"""Ordering as anybody may, the letter's page that places the order, and the order's own page."""

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts import signing
from elearn.accounts.models import Person
from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries, ordering
from elearn.billing.einvoice import invoice_pdf
from elearn.billing.errors import AlreadyInvoiced, CodeRefused, OrderClosed, SeatsInUse
from elearn.billing.forms import CancelForm
from elearn.billing.models import Order, OrderState, PayBy, Quote, Seller
from elearn.billing.order_rows import invoice_of
from elearn.billing.refusals import refusal
from elearn.billing.services.invoices import document_of
from elearn.billing.services.order_answers import UNCONFIRMED_LIFE, cancel_order
from elearn.billing.services.orders import confirm_order
from elearn.billing.services.payments import received
from elearn.billing.views import bp
from elearn.billing.views.order_access import order_party, page_of
from elearn.billing.views.shop import course_for_sale, download
from elearn.catalogue.content import Content
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language, ngettext
from elearn.core.scope import MunicipalityScope
from elearn.organisations.access import ask_buyer, door_that_lacks, person_scope
from elearn.organisations.models import Role
from elearn.organisations.queries import municipalities_as
from elearn.web import access
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation, roll_back
from elearn.web.wrong_links import refuse_many_wrong_links, wrong_link


@bp.route("/courses/<slug>/order", methods=["GET", "POST"])
@access.anyone
def order(slug: str) -> Response | AnyResponse:
    """Order seats of a course, freely or on a quote."""
    course = course_for_sale(slug)
    subject: ordering.Subject = ordering.Open(course, _person())
    if quote_code := request.args.get("quote"):
        quote = buyer_queries.quote_by_code(current_session(), quote_code)
        if quote.course_id != course.id:
            abort(404)
        if quote.has_ended:
            return redirect(url_for("billing.quote", quote_code=quote_code), 303)
        subject = ordering.OnQuote(course, _person(), quote.municipality, quote)
    return ordering.answer(
        subject,
        action=url_for("billing.order", slug=slug, quote=quote_code or None),
        back=url_for("billing.quote", quote_code=quote_code)
        if quote_code
        else url_for("billing.course", slug=slug, _anchor="price"),
    )


@bp.get("/orders/sent")
@access.anyone
def order_sent() -> str:
    """Say that a letter is on its way, whose button places the order."""
    return render_template("billing/order-sent.html")


@bp.get("/orders/confirm/<order_token>")
@access.anyone
def confirm(order_token: str) -> str | Response:
    """Show the order and the button that places it; mail scanners open links, so opening alone does nothing."""
    refuse_many_wrong_links()
    found = buyer_queries.order_by_token(current_session(), order_token)
    if found is None:
        return wrong_link(was_ours=False)
    if found.confirmed_at is None and clock.now() > found.placed_at + UNCONFIRMED_LIFE:
        return wrong_link(was_ours=True)
    return _render("billing/confirm-order.html", found, form=ButtonForm(), token=order_token, refused="")


@bp.post("/orders/confirm/<order_token>")
@access.anyone
def place(order_token: str) -> str | Response | AnyResponse:
    """Place the order, and sign its sender in."""
    refuse_many_wrong_links()
    before = buyer_queries.order_by_token(current_session(), order_token)
    was_confirmed = before is not None and before.confirmed_at is not None
    if before is None:
        return wrong_link(was_ours=False)
    try:
        placed = confirm_order(current_session(), order_token)
    except OrderClosed:
        return wrong_link(was_ours=True)
    except CodeRefused as refused:
        roll_back()
        found = buyer_queries.order_by_token(current_session(), order_token)
        assert found is not None
        sentence = refusal(refused).sentence
        page = _render("billing/confirm-order.html", found, form=ButtonForm(), token=order_token, refused=sentence)
        return make_response(page, 409)
    if not was_confirmed and placed.person is not None:
        signing.sign_in(placed.person, door=signing.LONG_LIVED_DOOR)
        flash(_("Your order is placed."))
    return redirect(url_for("billing.order_page", order_id=placed.id), 303)


@bp.get("/orders/<int:order_id>")
@order_party
def order_page(order_id: int) -> str:
    """Show an order to its sender and to the municipality's buyers: where it is, what happens next, its papers."""
    return _order_page(order_id, CancelForm(formdata=None))


@bp.post("/orders/<int:order_id>/cancel")
@order_party
def cancel(order_id: int) -> Response | AnyResponse:
    """Cancel an order that has no invoice yet."""
    found = buyer_queries.order(current_session(), person_scope(), order_id)
    if not _is_theirs_to_cancel(found):
        abort(404)
    if found.accepted_at is not None and (question := ask_buyer(page_of(order_id))) is not None:
        return question
    form = CancelForm()
    if not form.validate_on_submit():
        return make_response(_order_page(order_id, form), 422)
    try:
        cancel_order(
            current_session(),
            scope=MunicipalityScope(found.municipality_id, current_person().id),
            order_id=order_id,
            reason=form.reason.data or "",
            by_id=current_person().id,
        )
    except AlreadyInvoiced:
        flash(_("The order is paid or has its invoice. Write to the course house, which can credit it."), "note")
    except OrderClosed:
        flash(_("The order was refused already."), "note")
    except SeatsInUse as refused:
        flash(
            ngettext(
                "Seats are in use: only %(num)d seat is unused. Take seats back first.",
                "Seats are in use: only %(num)d seats are unused. Take seats back first.",
                refused.unused,
            ),
            "note",
        )
    else:
        flash(_("The order is cancelled."))
    return redirect(url_for("billing.order_page", order_id=order_id), 303)


@bp.get("/orders/<int:order_id>/invoices/<int:invoice_id>/xml")
@order_party
def invoice_xml(order_id: int, invoice_id: int) -> Response:
    """Download an order's invoice or credit note as the e-invoice it is."""
    invoice = buyer_queries.invoice(current_session(), person_scope(), order_id, invoice_id)
    return download(invoice.xml.encode(), "application/xml", f"invoice-{invoice.serial}.xml")


@bp.get("/orders/<int:order_id>/invoices/<int:invoice_id>/pdf")
@order_party
def invoice_as_pdf(order_id: int, invoice_id: int) -> Response:
    """Download an order's invoice or credit note as paper."""
    invoice = buyer_queries.invoice(current_session(), person_scope(), order_id, invoice_id)
    paper = invoice_pdf.render(document_of(invoice))
    return download(paper, "application/pdf", f"invoice-{invoice.serial}.pdf")


def _order_page(order_id: int, form: CancelForm) -> str:
    session, scope = current_session(), person_scope()
    found = buyer_queries.order(session, scope, order_id)
    return _render(
        "billing/order-page.html",
        found,
        form=form,
        quote=session.get(Quote, found.quote_id) if found.quote_id else None,
        invoices=buyer_queries.invoices(session, scope, order_id),
        seller=session.get(Seller, found.course_house_id),
        is_buyer=_buys_for_it(found),
        is_paid_back=not found.is_open and found.paid_at is not None and received(session, found) <= 0,
        may_cancel=found.is_open
        and found.paid_at is None
        and invoice_of(session, found) is None
        and _is_theirs_to_cancel(found),
        waits_for_card=installation().settings.takes_cards
        and found.state is OrderState.TO_PAY
        and found.pay_by == PayBy.CARD,
    )


def _buys_for_it(found: Order) -> bool:
    buys_for = municipalities_as(current_session(), person_scope(), Role.BUYER)
    return found.municipality_id in {each.id for each in buys_for}


def _is_theirs_to_cancel(found: Order) -> bool:
    """Say whether the person may cancel: once accepted, an order is for the municipality's buyers, of today."""
    return found.accepted_at is None or _buys_for_it(found)


def _render(template: str, found: Order, **shown: object) -> str:
    course: Course = found.course
    assert course.current_version is not None
    return render_template(
        template,
        order=found,
        state=str(found.state),
        content=Content(course.current_version.content),
        spoken=language(),
        house=found.course_house,
        **shown,
    )


def _person() -> Person | None:
    """Return who is signed in; a buyer only as in their console, for theirs is taken at once. Others get a letter."""
    if not current_user.is_authenticated:
        return None
    buys = municipalities_as(current_session(), person_scope(), Role.BUYER)
    return None if buys and door_that_lacks() is not None else current_person()
