"""The books: debits equal credits, and each account says what the papers say."""

import csv
import io
from datetime import date

import pytest

from elearn.accounts.services import confirm_address
from elearn.billing.bookkeeping import Account, as_csv, postings
from elearn.billing.models import PayBy, PaymentKind
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.billing.services.payments import note_payment
from elearn.core.i18n import speaking
from tests.billing.shop import open_shop, order

DAY = date(2026, 11, 23)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


class Books:
    """A house that sells, and what it does on a day."""

    def __init__(self, session, tokens, side) -> None:
        self.session, self.tokens, self.side = session, tokens, side
        open_shop(session, side)
        confirm_address(session, side.buyer.addresses[0])

    def sell(self, **wish):
        placed = order(self.session, self.tokens, self.side, **wish)
        issue_invoice(self.session, scope=self.side.house_scope, order_id=placed.id, by_id=None)
        return placed

    def credit(self, placed, seats):
        return credit_invoice(
            self.session,
            scope=self.side.house_scope,
            order_id=placed.id,
            seats=seats,
            reason="",
            form_key=f"{placed.id}-{seats}",
            by_id=self.side.owner.id,
        )

    def pay(self, placed, amount, kind=PaymentKind.TRANSFER, day=DAY, reference=None):
        note_payment(
            self.session,
            scope=self.side.house_scope,
            order_id=placed.id,
            kind=kind,
            amount_minor=amount,
            paid_on=day,
            reference=reference or f"{kind}-{placed.id}-{amount}",
            by_id=None,
        )

    def balances(self, first=YEAR[0], last=YEAR[1]):
        sums: dict[Account, int] = {}
        for each in postings(self.session, self.side.house_scope, first, last):
            sums[each.account] = sums.get(each.account, 0) + each.debit_minor - each.credit_minor
        return sums


@pytest.fixture
def books(session, tokens, world):
    return Books(session, tokens, world.ours)


def test_a_sale_part_credited_and_paid_leaves_the_debtors_at_nothing(books) -> None:
    placed = books.sell(seats=10)
    note = books.credit(placed, 3)
    books.pay(placed, placed.total_minor - note.total_minor)

    assert books.balances() == {
        Account.SALES: -1_679_300,
        Account.VAT: -419_825,
        Account.DEBTORS: 0,
        Account.BANK: 2_099_125,
    }


def test_cards_and_refunds_go_through_what_stripe_holds(books) -> None:
    placed = books.sell(seats=10, pay_by=PayBy.CARD)
    books.pay(placed, placed.total_minor, PaymentKind.CARD)
    note = books.credit(placed, 3)
    books.pay(placed, -note.total_minor, PaymentKind.REFUND)

    sums = books.balances()
    assert (sums[Account.CARD_PAYMENTS], sums[Account.DEBTORS]) == (2_099_125, 0)


def test_every_voucher_balances_and_has_its_number(books) -> None:
    placed = books.sell(seats=7)
    books.credit(placed, 2)
    books.pay(placed, 1_000)
    posted = postings(books.session, books.side.house_scope, *YEAR)

    vouchers: dict[str, int] = {}
    for posting in posted:
        assert (posting.debit_minor == 0) != (posting.credit_minor == 0)
        moved = posting.debit_minor - posting.credit_minor
        vouchers[posting.voucher] = vouchers.get(posting.voucher, 0) + moved
    assert list(vouchers)[:2] == ["K-1001", "K-1002"]
    assert set(vouchers.values()) == {0}


def test_only_the_days_asked_for_and_the_own_house_are_told(books, world) -> None:
    placed = books.sell()
    books.pay(placed, 100, day=date(2027, 1, 1))

    assert Account.BANK not in books.balances(last=date(2026, 12, 31))
    january = books.balances(first=date(2026, 11, 24), last=date(2027, 1, 1))
    assert january == {Account.BANK: 100, Account.DEBTORS: -100}
    assert postings(books.session, world.theirs.house_scope, *YEAR) == []


def test_the_key_of_a_form_is_no_reference(books) -> None:
    placed = books.sell()
    books.pay(placed, 100, reference=f"hand:{placed.id}:key")
    books.pay(placed, 200, reference="pi_123")
    posted = postings(books.session, books.side.house_scope, *YEAR)
    assert [each.reference for each in posted if each.account is Account.BANK] == ["", "pi_123"]


def test_the_file_is_read_by_danish_programs_and_never_run(books, session) -> None:
    placed = books.sell(seats=1)
    books.pay(placed, 12_345, reference="=HYPERLINK(1)")
    with speaking("da"):
        file = as_csv(postings(session, books.side.house_scope, *YEAR))
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))

    assert [(row["Kontonummer"], row["Debet"], row["Kredit"]) for row in rows] == [
        ("5600", "2998,75", ""),
        ("1010", "", "2399,00"),
        ("6900", "", "599,75"),
        ("5820", "123,45", ""),
        ("5600", "", "123,45"),
    ]
    assert rows[1]["Moms"] == "S 25"
    assert rows[3]["Reference"] == "'=HYPERLINK(1)"
    assert {row["Kunde"] for row in rows} == {"Favrskov Kommune"}
