"""Whatever is sold, credited and written in the fields: the e-invoice is valid, and PDF = XML = stored lines."""

import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from elearn.billing import words
from elearn.billing.einvoice import invoice_pdf, peppol
from elearn.billing.einvoice.documents import Document, Party, References, stored
from elearn.billing.models import InvoiceKind, PaymentKind
from elearn.billing.pricing import (
    Bracket,
    Discount,
    DiscountKind,
    Offer,
    Quote,
    Vat,
    VatCategory,
    credit,
    quote,
    quote_days_left,
)
from tests.billing.conftest import judge_strictly
from tests.billing.test_papers import BERGEN, DANISH_SELLER, FAVRSKOV, INVOICE, NORWEGIAN_SELLER

SEATS = st.integers(1, 3_000)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAMES = WORDS.filter(peppol.readable)
LEAST_RATE = 50
"""Below half a per cent the rules take a rate for none at all (BR-CO-17); no country has one."""
ACCOUNTS = {
    "DK": [("1234", "0012345678", ""), ("", "DK5000400440116243", "DABADKKK"), ("", "DK5000400440116243", "")],
    "NO": [("", "12345678903", ""), ("", "NO9386011117947", "DNBANOKK")],
}
TWO_COUNTRIES = [DANISH_SELLER, NORWEGIAN_SELLER]
TWO_BUYERS = [FAVRSKOV, replace(FAVRSKOV, gln=""), BERGEN]


@st.composite
def vats(draw: st.DrawFn) -> Vat:
    category = draw(st.sampled_from(VatCategory))
    if category is VatCategory.STANDARD:
        return Vat(category, draw(st.sampled_from([2500, 1500]) | st.integers(LEAST_RATE, 10_000)))
    return Vat(category, 0, draw(NAMES))


@st.composite
def priced(draw: st.DrawFn, currency: str, vat: Vat) -> Quote:
    seat_year = draw(st.integers(0, 2_000_000))
    bracket = Bracket(draw(st.integers(2, 500)), draw(st.integers(0, 2_000_000)))
    offer = Offer(currency, seat_year, (bracket,), terms_months=(12, 7, 1))
    seats = draw(SEATS)
    if draw(st.booleans()):
        return quote_days_left(offer, seats=seats, held=draw(SEATS), days=draw(st.integers(1, 365)), vat=vat)
    discount = draw(
        st.none()
        | st.builds(Discount, st.just(DiscountKind.PERCENT), st.integers(1, 10_000), st.just("CODE"))
        | st.builds(
            Discount,
            st.sampled_from([DiscountKind.AMOUNT, DiscountKind.PRICE]),
            st.integers(0, 50_000_000),
            st.just("CODE"),
        )
    )
    return quote(offer, seats=seats, months=draw(st.sampled_from([12, 7, 1])), vat=vat, discount=discount)


def registered(draw: st.DrawFn, seller: Party, vat: Vat) -> Party:
    must = vat.category in (VatCategory.STANDARD, VatCategory.REVERSE_CHARGE)
    is_registered = must or draw(st.booleans())
    in_register = seller.country == "NO" and draw(st.booleans())
    return replace(seller, is_vat_registered=is_registered, in_business_register=in_register)


@st.composite
def invoices(draw: st.DrawFn) -> Document:
    vat = draw(vats())
    seller = registered(draw, draw(st.sampled_from(TWO_COUNTRIES)), vat)
    buyer = replace(draw(st.sampled_from(TWO_BUYERS)), contact_name=draw(NAMES), contact_phone=draw(WORDS))
    registration, account, bic = draw(st.sampled_from(ACCOUNTS[seller.country]))
    has_days = draw(st.booleans())
    price = draw(priced("DKK" if buyer.country == "DK" else "NOK", vat))
    references = References(
        buyer_reference=draw(WORDS),
        order_number=draw(WORDS),
        bank_registration=registration,
        bank_account=account,
        bic=bic,
        paid_by=draw(st.sampled_from(["", PaymentKind.CARD, PaymentKind.TRANSFER])),
        course=draw(NAMES),
        starts_on="2026-12-01" if has_days else "",
        ends_on="2027-11-30" if has_days else "",
        partly_paid_minor=draw(st.integers(0, max(price.total_minor - 1, 0))),
    )
    return replace(
        INVOICE,
        language=draw(st.sampled_from(["da", "nb", "nn", "en"])),
        seller=seller,
        buyer=buyer,
        references=references,
        priced=price,
    )


@st.composite
def invoices_with_credit_notes(draw: st.DrawFn) -> tuple[Document, list[Document]]:
    """An invoice, and the notes that credit all of it in up to four parts."""
    invoice = draw(invoices())
    seats = invoice.priced.lines[0].quantity
    cuts = sorted(draw(st.sets(st.integers(1, seats), max_size=3)) | {seats})
    notes, before = [], 0
    for number, cut in enumerate(cuts):
        note = replace(
            invoice,
            kind=InvoiceKind.CREDIT_NOTE,
            number=f"K-{2000 + number}",
            due_on=None,
            priced=credit(invoice.priced, seats_before=before, seats=cut - before),
            credits=(invoice.number, date(2026, 11, 26)),
            reason=draw(WORDS),
        )
        notes.append(note)
        before = cut
    return invoice, notes


def check(invoice: Document, notes: list[Document]) -> None:
    for document in (invoice, *notes):
        xml = peppol.write(document)
        assert judge_strictly(xml).problems == []
        assert said(xml) == stored_amounts(document)
    for part in ("net_minor", "vat_minor", "total_minor"):
        assert sum(getattr(note.priced, part) for note in notes) == getattr(invoice.priced, part), part


def said(xml: str) -> dict[str, list[str]]:
    root = etree.fromstring(xml.encode())
    names = ("PriceAmount", "Amount", "LineExtensionAmount", "TaxableAmount", "TaxAmount", "TaxInclusiveAmount")
    return {name: root.xpath(f"//*[local-name() = '{name}']/text()") for name in names}


def stored_amounts(document: Document) -> dict[str, list[str]]:
    """Return the amounts of what is stored of a document, after it was stored and read again."""
    lines = [line.as_json() for line in document.priced.lines]
    read = Quote.from_json(document.priced.currency, lines, vat_minor=document.priced.vat_minor)
    assert read == document.priced
    assert Party(**stored(document.buyer)) == document.buyer
    (line,), (vat,) = read.lines, read.vat_sums
    amounts = {
        "PriceAmount": [line.unit_minor],
        "Amount": [line.allowance_minor] if line.allowance_minor else [],
        "LineExtensionAmount": [read.net_minor, line.net_minor],
        "TaxableAmount": [vat.net_minor],
        "TaxAmount": [read.vat_minor, vat.vat_minor],
        "TaxInclusiveAmount": [read.total_minor],
    }
    return {name: [f"{minor // 100}.{minor % 100:02}" for minor in each] for name, each in amounts.items()}


@given(invoices_with_credit_notes())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_invoice_and_its_credit_notes_are_valid_and_say_what_is_stored(made) -> None:
    check(*made)


@pytest.mark.soak
@given(invoices_with_credit_notes())
@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_very_many_invoices_are_valid(made) -> None:
    check(*made)


@given(invoices_with_credit_notes())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_paper_says_the_amounts_of_the_stored_lines(made) -> None:
    invoice, notes = made
    for document in (replace(invoice, language="en"), *(replace(note, language="en") for note in notes)):
        pages = PdfReader(io.BytesIO(invoice_pdf.render(document))).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        for minor in (document.priced.net_minor, document.priced.vat_minor, document.priced.total_minor):
            assert words.number(minor) in text
