"""Orders on the owner's pages: answered, invoiced, credited, paid; one rule each."""

import re

import pytest
from sqlalchemy import select

from elearn.billing.einvoice import rules
from elearn.billing.models import Delivery, Invoice, Order, OrderState, Payment, Seller, TrustedDomain
from elearn.billing.words import SELLER_INCOMPLETE
from elearn.licensing.models import Licence
from elearn.mail.models import Letter
from elearn.web.session import current_session
from tests.billing.shop import CODE, add_campaign, open_shop
from tests.client import check_page
from tests.home.sales.steps import stranger_orders


@pytest.fixture
def waiting(world, session, installation):
    open_shop(session, world.ours)
    return stranger_orders(session, installation, world.ours)


@pytest.fixture
def other_owner(browser, world):
    return browser().signed_in_as(world.theirs.owner)


@pytest.fixture
def accepted(waiting, owner, session):
    owner.press(f"/owner/orders/{waiting.id}/accept")
    session.expire_all()
    return waiting


@pytest.fixture
def invoiced(accepted, owner, session):
    answer = owner.press(f"/owner/orders/{accepted.id}/invoice")
    assert answer.status_code == 303, answer.text
    session.expire_all()
    return session.scalars(select(Invoice)).one()


def credit(owner, order_id, *, seats=3, reason="Three have left", key="a-key"):
    return owner.press(f"/owner/orders/{order_id}/credit", seats=str(seats), reason=reason, form_key=key)


def test_why_an_order_has_no_vat_is_told_in_the_owners_language(world, session, installation, owner) -> None:
    open_shop(session, world.ours, is_vat_registered=False)
    placed = stranger_orders(session, installation, world.ours)
    owner.press("/language", language="da")

    assert "Ingen moms: Sælgeren er ikke momsregistreret" in owner.page(f"/owner/orders/{placed.id}").text


def test_an_order_of_nothing_is_credited_like_any_other(world, session, installation, owner) -> None:
    open_shop(session, world.ours)
    add_campaign(session, world.ours, value=10_000)
    placed = stranger_orders(session, installation, world.ours, seats=100, code=CODE)
    owner.press(f"/owner/orders/{placed.id}/accept")
    owner.press(f"/owner/orders/{placed.id}/invoice")
    assert "Credited" not in owner.page("/owner/invoices").find("table").text

    page = owner.page(f"/owner/orders/{placed.id}")
    assert page.find("a", href=f"/owner/orders/{placed.id}/credit")
    credit(owner, placed.id, seats=100)
    page = owner.page(f"/owner/orders/{placed.id}")
    assert page.find("a", href=f"/owner/orders/{placed.id}/credit") is None
    session.expire_all()
    assert placed.state is OrderState.CANCELLED


def test_the_list_is_empty_until_somebody_orders(owner, world) -> None:
    page = owner.page("/owner/orders")

    assert "Your orders will stand here" in page.text
    assert page.find("a", string="First say who sells")


def test_what_waits_stands_on_the_start_page_with_its_number(owner, waiting) -> None:
    page = owner.page("/owner")

    item = page.find(class_="todo").find("li")
    assert "1 order" in item.text
    assert "Aarhus Kommune" in item.text
    assert item.a["href"] == f"/owner/orders/{waiting.id}"


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("?state=to-confirm", True),
        ("?state=unpaid", False),
        ("?state=closed", False),
        ("?q=aarhus", True),
        ("?q=boss%40aarhus", True),
        ("?q=KALU", True),
        ("?q=nobody", False),
        ("?page=2", False),
    ],
)
def test_orders_are_filtered_and_searched(owner, waiting, query, is_there) -> None:
    page = owner.page(f"/owner/orders{query}")

    assert bool(page.find("a", string=f"#{waiting.id}")) is is_there


def test_an_order_is_found_by_its_number(owner, waiting) -> None:
    assert owner.page(f"/owner/orders?q=%23{waiting.id}").find("a", string=f"#{waiting.id}")


