"""The buyer's console: the list of orders, more seats of a running licence, its next period, rules for references."""

import pytest
from sqlalchemy import select

from elearn.billing.models import BuyerRules, Order, OrderState, PaymentKind
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.billing.services.payments import note_payment
from elearn.core import clock
from elearn.core.i18n import format_day, speaking
from elearn.core.scope import MunicipalityScope
from elearn.organisations.services import add_gln
from tests.billing.buying.steps import fields
from tests.billing.shop import open_shop
from tests.billing.shop import order as place
from tests.client import PageClient, check_page

GLN = "5790001330552"


@pytest.fixture
def buyer(session, world, browser) -> PageClient:
    open_shop(session, world.ours)
    session.commit()
    return browser().signed_in_as(world.ours.buyer)


@pytest.fixture
def home(world) -> str:
    return f"/municipalities/{world.ours.municipality.id}"


@pytest.fixture
def licence(world, home) -> str:
    return f"{home}/licences/{world.ours.licence.id}"


def pressed(buyer: PageClient, address: str, **changed: str):
    form = fields(buyer.page(address)) | {"buyer_reference": "KALU", "gln": GLN} | changed
    review = buyer.post(address, data=form | {"step": "review"})
    assert review.status_code == 200, review.text[-3000:]
    return buyer.post(address, data=fields(check_page(address, review)) | {"step": "place"})


def test_the_list_begins_empty_and_leads_to_the_price(buyer, home):
    page = buyer.page(f"{home}/orders")
    assert "Your orders will stand here" in page.text
    link = page.find("a", string=lambda text: text and "See the price" in text) or page.find(
        "a", href=True, class_=None
    )
    assert page.find("a", href=lambda href: href.startswith("/courses/hard-talks?"))
    assert link


def test_a_body_that_another_house_added_is_offered_none_of_ours(buyer, home, session, world):
    world.ours.municipality.course_house_id = world.theirs.house.id
    session.commit()

    assert "See the price and order" not in buyer.page(f"{home}/orders").text
    form = buyer.page(f"/courses/{world.ours.course.slug}/order")
    assert form.find("input", {"name": "municipality"})["value"] == ""
    assert world.ours.municipality.official_name not in form.find("datalist").text


def test_a_body_of_the_house_itself_is_told_its_price_and_quoted(buyer, home, session, world, anonymous):
    world.ours.municipality.course_house_id = world.ours.house.id
    session.commit()

    priced = buyer.page(f"{home}/orders").find("a", href=lambda href: href.startswith("/courses/hard-talks?"))["href"]
    assert "We do not know this municipality" not in buyer.page(priced).text
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "We do not know this municipality" in anonymous.page(priced).text, "it is on no public list"
    form = fields(buyer.page(priced.replace("hard-talks", "hard-talks/quote")))
    quoted = buyer.post("/courses/hard-talks/quote", data=form)
    assert quoted.location.startswith("/quotes/")
    buyer.page(quoted.location)


def test_the_list_shows_our_orders_with_their_state_and_nobody_elses(buyer, home, session, tokens, world):
    ours = place(session, tokens, world.ours)
    open_shop(session, world.theirs)
    theirs = place(session, tokens, world.theirs)
    session.commit()
    page = buyer.page(f"{home}/orders")
    row = page.find("a", href=f"/orders/{ours.id}").find_parent("tr")
    assert "The seats are ready" in row.text
    assert "29,987.50 DKK" in row.text
    assert not page.find("a", href=f"/orders/{theirs.id}")


def test_an_invoice_is_downloaded_as_paper_and_as_e_invoice(buyer, session, tokens, world):
    order = place(session, tokens, world.ours)
    invoice = issue_invoice(session, scope=world.ours.house_scope, order_id=order.id, by_id=None)
    session.commit()
    page = buyer.page(f"/orders/{order.id}")
    assert "Invoice K-1001" in page.text
    assert "to be paid by 23 December 2026" in page.text
    assert not page.find("form", action=f"/orders/{order.id}/cancel"), "now only a credit note takes it back"
    links = [link["href"] for link in page.find_all("a", href=lambda href: f"/invoices/{invoice.id}/" in href)]
    paper, xml = (buyer.get(link) for link in links)
    assert paper.data.startswith(b"%PDF")
    assert (xml.mimetype, xml.headers["Cache-Control"]) == ("application/xml", "no-store")
    assert xml.text == invoice.xml
    assert "29987.50" in xml.text
    assert buyer.get(f"/orders/{order.id}/invoices/{invoice.id + 1}/pdf").status_code == 404
    assert "has its invoice" in buyer.page(buyer.press(f"/orders/{order.id}/cancel").location).text


def test_what_was_credited_is_not_to_be_paid(buyer, session, tokens, world):
    order = place(session, tokens, world.ours)
    scope = world.ours.house_scope
    issue_invoice(session, scope=scope, order_id=order.id, by_id=None)
    credit = {"seats": order.seats, "reason": "They wait", "form_key": "form", "by_id": world.ours.owner.id}
    credit_invoice(session, scope=scope, order_id=order.id, **credit)
    session.commit()
    page = buyer.page(f"/orders/{order.id}")
    assert "What was invoiced has been credited." in page.text
    assert "to be paid by" not in page.text
    assert "paid back" not in page.text, "nothing had come in"


