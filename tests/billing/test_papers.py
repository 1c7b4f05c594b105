"""Invoices, credit notes and quotes as PDFs: they say what is stored, and anyone can read them."""

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from elearn.accounts.services import confirm_address
from elearn.billing.einvoice import invoice_pdf, peppol, quote_pdf
from elearn.billing.einvoice.documents import Document, Party, References
from elearn.billing.models import InvoiceKind, PaymentKind, Seller
from elearn.billing.pricing import Discount, DiscountKind, Offer, Vat, VatCategory, credit, quote
from elearn.billing.services.pricing_orders import Asked
from elearn.billing.services.quotes import make_quote
from tests.billing.shop import CODE, add_campaign, open_shop

PAGE = "https://kursus.example/quotes/abc"

DANISH_SELLER = Party(
    "Kursushuset ApS",
    "DK",
    "11223346",
    is_vat_registered=True,
    street="Nørregade 1",
    postal_code="8000",
    city="Aarhus C",
    contact_name="Ida Holm",
    contact_email="ida@house.example",
)
FAVRSKOV = Party("Favrskov Kommune", "DK", "29189714", gln="5798000000018", contact_name="Karin Lund")
BERGEN = Party("Bergen kommune", "NO", "964338531", contact_name="Kari Vik")
NORWEGIAN_SELLER = replace(
    DANISH_SELLER, name="Kurshuset AS", country="NO", org_number="974760673", in_business_register=True
)
INVOICE = Document(
    kind=InvoiceKind.INVOICE,
    number="K-1001",
    issued_on=date(2026, 11, 26),
    due_on=date(2026, 12, 26),
    language="en",
    seller=DANISH_SELLER,
    buyer=FAVRSKOV,
    references=References("KALU", "4500123", "1234", "0012345678", "", "", "Hard talks", "2026-12-01", "2027-11-30"),
    priced=quote(
        Offer("DKK", 239_900),
        seats=100,
        months=12,
        vat=Vat(VatCategory.STANDARD, 2500),
        discount=Discount(DiscountKind.PERCENT, 7500, CODE),
    ),
)
CREDIT_NOTE = replace(
    INVOICE,
    kind=InvoiceKind.CREDIT_NOTE,
    number="K-1002",
    due_on=None,
    priced=credit(INVOICE.priced, seats_before=0, seats=33),
    credits=("K-1001", date(2026, 11, 26)),
    reason="Fewer people than expected",
)


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def assert_says(pdf: bytes, *sayings: str) -> None:
    text = text_of(pdf)
    for said in sayings:
        assert said in text, (said, text)


def test_an_invoice_says_all_that_law_and_habit_ask() -> None:
    assert_says(
        invoice_pdf.render(INVOICE),
        *("Invoice K-1001", "26 November 2026", "26 December 2026", "KALU", "4500123"),
        *("Kursushuset ApS", "Nørregade 1", "8000 Aarhus C", "CVR 11 22 33 46", "DK11223346", "ida@house.example"),
        *("Favrskov Kommune", "CVR 29 18 97 14", "5798000000018", "Karin Lund"),
        *("Hard talks", "12 months, 1 December 2026 – 30 November 2027", "100", "2,399.00", "239,900.00"),
        *(f"Discount, code {CODE}", "75%", "−179,925.00"),
        *("59,975.00", "VAT, 25 % of 59,975.00", "14,993.75", "74,968.75"),
        *("To be paid by 26 December 2026.", "1234", "0012345678", "Payment reference K-1001"),
    )


def test_a_paid_invoice_asks_for_nothing() -> None:
    paid = replace(INVOICE, references=replace(INVOICE.references, paid_by=PaymentKind.CARD))
    pdf = invoice_pdf.render(paid)
    assert_says(pdf, "Paid −74,968.75", "To pay 0.00", "Paid by card.")
    assert "0012345678" not in text_of(pdf)


def test_an_invoice_paid_in_part_asks_for_the_rest() -> None:
    partly = replace(INVOICE, references=replace(INVOICE.references, partly_paid_minor=1_000_000))
    assert_says(invoice_pdf.render(partly), "Paid −10,000.00", "To pay 64,968.75", "To be paid by 26 December 2026.")