def test_the_page_says_who_what_and_at_what_price(owner, waiting) -> None:
    page = owner.page(f"/owner/orders/{waiting.id}")

    for words in ("Aarhus Kommune", "Bo Boss", "boss@aarhus.example", "29,987.50 DKK", waiting.gln, "KALU"):
        assert words in page.text
    assert "The order was placed" in page.text


def test_accepting_gives_the_seats(owner, waiting, session) -> None:
    answer = owner.press(f"/owner/orders/{waiting.id}/accept")

    assert answer.status_code == 303
    session.expire_all()
    assert waiting.state is OrderState.READY
    assert session.get(Licence, waiting.licence_id).size == 10
    assert not session.scalars(select(TrustedDomain)).all()
    assert "10 seats now" in owner.page(f"/owner/orders/{waiting.id}").text


def test_accepting_with_the_box_ticked_trusts_the_domain(owner, waiting, session) -> None:
    owner.press(f"/owner/orders/{waiting.id}/accept", trust_domain="y")

    assert session.scalars(select(TrustedDomain.domain)).one() == "aarhus.example"


def test_letters_that_only_look_like_a_known_domains_are_spelt_out(world, session, installation, owner) -> None:
    open_shop(session, world.ours)
    asked = stranger_orders(session, installation, world.ours, email="boss@\u0430arhus.dk")  # a Cyrillic first letter
    assert "(xn--" in owner.page(f"/owner/orders/{asked.id}").find("dl", class_="facts").text


def test_a_domain_where_anybody_can_be_is_never_trusted(world, session, installation, owner) -> None:
    open_shop(session, world.ours)
    asked = stranger_orders(session, installation, world.ours, email="bo@gmail.com")
    assert owner.page(f"/owner/orders/{asked.id}").find(id="trust_domain") is None

    assert owner.press(f"/owner/orders/{asked.id}/accept", trust_domain="y").status_code == 422
    session.expire_all()
    assert asked.state is OrderState.TO_CONFIRM
    assert owner.press(f"/owner/orders/{asked.id}/accept").status_code == 303


def test_a_refusal_needs_its_reason_and_is_told(owner, waiting, session) -> None:
    assert owner.press(f"/owner/orders/{waiting.id}/refuse", reason="").status_code == 422
    session.expire_all()
    assert waiting.state is OrderState.TO_CONFIRM

    owner.press(f"/owner/orders/{waiting.id}/refuse", reason="We do not know you")
    session.expire_all()
    assert waiting.state is OrderState.REFUSED
    letter = session.scalars(select(Letter).where(Letter.kind == "billing/order_refused")).one()
    assert letter.context["lines"] == ["We do not know you"]


def test_what_is_answered_cannot_be_answered_otherwise(owner, accepted) -> None:
    answer = owner.press(f"/owner/orders/{accepted.id}/refuse", reason="Changed my mind")

    assert answer.status_code == 422
    assert "does not wait for you" in check_page("order", answer).text


def test_cancelling_says_what_happens_and_takes_the_seats_back(owner, accepted, session) -> None:
    path = f"/owner/orders/{accepted.id}/cancel"
    assert "10 seats of Aarhus Kommune are taken back" in owner.page(path).text
    assert owner.press(path, reason="").status_code == 422

    assert owner.press(path, reason="Wrong number").status_code == 303
    session.expire_all()
    assert accepted.state is OrderState.CANCELLED
    assert session.get(Licence, accepted.licence_id).size == 0


def test_a_cancelled_order_has_no_invoice_to_make_and_nothing_to_come_in(owner, accepted, session) -> None:
    accepted.invoice_problem = SELLER_INCOMPLETE
    session.commit()
    assert "could not be made" in owner.page("/owner").text

    owner.press(f"/owner/orders/{accepted.id}/cancel", reason="A mistake")
    assert "could not be made" not in owner.page("/owner").text
    text = owner.page(f"/owner/orders/{accepted.id}").text
    assert "has not filled in what its invoices must say" not in text
    assert "Still to come in" not in text


