"""Letters about orders and invoices: to who ordered, and to the course house."""

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.billing import words
from elearn.billing.models import CampaignApplication, DiscountCode, Invoice, InvoiceKind, Order
from elearn.billing.models.orders import FORGOTTEN
from elearn.billing.words import amount
from elearn.core.i18n import format_day, speaking
from elearn.core.tokens import Minted
from elearn.licensing.models import Licence
from elearn.mail.models import Letter
from elearn.mail.services import queue
from elearn.organisations.queries import operators

LANGUAGE_OF = {"DK": "da", "NO": "nb"}
"""What a course house's bookkeeper reads."""


def confirm_order(session: Session, *, order: Order, purpose: str, token: Minted) -> None:
    """Ask the sender to confirm the order by the letter's button."""
    _to_sender(session, "billing/confirm_order", order, {}, token_purpose=purpose, token=token)


def order_waits(session: Session, *, order: Order) -> None:
    """Tell the sender that the course house looks at the order, and the course house that it waits."""
    _to_sender(session, "billing/order_waits", order, {})
    for owner in operators(session, set(), {order.course_house_id}).owners.get(order.course_house_id, []):
        _to_owner(session, "billing/order_to_confirm", order, owner)


def order_accepted(session: Session, *, order: Order) -> None:
    """Tell the sender that the order is accepted, and that its seats wait for the payment."""
    _to_sender(session, "billing/order_accepted", order, {"path": _path(order), "by_card": order.pay_by == "card"})


def order_refused(session: Session, *, order: Order) -> None:
    """Tell the sender why the course house refused."""
    _to_sender(session, "billing/order_refused", order, {"lines": order.closed_reason.splitlines()})


def order_cancelled(session: Session, *, order: Order) -> None:
    """Tell the sender that the order was cancelled, and why."""
    _to_sender(session, "billing/order_cancelled", order, {"lines": order.closed_reason.splitlines()})


def seats_ready(session: Session, *, order: Order, licence: Licence, seats: int) -> None:
    """Tell the sender that the seats are there, and where."""
    with speaking(order.language):
        days = {"first": format_day(order.first_day or licence.starts_on), "last": format_day(licence.ends_on)}
    _to_sender(session, "billing/seats_ready", order, {"path": _path(order), "seats": seats, **days})


def application_accepted(session: Session, *, application: CampaignApplication, code: DiscountCode) -> None:
    """Send a municipality the code of its place in a campaign."""
    with speaking(application.language):
        last_day = format_day(min(code.valid_until, application.campaign.ends_on))
    more = {"code": code.code, "last_day": last_day, "path": f"/campaigns/{application.campaign.slug}"}
    _to_applicant(session, "billing/application_accepted", application, more)


def application_declined(session: Session, *, application: CampaignApplication, words: str) -> None:
    """Tell a municipality that it gets no place in a campaign, in the owner's words."""
    _to_applicant(session, "billing/application_declined", application, {"lines": words.splitlines()})


def e_invoice(invoice: Invoice, *, to: str, asked_at: datetime) -> Letter:
    """Return the letter that an e-invoice travels with; not queued, since its delivery is a row of its own."""
    language = LANGUAGE_OF[invoice.order.course_house.country]
    with speaking(language):
        context = _about_invoice(invoice) | {"total": amount(invoice.total_minor, invoice.currency)}
    return Letter(
        kind="billing/e_invoice",
        recipient=to,
        language=language,
        context=context | {"is_credit": invoice.kind == InvoiceKind.CREDIT_NOTE},
        queued_at=asked_at,
    )


def invoice_overdue(session: Session, *, invoice: Invoice, left_minor: int, is_last: bool) -> None:
    """Remind who ordered of an invoice that is overdue, and say how to pay it."""
    assert invoice.due_on is not None
    with speaking(invoice.language):
        account = ("bank_registration", "bank_account", "bic")
        context = _about_invoice(invoice) | {
            "left": amount(left_minor, invoice.currency),
            "due": format_day(invoice.due_on),
            "account": {part: invoice.references[part] for part in account},
            "contact": [invoice.seller["contact_name"], invoice.seller["contact_email"]],
            "is_last": is_last,
            "path": _path(invoice.order),
        }
    _to_sender(session, "billing/invoice_overdue", invoice.order, context)


def invoice_problem(session: Session, *, order: Order) -> None:
    """Tell the course house why an order's invoice could not be made."""
    for owner in operators(session, set(), {order.course_house_id}).owners.get(order.course_house_id, []):
        with speaking(owner.language):
            lines = words.invoice_problem(order.invoice_problem)
        _to_owner(session, "billing/invoice_problem", order, owner, {"lines": lines})


def invoice_not_sent(session: Session, *, invoice: Invoice, target: str, problem: str) -> None:
    """Tell the course house that an invoice could not be sent on, and will not be."""
    order = invoice.order
    for owner in operators(session, set(), {order.course_house_id}).owners.get(order.course_house_id, []):
        with speaking(owner.language):
            more = _about_invoice(invoice) | {"target": target, "problem": problem}
        _to_owner(session, "billing/invoice_not_sent", order, owner, more)


def _about_invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "house": invoice.order.course_house.name,
        "buyer": invoice.buyer["name"],
        "invoice": invoice.number,
        "day": format_day(invoice.issued_on),
    }


def _to_applicant(session: Session, kind: str, application: CampaignApplication, more: dict[str, Any]) -> None:
    context = {
        "name": _called(application.name),
        "municipality": application.municipality.official_name,
        "house": application.campaign.course.course_house.name,
        **more,
    }
    queue(session, kind, to=application.email, language=application.language, context=context)


def _called(name: str) -> str:
    """Return a first name that no mail program makes a link of: a stranger may have typed it for anybody's letter."""
    return "".join(sign for sign in name.split()[0] if sign in "-'’" or unicodedata.category(sign)[0] in "LMN")


def _path(order: Order) -> str:
    return f"/orders/{order.id}"


def _to_sender(session: Session, kind: str, order: Order, more: dict[str, Any], **token: Any) -> None:
    if order.email == FORGOTTEN:
        return
    context = {**_about(order, order.language), "name": _called(order.name), **more}
    queue(session, kind, to=order.email, language=order.language, context=context, **token)


def _to_owner(session: Session, kind: str, order: Order, owner: Person, more: dict[str, Any] | None = None) -> None:
    told = {"name": owner.first_name, "path": f"/owner/orders/{order.id}", **(more or {})}
    context = {**_about(order, owner.language), **told}
    queue(session, kind, to=owner.address, language=owner.language, context=context)


def _about(order: Order, language: str) -> dict[str, Any]:
    with speaking(language):
        total = amount(order.total_minor, order.currency)
    return {
        "house": order.course_house.name,
        "municipality": order.municipality.official_name,
        "number": order.id,
        "seats": order.seats,
        "total": total,
    }