def test_a_credit_note_names_its_invoice_and_why() -> None:
    pdf = invoice_pdf.render(CREDIT_NOTE)
    assert_says(
        pdf,
        "Credit note K-1002",
        "Credits invoice K-1001 of 26 November 2026.",
        "Fewer people than expected",
        "19,791.75",
        "The amount is set off against invoice K-1001, or paid back.",
    )
    assert "0012345678" not in text_of(pdf)


def test_a_sale_without_vat_says_why_and_names_both_countries() -> None:
    free = quote(Offer("NOK", 239_900), seats=7, months=12, vat=Vat(VatCategory.EXEMPT, 0, "Unntatt, mval. § 3-5"))
    abroad = replace(INVOICE, buyer=BERGEN, seller=NORWEGIAN_SELLER, priced=free)
    assert_says(
        invoice_pdf.render(abroad),
        *("org.nr. 974 760 673 MVA", "Foretaksregisteret", "org.nr. 964 338 531", "Amount in NOK"),
        *("VAT 0.00", "Unntatt, mval. § 3-5"),
    )
    assert_says(invoice_pdf.render(replace(INVOICE, buyer=BERGEN)), "Denmark", "Norway")


def test_our_own_reason_for_no_vat_is_told_in_the_documents_language() -> None:
    outside = quote(
        Offer("DKK", 239_900),
        seats=7,
        months=12,
        vat=Vat(VatCategory.OUTSIDE, 0, "The seller is not registered for VAT"),
    )
    assert_says(invoice_pdf.render(replace(INVOICE, priced=outside, language="da")), "momsregistreret")


@pytest.mark.parametrize("language", ["da", "nb", "nn", "en"])
@pytest.mark.parametrize("document", [INVOICE, CREDIT_NOTE], ids=["invoice", "credit-note"])
def test_papers_are_tagged_one_page_and_of_their_language(document, language) -> None:
    document = replace(document, language=language)
    pdf = invoice_pdf.render(document)
    reader = PdfReader(io.BytesIO(pdf))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == language
    assert reader.metadata.title.endswith(document.number)
    assert b"pdfuaid:part" in catalogue["/Metadata"].get_data()
    assert len(reader.pages) == 1
    assert pdf == invoice_pdf.render(document), "the same bytes for the same document"
    if language != "en":
        assert not re.search(r"\b(Invoice|Payment|Due date|seats|VAT)\b", text_of(pdf))


@pytest.mark.parametrize("words", ['#import "x" $ * _ [a] @b <c> \\', "李", "A" * 300, "a\nb"])
def test_any_words_make_a_paper(words) -> None:
    document = replace(CREDIT_NOTE, reason=words, buyer=replace(FAVRSKOV, contact_name=words))
    assert invoice_pdf.render(document).startswith(b"%PDF")


@pytest.mark.parametrize("nothing", ["", " ", "\x07"])
def test_who_ordered_stands_for_a_reference_that_says_nothing(nothing) -> None:
    document = replace(INVOICE, references=replace(INVOICE.references, buyer_reference=nothing, order_number=nothing))
    assert "<cbc:BuyerReference>Karin Lund</cbc:BuyerReference>" in peppol.write(document)
    assert_says(invoice_pdf.render(document), "Your reference Karin Lund")


def test_a_quote_shows_a_boss_all_there_is_to_know(world, session) -> None:
    shop = world.ours
    open_shop(session, shop, terms="Invoices are sent when the seats are there.\nDanish law applies.")
    add_campaign(session, shop)
    confirm_address(session, shop.buyer.addresses[0])
    made = make_quote(
        session,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(100, None, CODE),
        name="Karin Lund",
        email="karin@favrskov.example",
        language="en",
        form_key="q",
    )
    pdf = quote_pdf.render(made, seller=session.get(Seller, shop.house.id), page=PAGE)
    assert_says(
        pdf,
        *(f"Quote {made.id}", "23 November 2026", "22 January 2027", "Favrskov Kommune", "Karin Lund"),
        *("Hard talks", "12 months", "59,975.00", "14,993.75", "74,968.75", "holds until 22 January 2027"),
        "The municipality promises feedback from at least 80% of staff and of leaders within 6 months.",
        *("To be paid 30 days after the invoice.", "Danish law applies.", PAGE),
    )
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