def test_an_invoiced_order_is_not_cancelled(owner, accepted, invoiced) -> None:
    answer = owner.press(f"/owner/orders/{accepted.id}/cancel", reason="Too late")

    assert answer.status_code == 422
    assert "A credit note takes it back" in answer.text


def test_the_invoice_says_which_rules_judged_it(owner, accepted, invoiced) -> None:
    page = owner.page(f"/owner/orders/{accepted.id}")

    assert invoiced.number == "K-1001"
    assert "Invoice K-1001" in page.text
    assert f"valid under {invoiced.rules}" in page.text


def test_a_second_press_makes_no_second_invoice(owner, accepted, invoiced, session) -> None:
    assert owner.press(f"/owner/orders/{accepted.id}/invoice").status_code == 303
    assert session.query(Invoice).count() == 1


def test_what_the_rules_refuse_is_said_in_words_and_nothing_is_issued(owner, accepted, session, world) -> None:
    accepted.gln = "5798000000013"
    session.commit()
    answer = owner.press(f"/owner/orders/{accepted.id}/invoice")

    assert answer.status_code == 422
    page = check_page("order", answer)
    assert "An EAN number's digits do not fit together. (PEPPOL-COMMON-R040)" in page.text
    session.expire_all()
    assert session.query(Invoice).count() == 0
    assert session.get(Seller, world.ours.house.id).next_serial == 1001


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF"), ("xml", b"<?xml")])
def test_both_files_are_downloads_that_nobody_keeps(owner, invoiced, kind, begins) -> None:
    answer = owner.get(f"/owner/invoices/{invoiced.id}.{kind}")

    assert answer.data.startswith(begins)
    assert answer.headers["Content-Disposition"] == f"attachment; filename=K-1001.{kind}"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "is_there"), [("", True), ("?state=unpaid", True), ("?state=overdue", False), ("?q=k-1001", True)]
)
def test_invoices_are_listed_and_filtered(owner, invoiced, query, is_there) -> None:
    assert bool(owner.page(f"/owner/invoices{query}").find("a", string="K-1001")) is is_there


def test_an_invoice_is_overdue_the_day_after_its_day(browser, world, invoiced, clock) -> None:
    for days, is_overdue in ((30, False), (1, True)):
        clock.advance(days=days)
        owner = browser().signed_in_as(world.ours.owner)
        assert ("Overdue" in owner.page("/owner/invoices").find("tbody").text) is is_overdue
        assert bool(owner.page("/owner/invoices?state=overdue").find("tbody")) is is_overdue


def test_part_of_it_is_credited_and_unused_seats_go(owner, accepted, invoiced, session) -> None:
    page = owner.page(f"/owner/orders/{accepted.id}/credit")
    assert "10 seats of the licence are unused" in page.text
    assert "2,998.75 DKK" in page.text

    assert credit(owner, accepted.id).status_code == 303
    session.expire_all()
    note = session.scalars(select(Invoice).where(Invoice.kind == "credit_note")).one()
    assert (note.number, note.total_minor, note.seats) == ("K-1002", 899_625, 3)
    assert session.get(Licence, accepted.licence_id).size == 7
    assert "Credit note K-1002" in owner.page(f"/owner/orders/{accepted.id}").text


def test_nobody_waits_while_the_rules_engine_starts(owner, accepted, session, monkeypatch) -> None:
    were_writing = []
    prepare = rules.prepare

    def note_and_prepare() -> None:
        were_writing.append(current_session().in_transaction())
        prepare()

    monkeypatch.setattr(rules, "prepare", note_and_prepare)
    assert owner.press(f"/owner/orders/{accepted.id}/invoice").status_code == 303
    assert credit(owner, accepted.id).status_code == 303
    assert were_writing == [False, False]


def test_a_credit_form_sent_twice_credits_once(owner, accepted, invoiced, session) -> None:
    for _ in range(2):
        assert credit(owner, accepted.id).status_code == 303
    assert session.query(Invoice).count() == 2


