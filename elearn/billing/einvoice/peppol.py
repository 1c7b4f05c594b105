"""Writing a document as Peppol BIS Billing 3: UBL 2.1, as Danish and Norwegian public buyers must take it.

The numbers after BT and BG are those of EN 16931; the order of the elements is that of UBL's schema. What the rules
ask beyond it stands beside the line that answers it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from lxml import etree

from elearn.billing.einvoice import wording
from elearn.billing.einvoice.documents import Document, Party, References
from elearn.billing.models import InvoiceKind, PaymentKind
from elearn.billing.pricing import FULL, Line, Quote, Vat, VatCategory
from elearn.core import i18n
from elearn.core.spreadsheets import NOT_IN_XML

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
PREFIXES: dict[str | None, str] = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
INVOICE_TYPE, CREDIT_NOTE_TYPE = "380", "381"
PIECE = "H87"
"""UN/ECE's unit code for a seat."""
DISCOUNT = "95"
"""The reason of an allowance in UNCL5189."""
GLN_SCHEME = "0088"
ORG_SCHEMES = {"DK": "0184", "NO": "0192"}
"""Whose numbers the CVR and the organisasjonsnummer are (ISO 6523)."""
VATEX = {VatCategory.REVERSE_CHARGE: "VATEX-EU-AE", VatCategory.OUTSIDE: "VATEX-EU-O"}
"""The codes of why there is no VAT; an exemption says its reason in words."""
UNDEFINED, CREDIT_TRANSFER, DEBIT_TRANSFER, BANK_ACCOUNT, CARD = "1", "30", "31", "42", "48"
"""Ways to pay in UNCL4461. Between Danes 30 is not allowed (DK-R-005)."""
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]+")


def write(document: Document) -> str:
    """Return an invoice or credit note as UBL, in its language."""
    with i18n.speaking(document.language):
        return _Writer(document).written()


