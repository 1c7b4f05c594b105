"""Invoices and credit notes: what they say, that they are valid, and that nobody changes them."""

from datetime import date, timedelta

import pytest
from lxml import etree
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from elearn.billing import errors, queries
from elearn.billing.einvoice import invoice_pdf, rules
from elearn.billing.models import (
    DiscountCode,
    Invoice,
    InvoiceKind,
    OrderState,
    PayBy,
    PaymentKind,
    Price,
    SeatsFollow,
    Seller,
    VatRule,
)
from elearn.billing.queries import OrderFilter
from elearn.billing.services.invoices import credit_invoice, credited_seats, document_of, issue_invoice
from elearn.billing.services.payments import note_payment, owed
from elearn.billing.services.reminders import remind_overdue
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.licensing.seat_lists import counts_of
from elearn.organisations.models import Role
from elearn.organisations.services import add_member
from tests.billing.shop import CODE, add_campaign, municipality, order
from tests.billing.test_papers import assert_says
from tests.world import add_learner

TODAY = date(2026, 11, 23)


@pytest.fixture
def issue(session, shop):
    def issue(placed):
        return issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)

    return issue


@pytest.fixture
def credit(session, shop):
    def credit(placed, seats, form_key="form", reason="Fewer people"):
        return credit_invoice(
            session,
            scope=shop.house_scope,
            order_id=placed.id,
            seats=seats,
            reason=reason,
            form_key=form_key,
            by_id=shop.owner.id,
        )

    return credit


def pay(session, shop, placed, kind=PaymentKind.TRANSFER, amount=None):
    note_payment(
        session,
        scope=shop.house_scope,
        order_id=placed.id,
        kind=kind,
        amount_minor=placed.total_minor if amount is None else amount,
        paid_on=TODAY,
        reference=f"paid-{placed.id}-{kind}",
        by_id=shop.owner.id,
    )


def said(invoice, name):
    """Return what the e-invoice says under a name, wherever it stands."""
    return etree.fromstring(invoice.xml.encode()).xpath(f"//*[local-name() = '{name}']/text()")


def seats_of(session, placed):
    return counts_of(session, [placed.licence_id])[placed.licence_id].free


def next_serial(session):
    return session.scalars(select(Seller.next_serial).order_by(Seller.course_house_id)).first()


def test_the_offer_is_invoiced_to_the_oere(shop, session, tokens, issue) -> None:
    add_campaign(session, shop)
    placed = order(session, tokens, shop, seats=100, code=CODE)

    invoice = issue(placed)

    assert (invoice.number, invoice.kind, invoice.issued_on) == ("K-1001", InvoiceKind.INVOICE, TODAY)
    assert (invoice.net_minor, invoice.vat_minor, invoice.total_minor) == (5_997_500, 1_499_375, 7_496_875)
    assert (said(invoice, "TaxExclusiveAmount"), said(invoice, "PayableAmount")) == (["59975.00"], ["74968.75"])
    assert said(invoice, "EndpointID") == ["DK11223346", "5798000000018"]
    assert said(invoice, "BuyerReference") == ["KALU"]
    assert (said(invoice, "StartDate"), said(invoice, "EndDate")) == (["2026-11-23"], ["2027-11-22"])
    assert said(invoice, "AllowanceChargeReason") == [f"Discount, code {CODE}"]
    assert invoice.rules == rules.release()


def test_an_order_is_invoiced_once(shop, session, tokens, issue) -> None:
    placed = order(session, tokens, shop)

    assert issue(placed) is issue(placed)
    assert next_serial(session) == 1002
    session.flush()
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "billing.invoice.issued")).one()
    assert event.data["number"] == "K-1001"


def test_an_invoice_waits_for_the_order_to_be_accepted(shop, session, tokens, issue) -> None:
    waiting = order(session, tokens, shop, municipality=shop.municipality, email="stranger@favrskov.example")
    with pytest.raises(errors.OrderNotWaiting):
        issue(waiting)
    waiting.refused_at = waiting.placed_at
    with pytest.raises(errors.OrderClosed):
        issue(waiting)