@pytest.mark.parametrize(("seats", "words"), [(11, "At most 10 seats can be credited"), (0, "Write a whole number")])
def test_no_more_is_credited_than_was_invoiced(owner, accepted, invoiced, seats, words) -> None:
    answer = credit(owner, accepted.id, seats=seats)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_credit_of_all_closes_the_order(owner, accepted, invoiced, session) -> None:
    credit(owner, accepted.id, seats=10)
    session.expire_all()

    assert accepted.state is OrderState.CANCELLED
    assert "All seats of this invoice have been credited" in owner.page(f"/owner/orders/{accepted.id}/credit").text


def test_without_an_invoice_there_is_nothing_to_credit(owner, accepted) -> None:
    assert "cancel the order instead" in owner.get(f"/owner/orders/{accepted.id}/credit").text


def pay(owner, order_id, **changed):
    fields = {"kind": "transfer", "amount": "29.987,50", "paid_on": "2026-11-23", "form_key": "pay"}
    return owner.press(f"/owner/orders/{order_id}/payments", **(fields | changed))


def test_a_payment_noted_by_hand_settles_the_order_once(owner, accepted, invoiced, session) -> None:
    page = owner.page(f"/owner/orders/{accepted.id}")
    assert page.find(id="amount")["value"] == "29987,50"
    assert "Still to come in: 29,987.50 DKK" in page.text
    assert "to be paid by 23 December 2026" in page.text

    for _ in range(2):
        assert pay(owner, accepted.id).status_code == 303
    session.expire_all()
    assert accepted.paid_at is not None
    assert session.query(Payment).count() == 1
    assert "Settled." in owner.page(f"/owner/orders/{accepted.id}").text
    assert owner.page("/owner/invoices").find("tbody").find(string=re.compile("Paid"))
    for address in (f"/owner/orders/{accepted.id}", "/owner/invoices"):
        assert "to be paid by" not in owner.page(address).text


def test_what_is_credited_after_payment_is_to_be_paid_back(owner, accepted, invoiced, session) -> None:
    pay(owner, accepted.id)
    credit(owner, accepted.id)
    assert "To be paid back: 8,996.25 DKK" in owner.page(f"/owner/orders/{accepted.id}").text

    pay(owner, accepted.id, kind="repaid", amount="8996,25", form_key="back")
    assert "Settled." in owner.page(f"/owner/orders/{accepted.id}").text


@pytest.mark.parametrize(
    "changed", [{"amount": "much"}, {"amount": "0"}, {"amount": ""}, {"paid_on": "2026-11-24"}, {"kind": "card"}]
)
def test_a_payment_that_cannot_be_is_not_noted(owner, accepted, session, changed) -> None:
    assert pay(owner, accepted.id, **changed).status_code == 422
    assert session.query(Payment).count() == 0


def test_an_e_invoice_is_sent_again_the_way_the_house_has_chosen(owner, accepted, invoiced, session, world) -> None:
    answer = owner.press(f"/owner/invoices/{invoiced.id}/send")
    assert answer.status_code == 303
    assert "You download e-invoices yourself" in owner.page(f"/owner/orders/{accepted.id}").text

    seller = session.get(Seller, world.ours.house.id)
    seller.delivery, seller.delivery_target = Delivery.EMAIL, "books@house.example"
    session.commit()
    owner.press(f"/owner/invoices/{invoiced.id}/send")
    page = owner.page(f"/owner/orders/{accepted.id}")
    assert "On its way to books@house.example" in page.text
    assert "sent K-1001 again" in page.text


@pytest.mark.parametrize("path", ["", "/cancel", "/credit"])
def test_another_houses_order_does_not_exist(other_owner, waiting, path) -> None:
    other_owner.page(f"/owner/orders/{waiting.id}{path}", status=404)


def test_another_houses_order_is_not_answered(other_owner, waiting, session) -> None:
    for press in ("accept", "invoice"):
        assert other_owner.press(f"/owner/orders/{waiting.id}/{press}").status_code == 404
    session.expire_all()
    assert session.get(Order, waiting.id).state is OrderState.TO_CONFIRM