class _Writer:
    """Writes one document, element by element, in the schema's order."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.is_invoice = document.kind == InvoiceKind.INVOICE
        name = "Invoice" if self.is_invoice else "CreditNote"
        self.at = self.root = etree.Element(f"{{{UBL}{name}-2}}{name}", nsmap={None: f"{UBL}{name}-2"} | PREFIXES)

    def written(self) -> str:
        document = self.document
        self.head()
        for role, party in (("Supplier", document.seller), ("Customer", document.buyer)):
            with self.part(f"Accounting{role}Party"), self.part("Party"):
                self.party(party, sells=role == "Supplier")
        self.payment()
        self.sums(document.priced)
        for number, line in enumerate(document.priced.lines, start=1):
            with self.part("InvoiceLine" if self.is_invoice else "CreditNoteLine"):
                self.line(number, line)
        etree.indent(self.root)
        written: bytes = etree.tostring(self.root, encoding="UTF-8", xml_declaration=True)
        return written.decode()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Write an element with others in it; one that stays empty is left out (PEPPOL-EN16931-R008)."""
        outer = self.at
        self.at = etree.SubElement(outer, f"{{{PREFIXES['cac']}}}{name}")
        try:
            yield
        finally:
            if len(self.at) == 0:
                outer.remove(self.at)
            self.at = outer

    def say(self, name: str, text: str | date | None, **attributes: str) -> None:
        """Write a value; an empty one is left out (PEPPOL-EN16931-R008)."""
        if told := readable(str(text or "")):
            etree.SubElement(self.at, f"{{{PREFIXES['cbc']}}}{name}", attributes).text = told

    def amount(self, name: str, minor: int) -> None:
        self.say(name, decimal(minor), currencyID=self.document.priced.currency)

    def head(self) -> None:
        document, references = self.document, self.document.references
        self.say("CustomizationID", CUSTOMIZATION)
        self.say("ProfileID", PROFILE)
        self.say("ID", document.number)
        self.say("IssueDate", document.issued_on)
        if self.is_invoice:
            self.say("DueDate", document.due_on)
            self.say("InvoiceTypeCode", INVOICE_TYPE)
        else:
            self.say("CreditNoteTypeCode", CREDIT_NOTE_TYPE)
        self.say("Note", document.reason)
        self.say("DocumentCurrencyCode", document.priced.currency)
        self.say("BuyerReference", buyer_reference(references, document.buyer))
        with self.part("OrderReference"):
            self.say("ID", references.order_number)
        if document.credits:
            with self.part("BillingReference"), self.part("InvoiceDocumentReference"):
                self.say("ID", document.credits[0])
                self.say("IssueDate", document.credits[1])

    def party(self, party: Party, *, sells: bool) -> None:
        number, scheme = org_number(party), ORG_SCHEMES[party.country]
        if party.gln:
            self.say("EndpointID", party.gln, schemeID=GLN_SCHEME)
        else:
            self.say("EndpointID", number, schemeID=scheme)
        with self.part("PartyName"):
            self.say("Name", party.name)
        with self.part("PostalAddress"):
            self.say("StreetName", party.street)
            self.say("CityName", party.city)
            self.say("PostalZone", party.postal_code)
            with self.part("Country"):
                self.say("IdentificationCode", party.country)
        if sells:
            self.tax_numbers(party)
        with self.part("PartyLegalEntity"):
            self.say("RegistrationName", party.name)
            self.say("CompanyID", number, schemeID=scheme)
        with self.part("Contact"):
            self.say("Name", party.contact_name)
            self.say("Telephone", party.contact_phone)
            self.say("ElectronicMail", party.contact_email)

    def tax_numbers(self, seller: Party) -> None:
        """Write the VAT number (BT-31) and, for Norway's companies, their register (BT-32, NO-R-002)."""
        categories = {each.vat.category for each in self.document.priced.vat_sums}
        if VatCategory.OUTSIDE not in categories:  # BR-O-02
            self.tax_number(seller.vat_number, "VAT")
        if seller.in_business_register:
            self.tax_number("Foretaksregisteret", "TAX")
        elif not seller.is_vat_registered and VatCategory.EXEMPT in categories:  # BR-E-02 asks for some tax number
            self.tax_number(seller.org_number, "TAX")

    def tax_number(self, number: str, scheme: str) -> None:
        if number:
            with self.part("PartyTaxScheme"):
                self.say("CompanyID", number)
                self.tax_scheme(scheme)

    def tax_scheme(self, scheme: str = "VAT") -> None:
        with self.part("TaxScheme"):
            self.say("ID", scheme)

    def payment(self) -> None:
        """Write how to pay, or how it was paid; a credit note is paid to the buyer, whose account is not known."""
        document, references = self.document, self.document.references
        if references.paid_by == PaymentKind.CARD:
            with self.part("PaymentMeans"):
                self.say("PaymentMeansCode", CARD)
        elif self.is_invoice:
            with self.part("PaymentMeans"):
                code, branch = way_to_pay(document.seller, references)
                self.say("PaymentMeansCode", code)
                self.say("PaymentID", document.number)
                with self.part("PayeeFinancialAccount"):
                    self.say("ID", references.bank_account)
                    self.say("Name", document.seller.name)
                    with self.part("FinancialInstitutionBranch"):
                        self.say("ID", branch)
        with self.part("PaymentTerms"):
            self.say("Note", wording.terms_of_payment(document))

    def sums(self, priced: Quote) -> None:
        with self.part("TaxTotal"):
            self.amount("TaxAmount", priced.vat_minor)
            for each in priced.vat_sums:
                with self.part("TaxSubtotal"):
                    self.amount("TaxableAmount", each.net_minor)
                    self.amount("TaxAmount", each.vat_minor)
                    with self.part("TaxCategory"):
                        self.tax_category(each.vat, with_reason=True)
        prepaid = self.document.prepaid_minor
        with self.part("LegalMonetaryTotal"):
            self.amount("LineExtensionAmount", priced.net_minor)
            self.amount("TaxExclusiveAmount", priced.net_minor)
            self.amount("TaxInclusiveAmount", priced.total_minor)
            if prepaid:
                self.amount("PrepaidAmount", prepaid)
            self.amount("PayableAmount", priced.total_minor - prepaid)

    def tax_category(self, vat: Vat, *, with_reason: bool = False) -> None:
        self.say("ID", vat.category)
        if vat.category is not VatCategory.OUTSIDE:  # BR-O-05
            self.say("Percent", decimal(vat.rate_bp, FULL // 100))
        if with_reason and vat.category is not VatCategory.STANDARD:  # BR-S-10
            self.say("TaxExemptionReasonCode", VATEX.get(vat.category))
            self.say("TaxExemptionReason", wording.why_no_vat(vat))
        self.tax_scheme()

    def line(self, number: int, line: Line) -> None:
        references = self.document.references
        self.say("ID", str(number))
        self.say("InvoicedQuantity" if self.is_invoice else "CreditedQuantity", str(line.quantity), unitCode=PIECE)
        self.amount("LineExtensionAmount", line.net_minor)
        with self.part("InvoicePeriod"):
            self.say("StartDate", references.starts_on)
            self.say("EndDate", references.ends_on)
        if line.allowance_minor:
            with self.part("AllowanceCharge"):
                self.say("ChargeIndicator", "false")
                self.say("AllowanceChargeReasonCode", DISCOUNT)
                self.say("AllowanceChargeReason", wording.about_discount(line))
                self.amount("Amount", line.allowance_minor)
        with self.part("Item"):
            self.say("Description", wording.about_line(line, references))
            self.say("Name", references.course)
            with self.part("ClassifiedTaxCategory"):
                self.tax_category(line.vat)
        with self.part("Price"):
            self.amount("PriceAmount", line.unit_minor)


def org_number(party: Party) -> str:
    """Return a party's number as its scheme writes it.

    A CVR has 'DK' before it: older releases of the rules ask for that, newer ones take both (PEPPOL-COMMON-R042).
    """
    return f"DK{party.org_number}" if party.country == "DK" and party.org_number else party.org_number


def buyer_reference(references: References, buyer: Party) -> str:
    """Return the buyer's reference (BT-10).

    One of it and the order number is compulsory (PEPPOL-EN16931-R003). An order paid by card need not have either:
    it names who ordered.
    """
    if wanted := readable(references.buyer_reference):
        return wanted
    return "" if readable(references.order_number) else buyer.contact_name


def readable(text: str) -> str:
    """Return what is left of a text in XML: no signs that it cannot hold, and no blanks around."""
    return NOT_IN_XML.sub("", text).strip()


def way_to_pay(seller: Party, references: References) -> tuple[str, str]:
    """Return the code of how to pay, and the bank that goes with the account.

    Danish accounts come with their bank's four digits, an IBAN with its BIC; between Danes an IBAN whose BIC is not
    known has no code of its own (DK-R-005, DK-R-006).
    """
    if seller.country == "DK" and not _IBAN.fullmatch(references.bank_account):
        return BANK_ACCOUNT, references.bank_registration
    if seller.country == "DK":
        return (DEBIT_TRANSFER, references.bic) if references.bic else (UNDEFINED, "")
    return CREDIT_TRANSFER, references.bic


def decimal(minor: int, one: int = 100) -> str:
    """Return hundredths as XML writes them: '59975.00'."""
    whole, rest = divmod(minor, one)
    return f"{whole}.{rest:02}"