def test_another_house_reaches_no_order(world, shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop)
    issue(placed)
    theirs = world.theirs.house_scope
    with pytest.raises(NotFound):
        issue_invoice(session, scope=theirs, order_id=placed.id, by_id=None)
    with pytest.raises(NotFound):
        credit_invoice(session, scope=theirs, order_id=placed.id, seats=1, reason="", form_key="x", by_id=1)


def test_what_was_not_paid_is_due_after_the_sellers_days(shop, session, tokens, issue) -> None:
    session.get(Seller, shop.house.id).payment_days = 14
    invoice = issue(order(session, tokens, shop))

    assert invoice.due_on == TODAY + timedelta(days=14)
    assert said(invoice, "DueDate") == ["2026-12-07"]
    assert (said(invoice, "PaymentMeansCode"), said(invoice, "PrepaidAmount")) == (["42"], [])
    assert said(invoice, "PaymentID") == ["K-1001"]


def test_what_was_paid_by_card_says_so_and_asks_for_nothing(shop, session, tokens, issue) -> None:
    placed = order(session, tokens, shop, pay_by=PayBy.CARD, buyer_reference="")
    pay(session, shop, placed, PaymentKind.CARD)
    invoice = issue(placed)

    assert invoice.due_on == invoice.issued_on
    assert said(invoice, "PaymentMeansCode") == ["48"]
    assert (said(invoice, "PrepaidAmount"), said(invoice, "PayableAmount")) == (["29987.50"], ["0.00"])
    assert said(invoice, "BuyerReference") == ["Karin Lund"], "a card order need not have one"


def test_a_card_order_that_is_not_paid_yet_is_not_called_paid(shop, session, tokens, issue) -> None:
    invoice = issue(order(session, tokens, shop, pay_by=PayBy.CARD))
    assert (said(invoice, "PaymentMeansCode"), said(invoice, "PayableAmount")) == (["42"], ["29987.50"])


def test_an_invoice_paid_in_advance_asks_for_nothing(shop, session, tokens, issue) -> None:
    placed = order(session, tokens, shop)
    pay(session, shop, placed)
    invoice = issue(placed)
    assert (said(invoice, "PaymentMeansCode"), said(invoice, "PayableAmount")) == (["42"], ["0.00"])


def test_what_had_gone_back_before_the_invoice_is_asked_for_again(shop, session, tokens, issue, clock) -> None:
    placed = order(session, tokens, shop)
    pay(session, shop, placed)
    pay(session, shop, placed, PaymentKind.REPAID, -placed.total_minor)
    invoice = issue(placed)

    assert (said(invoice, "PrepaidAmount"), said(invoice, "PayableAmount")) == ([], ["29987.50"])
    assert said(invoice, "Note") == ["To be paid by 23 December 2026."]
    clock.advance(days=40)
    assert remind_overdue(session) == 1


def test_money_that_goes_back_before_the_invoice_leaves_the_order_unpaid_until_it_comes_again(
    shop, session, tokens, issue
) -> None:
    placed = order(session, tokens, shop)
    pay(session, shop, placed)
    pay(session, shop, placed, PaymentKind.REPAID, -1)
    assert placed.paid_at is None

    pay(session, shop, placed, PaymentKind.CARD, 1)
    assert placed.paid_at is not None
    assert said(issue(placed), "PayableAmount") == ["0.00"]


def test_what_goes_back_for_a_credit_note_leaves_the_rest_paid(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, seats=10)
    issue(placed)
    pay(session, shop, placed)
    note = credit(placed, 4)
    pay(session, shop, placed, PaymentKind.REPAID, -note.total_minor)

    assert placed.paid_at is not None


def test_what_had_come_in_of_it_before_is_set_off(shop, session, tokens, issue) -> None:
    placed = order(session, tokens, shop)
    pay(session, shop, placed, amount=1_000_000)
    invoice = issue(placed)

    assert (said(invoice, "PrepaidAmount"), said(invoice, "PayableAmount")) == (["10000.00"], ["19987.50"])
    assert document_of(invoice).prepaid_minor == 1_000_000


def test_an_order_by_card_that_was_paid_by_bank_is_not_called_paid_by_card(
    shop, session, tokens, issue, credit
) -> None:
    placed = order(session, tokens, shop, pay_by=PayBy.CARD)
    pay(session, shop, placed)

    assert (said(issue(placed), "PaymentMeansCode"), said(issue(placed), "Note")) == (["42"], ["Paid."])
    assert said(credit(placed, 10), "Note")[1] == "The amount is set off against invoice K-1001, or paid back."


