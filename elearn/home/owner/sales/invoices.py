"""Invoices and credit notes: the list, the files, and sending one again."""

from io import BytesIO

from flask import flash, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import queries
from elearn.billing.einvoice import invoice_pdf
from elearn.billing.errors import NothingToSend
from elearn.billing.queries import InvoiceFilter
from elearn.billing.services.invoices import document_of
from elearn.billing.services.sending import send_again
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.pages import bp, house
from elearn.home.owner.sales.pages import sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/invoices")
@owner
def invoices() -> str:
    """List the house's invoices and credit notes."""
    session, scope = current_session(), house_scope()
    today = clock.today(house().country)
    wanted = request.args.get("state")
    show = InvoiceFilter(wanted) if wanted in list(InvoiceFilter) else InvoiceFilter.ALL
    return sales_page(
        "invoices.html",
        invoices=queries.invoices(session, scope, today=today, text=searched_text(), show=show, number=page_number()),
        today=today,
        text=searched_text(),
        show=show,
    )


@bp.get("/invoices/<int:invoice_id>.pdf")
@owner
def invoice_paper(invoice_id: int) -> AnyResponse:
    """Draw an invoice or credit note."""
    found = queries.invoice(current_session(), house_scope(), invoice_id)
    return _file(invoice_pdf.render(document_of(found)), "application/pdf", f"{_name(found.number)}.pdf")


@bp.get("/invoices/<int:invoice_id>.xml")
@owner
def invoice_xml(invoice_id: int) -> AnyResponse:
    """Hand over an e-invoice as it was judged and kept."""
    found = queries.invoice(current_session(), house_scope(), invoice_id)
    return _file(found.xml.encode(), "application/xml", f"{_name(found.number)}.xml")


@bp.post("/invoices/<int:invoice_id>/send")
@owner
def send_invoice(invoice_id: int) -> AnyResponse:
    """Send a document on once more."""
    try:
        sent = send_again(current_session(), scope=house_scope(), invoice_id=invoice_id, by_id=current_person().id)
    except NothingToSend:
        sent = queries.invoice(current_session(), house_scope(), invoice_id)
        flash(_("You download e-invoices yourself. Choose another way under Seller, then send it."), "note")
    else:
        flash(_("%(number)s is on its way again.", number=sent.number))
    return redirect(url_for("owner.order", order_id=sent.order_id), 303)


def _file(content: bytes, mimetype: str, name: str) -> AnyResponse:
    response = send_file(BytesIO(content), mimetype, as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


def _name(number: str) -> str:
    """Return a number as a file can be called."""
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in number)