def test_an_order_whose_money_is_back_is_not_called_paid(buyer, session, tokens, world):
    order = place(session, tokens, world.ours)
    scope = world.ours.house_scope
    issue_invoice(session, scope=scope, order_id=order.id, by_id=None)

    def note(kind: PaymentKind, amount_minor: int) -> None:
        day = clock.today("DK")
        told = {"kind": kind, "amount_minor": amount_minor, "paid_on": day, "reference": kind, "by_id": None}
        note_payment(session, scope=scope, order_id=order.id, **told)
        session.commit()

    note(PaymentKind.TRANSFER, order.total_minor)
    credit = {"seats": order.seats, "reason": "They wait", "form_key": "form", "by_id": world.ours.owner.id}
    credit_invoice(session, scope=scope, order_id=order.id, **credit)
    session.commit()
    assert "E-invoice · paid" in buyer.page(f"/orders/{order.id}").text
    assert "paid back" not in buyer.page(f"/orders/{order.id}").text

    note(PaymentKind.REPAID, -order.total_minor)
    assert "E-invoice · paid back" in buyer.page(f"/orders/{order.id}").text


def test_more_seats_of_a_running_licence_cost_the_days_left(buyer, licence, session, world):
    assert buyer.page(licence).find("a", href=f"{licence}/more-seats")
    answer = pressed(buyer, f"{licence}/more-seats", seats="2")
    order = session.scalars(select(Order)).one()
    assert answer.location == f"/orders/{order.id}"
    assert order.state is OrderState.READY
    assert order.adds_to_id == world.ours.licence.id
    page = buyer.page(answer.location)
    assert "336 days" in page.text
    assert "added to a running licence" in page.text
    with speaking("en"):
        assert f"{format_day(clock.today('DK'))} to " in page.text, "from the day they were added"
    session.refresh(world.ours.licence)
    assert world.ours.licence.size == 7


def test_the_next_period_is_ordered_for_those_who_stay(buyer, licence, session, world):
    assert buyer.page(f"{licence}/renewal").find("a", href=f"{licence}/renewal/order")
    page = buyer.page(f"{licence}/renewal/order")
    assert fields(page)["seats"] == "1", "one learner has accepted"
    pressed(buyer, f"{licence}/renewal/order")
    order = session.scalars(select(Order)).one()
    assert order.renews_id == world.ours.licence.id
    assert order.licence.previous_id == world.ours.licence.id
    assert order.licence.starts_on > world.ours.licence.ends_on


def test_without_a_price_nothing_is_offered(world, browser, licence):
    client = browser().signed_in_as(world.ours.buyer)
    assert not client.page(licence).find("a", href=f"{licence}/more-seats")
    assert client.get(f"{licence}/more-seats").status_code == 404
    assert client.get(f"{licence}/renewal/order").status_code == 404


def test_stored_ean_numbers_are_offered_to_the_municipalitys_own_buyers(buyer, licence, session, world, anonymous):
    scope = MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id)
    add_gln(session, scope=scope, gln=GLN, label="Daycare", by_id=None)
    session.commit()
    page = buyer.page(f"{licence}/more-seats")
    assert page.find("input", {"name": "stored_gln", "value": GLN, "checked": True})
    pressed(buyer, f"{licence}/more-seats", seats="1", gln="")
    assert session.scalars(select(Order)).one().gln == GLN
    pressed(buyer, f"{licence}/more-seats", seats="1", gln="5790001330569")
    assert {order.gln for order in session.scalars(select(Order))} == {GLN, "5790001330569"}, "what is typed counts"
    public = anonymous.page("/courses/hard-talks/order?seats=10&municipality=Favrskov Kommune")
    assert GLN not in str(public)


def test_references_are_asked_for_as_the_municipality_chose(buyer, home, licence, session, world):
    answer = buyer.press(f"{home}/settings/references", reference_format="AAAA99", needs_order_number="y")
    assert answer.status_code == 303
    rules = session.get_one(BuyerRules, world.ours.municipality.id)
    assert (rules.reference_format, rules.needs_order_number) == ("AAAA99", True)
    assert "KARI12" in buyer.page(f"{home}/settings").text
    address = f"{licence}/more-seats"
    page = buyer.page(address)
    assert "Favrskov Kommune writes it like KARI12." in page.text
    form = fields(page) | {"seats": "1", "gln": GLN, "buyer_reference": "KALU", "order_number": "45"}
    told = check_page(address, buyer.post(address, data=form | {"step": "review"}))
    assert "Write the reference like KARI12." in told.find(class_="ds-error-summary").text
    form = form | {"buyer_reference": "KALU12", "order_number": ""}
    told = check_page(address, buyer.post(address, data=form | {"step": "review"}))
    assert "Write the order number" in told.find(class_="ds-error-summary").text
    assert pressed(buyer, address, seats="1", buyer_reference="KALU12", order_number="45").status_code == 303
    buyer.press(f"{home}/settings/references", reference_format="")
    session.refresh(rules)
    assert (rules.reference_format, rules.needs_order_number) == ("", False)