def test_part_of_an_invoice_is_credited_with_its_unused_seats(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, seats=10)
    invoice = issue(placed)

    note = credit(placed, 3)

    assert (note.number, note.kind, note.seats, note.credits) == ("K-1002", InvoiceKind.CREDIT_NOTE, 3, invoice)
    assert (note.net_minor, note.vat_minor) == (719_700, 179_925)
    assert said(note, "CreditNoteTypeCode") == ["381"]
    billing_reference = etree.fromstring(note.xml.encode()).xpath("string(//*[local-name() = 'BillingReference'])")
    assert billing_reference.split() == ["K-1001", "2026-11-23"]
    assert said(note, "Note") == ["Fewer people", "The amount is set off against invoice K-1001, or paid back."]
    assert seats_of(session, placed) == 7
    assert owed(session, placed) == invoice.total_minor - note.total_minor
    assert placed.is_open


def test_the_credit_of_all_that_is_left_closes_the_order(shop, session, tokens, issue, credit) -> None:
    add_campaign(session, shop)
    placed = order(session, tokens, shop, seats=100, code=CODE)
    issue(placed)
    notes = [credit(placed, seats, f"form-{seats}") for seats in (33, 66, 1)]

    assert sum(note.total_minor for note in notes) == placed.total_minor
    assert (placed.state, owed(session, placed)) == (OrderState.CANCELLED, 0)
    code = session.scalars(select(DiscountCode).execution_options(populate_existing=True)).one()
    assert code.used == 0, "the code may be used again"


@pytest.mark.parametrize("pays_first", [False, True])
def test_an_order_credited_in_part_is_paid_by_the_rest_and_gets_the_rest_of_its_seats(
    shop, session, tokens, issue, credit, pays_first
) -> None:
    session.get_one(Seller, shop.house.id).seats_follow = SeatsFollow.PAYMENT
    placed = order(session, tokens, shop, seats=10)
    invoice = issue(placed)
    steps = [lambda: credit(placed, 4), lambda: pay(session, shop, placed, amount=invoice.total_minor * 6 // 10)]
    for step in reversed(steps) if pays_first else steps:
        assert placed.paid_at is None
        step()

    assert (placed.state, placed.licence.size) == (OrderState.READY, 6)
    assert placed.paid_at is not None


def test_more_than_is_left_is_not_credited(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, seats=10)
    with pytest.raises(errors.NotInvoiced):
        credit(placed, 1)
    invoice = issue(placed)
    credit(placed, 4)
    for seats in (7, 0, -1):
        with pytest.raises(errors.AlreadyInvoiced):
            credit(placed, seats, f"form-{seats}")
    assert (credited_seats(session, invoice), next_serial(session)) == (4, 1003)


def test_a_credit_form_sent_twice_credits_once(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, seats=10)
    issue(placed)
    assert credit(placed, 4) is credit(placed, 4)
    assert seats_of(session, placed) == 6


def test_seats_in_use_are_not_credited(shop, session, tokens, issue, credit, installation) -> None:
    placed = order(session, tokens, shop, seats=2)
    issue(placed)
    add_learner(session, installation, placed.licence, "Anna")
    with pytest.raises(errors.SeatsInUse):
        credit(placed, 2)
    assert next_serial(session) == 1002


def test_a_credit_note_says_what_its_invoice_said(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, pay_by=PayBy.CARD)
    pay(session, shop, placed, PaymentKind.CARD)
    issue(placed)
    session.get(Seller, shop.house.id).legal_name = "Another name"
    note = credit(placed, 10)

    assert note.seller["name"] == "Kursushuset ApS"
    assert (said(note, "PaymentMeansCode"), said(note, "PayableAmount")) == (["48"], ["29987.50"])


def test_what_the_rules_refuse_leaves_no_number_used(shop, session, tokens, issue) -> None:
    shop.municipality.org_number = None
    placed = order(session, tokens, shop, gln="5798000000012")

    with pytest.raises(errors.InvoiceNotValid) as refused, session.begin_nested():
        issue(placed)

    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["PEPPOL-COMMON-R040"]
    assert next_serial(session) == 1001
    placed.gln = "5798000000018"
    assert issue(placed).number == "K-1001"


@pytest.mark.parametrize("change", [update(Invoice).values(total_minor=1, net_minor=1, vat_minor=0), delete(Invoice)])
def test_the_database_refuses_to_change_an_invoice(shop, session, tokens, issue, change) -> None:
    invoice = issue(order(session, tokens, shop))
    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(change)
    session.refresh(invoice)
    assert invoice.total_minor == 2_998_750


def test_a_stored_invoice_is_read_back_whole(shop, session, tokens, issue, credit) -> None:
    placed = order(session, tokens, shop, seats=7)
    invoice = issue(placed)
    note = credit(placed, 3)
    session.expire_all()
    for each in (invoice, note):
        document = document_of(each)
        assert (document.priced.total_minor, document.seller.vat_number) == (each.total_minor, "DK11223346")
    assert document_of(note).credits == ("K-1001", TODAY)


def test_a_house_that_is_no_seller_yet_issues_nothing(shop, session, tokens, issue) -> None:
    placed = order(session, tokens, shop)
    session.delete(session.get(Seller, shop.house.id))
    session.flush()
    with pytest.raises(errors.SellerIncomplete):
        issue(placed)


def test_a_norwegian_house_invoices_a_norwegian_municipality_in_kroner(shop, session, tokens, issue, credit) -> None:
    shop.house.country = "NO"
    seller = session.get(Seller, shop.house.id)
    seller.org_number, seller.in_business_register = "974760673", True
    seller.bank_registration, seller.bank_account = "", "12345678903"
    session.scalars(select(Price)).one().currency = "NOK"
    session.flush()
    bergen = municipality(session, "Bergen")
    add_member(session, person=shop.buyer, municipality=bergen, role=Role.BUYER, by_id=None)
    placed = order(session, tokens, shop, municipality=bergen, person=shop.buyer, gln="", language="nn")

    for document in (issue(placed), credit(placed, 3)):
        assert said(document, "EndpointID") == ["974760673", bergen.org_number]
        assert said(document, "CompanyID")[:2] == ["NO974760673MVA", "Foretaksregisteret"]
        assert document.currency == "NOK"


def test_a_sale_across_the_border_says_the_reason_that_was_signed_off(shop, session, tokens, issue, credit) -> None:
    session.scalars(select(Price)).one().currency = "NOK"
    rule = {"buyer_country": "NO", "category": "AE", "rate_bp": 0, "reason": "Omvendt avgiftsplikt, mval. § 11-3"}
    session.add(VatRule(course_house_id=shop.house.id, **rule, valid_from=TODAY, signed_off_at=clock.now()))
    session.flush()
    bergen = municipality(session, "Bergen")
    add_member(session, person=shop.buyer, municipality=bergen, role=Role.BUYER, by_id=None)
    placed = order(session, tokens, shop, municipality=bergen, person=shop.buyer, gln="")

    for document in (issue(placed), credit(placed, 3)):
        assert said(document, "TaxExemptionReason") == ["Omvendt avgiftsplikt, mval. § 11-3"]
        assert (document.vat_minor, said(document, "TaxExemptionReasonCode")) == (0, ["VATEX-EU-AE"])


def test_a_free_order_is_invoiced_for_nothing(shop, session, tokens, issue) -> None:
    add_campaign(session, shop, value=10_000)
    invoice = issue(order(session, tokens, shop, seats=100, code=CODE))
    assert (invoice.total_minor, said(invoice, "PayableAmount")) == (0, ["0.00"])
    assert (invoice.due_on, said(invoice, "DueDate")) == (None, [])
    assert "Nothing is owed." in said(invoice, "Note")
    assert_says(invoice_pdf.render(document_of(invoice)), "Nothing is owed.")


def test_a_free_order_is_not_listed_as_unpaid(shop, session, tokens) -> None:
    add_campaign(session, shop, value=10_000)
    order(session, tokens, shop, seats=100, code=CODE)
    priced = order(session, tokens, shop)

    assert [each.id for each in queries.orders(session, shop.house_scope, show=OrderFilter.UNPAID).rows] == [priced.id]
