"""Prices, VAT, campaigns, codes, seller, domains and agreed orders on the owner's pages; one rule each."""

import pytest
from sqlalchemy import select

from elearn.accounts.services import confirm_address
from elearn.billing.models import (
    BuyerRules,
    Campaign,
    DiscountCode,
    Order,
    OrderState,
    Price,
    Seller,
    TrustedDomain,
    VatRule,
)
from elearn.licensing.models import Licence
from tests.billing.shop import CODE, SELLER, municipality, order
from tests.client import check_page

PRICE = {
    "currency": "DKK",
    "seat_year": "2.500,00",
    "minimum_seats": "5",
    "terms": "12, 24",
    "valid_from": "2026-11-23",
}
VAT = {"buyer_country": "NO", "course": "", "category": "AE", "reason": "Reverse charge", "valid_from": "2026-11-23"}
CODE_FIELDS = {"kind": "percent", "value": "25", "valid_from": "2026-11-23", "valid_until": "2027-05-22"}
SELLER_FIELDS = {
    **{name: str(value) for name, value in SELLER.items() if name not in ("next_serial", "is_vat_registered")},
    "is_vat_registered": "y",
    "first_number": "1001",
    "payment_days": "30",
    "quote_days": "60",
}


def test_a_house_fills_in_who_sells(owner, world, session) -> None:
    assert "Fill this in, and your courses can be sold" in owner.page("/owner/seller").text

    assert owner.press("/owner/seller", **SELLER_FIELDS).status_code == 303
    assert session.get(Seller, world.ours.house.id).legal_name == "Kursushuset ApS"
    assert "All that" not in owner.page("/owner/seller").text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"legal_name": ""}, "Fill in this field"),
        ({"org_number": "1122334"}, "The number has 7 digits. It needs 8."),
        ({"bank_account": "12345678901"}, "at most 10"),
        ({"bic": "NOBANK"}, "This is no BIC"),
        ({"contact_email": "ida"}, "Write the whole address"),
        ({"serial_prefix": "K 1"}, "at most ten letters"),
        ({"delivery": "webhook", "delivery_target": "http://x.example"}, "begins with https://"),
        ({"delivery": "folder", "delivery_target": "/etc"}, "no path"),
        ({"delivery": "email", "delivery_target": "x"}, "Write the email address that the e-invoices go to"),
        ({"payment_days": "121"}, "from 0 to 120"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(owner, world, session, changed, words) -> None:
    answer = owner.press("/owner/seller", **(SELLER_FIELDS | changed))

    assert answer.status_code == 422
    page = check_page("seller", answer)
    assert words in page.find(class_="ds-error-summary").text
    assert page.find(id="street")["value"] == "Nørregade 1"
    assert session.get(Seller, world.ours.house.id) is None


def test_the_webhooks_secret_stands_on_the_page_while_it_is_used(owner, shop, session) -> None:
    assert "whsec_" not in owner.page("/owner/seller").text
    seller = session.get(Seller, shop.house.id)
    seller.delivery, seller.delivery_target = "webhook", "https://books.example/in"
    session.commit()
    assert "whsec_" in owner.page("/owner/seller").text


def test_prices_say_what_a_hundred_seats_come_to(owner, shop) -> None:
    page = owner.page("/owner/prices")

    assert "100 seats = 239,900.00 DKK" in page.text
    assert "No price yet: on request." in page.text


def test_a_price_is_looked_at_before_it_is_set(owner, shop, session) -> None:
    path = f"/owner/prices/{shop.course.id}"
    fields = PRICE | {"from_1": "100", "price_1": "2.000", "from_2": "200", "price_2": "2.100"}
    looked = owner.press(path, **fields, preview="y")
    page = check_page("new price", looked)
    assert looked.status_code == 200
    assert "200,000.00 DKK" in page.text
    assert "A larger order pays more for each seat" in page.text
    assert session.query(Price).filter(Price.course_id == shop.course.id).count() == 1

    assert owner.press(path, **fields).status_code == 303
    price = session.scalars(select(Price).order_by(Price.id.desc())).first()
    assert (price.seat_year_minor, price.terms_months, price.brackets[0]) == (250_000, [12, 24], [100, 200_000])
    assert "All versions" in owner.page("/owner/prices").text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seat_year": "much"}, "Write an amount"),
        ({"valid_from": "2026-11-22"}, "This day has passed"),
        ({"from_1": "100"}, "Fill in both fields of the line"),
        ({"from_1": "4", "price_1": "1"}, "Each line begins with more seats"),
        ({"on_request_above": "4"}, "less than the fewest seats"),
        ({"terms": "a year"}, "Write whole numbers of months"),
        ({"terms": "99"}, "Write whole numbers of months"),
    ],
)
def test_a_price_that_cannot_be_is_refused_in_words(owner, shop, changed, words) -> None:
    answer = owner.press(f"/owner/prices/{shop.course.id}", **(PRICE | changed))

    assert answer.status_code == 422
    assert words in check_page("new price", answer).text


def test_a_price_in_an_unknown_currency_does_not_exist(owner, shop) -> None:
    owner.page(f"/owner/prices/{shop.course.id}?currency=EUR", status=404)


def test_vat_across_the_border_is_signed_off_by_somebody(owner, shop, session) -> None:
    assert "not signed off: price on request" in owner.page("/owner/vat").text
    assert owner.press("/owner/vat", **VAT).status_code == 422, "the box is not ticked"

    assert owner.press("/owner/vat", **VAT, signed="y").status_code == 303
    assert session.scalars(select(VatRule)).one().signed_off_by_id == shop.owner.id
    assert f"signed off by {shop.owner.name} on 23 November" in owner.page("/owner/vat").text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"category": "S"}, "Write the rate in per cent"),
        ({"reason": ""}, "Write the reason"),
        ({"valid_from": "2026-11-22"}, "This day has passed"),
    ],
)
def test_a_vat_line_needs_rate_or_reason(owner, shop, changed, words) -> None:
    answer = owner.press("/owner/vat", **(VAT | changed), signed="y")
    assert answer.status_code == 422
    assert words in answer.text


def test_a_campaign_is_begun_and_changed(owner, shop, session) -> None:
    fields = {
        "name": "Spring",
        "course": str(shop.course.id),
        "country": "DK",
        "starts_on": "2026-11-23",
        "ends_on": "2027-05-22",
        "has_places": "y",
        "duty_share": "80",
        "duty_months": "6",
    }
    assert owner.press("/owner/campaigns/new", **fields).status_code == 303
    made = session.scalars(select(Campaign)).one()
    page = owner.page(f"/owner/campaigns/{made.id}")
    assert "Region Midtjylland" in page.text
    assert "feedback from 80 of 100" in page.text

    path = f"/owner/campaigns/{made.id}/edit"
    assert owner.page(path).find(id="name")["value"] == "Spring"
    assert owner.press(path, **(fields | {"name": "Summer", "ends_on": "2026-11-22"})).status_code == 422
    assert owner.press(path, **(fields | {"name": "Summer", "duty_months": ""})).status_code == 422
    assert owner.press(path, **(fields | {"name": "Summer"})).status_code == 303
    session.expire_all()
    assert made.name == "Summer"


def test_a_campaign_shows_who_has_its_places(owner, campaign, shop, session, tokens) -> None:
    confirm_address(session, shop.buyer.addresses[0])
    order(session, tokens, shop, seats=100, code=CODE, person=shop.buyer)
    session.commit()
    page = owner.page(f"/owner/campaigns/{campaign.id}")

    place = page.find(id="places").find_next("a", string="Favrskov Kommune")
    assert place
    assert "1 of 5" in page.text


def test_a_code_is_made_and_switched_off(owner, campaign, session) -> None:
    page = owner.page(f"/owner/codes/new?campaign={campaign.id}")
    assert page.find(id="valid_until")["value"] == "2027-04-30"
    assert owner.press("/owner/codes/new", **CODE_FIELDS, campaign=str(campaign.id), code="spring").status_code == 303
    code = session.scalars(select(DiscountCode).where(DiscountCode.code == "SPRING")).one()
    assert (code.campaign_id, code.value) == (campaign.id, 2500)
    assert "25% off" in owner.page(f"/owner/campaigns/{campaign.id}").text

    owner.press(f"/owner/codes/{code.id}/off")
    session.expire_all()
    assert not code.is_active
    assert "switched off" in owner.page(f"/owner/campaigns/{campaign.id}").text


def test_a_code_without_a_campaign_may_be_for_one_municipality(owner, shop, session) -> None:
    fields = CODE_FIELDS | {
        "municipality": "Aarhus Kommune (DK 0751)",
        "kind": "price",
        "value": "1.000",
        "currency": "DKK",
    }
    assert owner.press("/owner/codes/new", **fields).status_code == 303
    code = session.scalars(select(DiscountCode)).one()
    assert (code.municipality_id, code.value, code.currency) == (municipality(session, "Aarhus").id, 100_000, "DKK")
    text = owner.page("/owner/campaigns").text
    assert "the order costs 1,000.00 DKK" in text
    assert "Aarhus Kommune" in text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "abc"}, "Write 4 to 40 letters"),
        ({"code": CODE}, "You have a code of this name already"),
        ({"value": "101"}, "up to 100 per cent"),
        ({"min_seats": "5", "max_seats": "4"}, "fewer than the fewest"),
        ({"valid_until": "2026-11-22"}, "The last day lies before the first"),
        ({"municipality": "Nowhere"}, "Choose one municipality from the list"),
    ],
)
def test_a_code_that_cannot_hold_is_refused_in_words(owner, campaign, changed, words) -> None:
    answer = owner.press("/owner/codes/new", **(CODE_FIELDS | changed))

    assert answer.status_code == 422
    assert words in check_page("new code", answer).text


def test_mail_domains_are_listed_added_and_removed(owner, world, session) -> None:
    path = f"/owner/municipalities/{world.ours.municipality.id}/domains"
    assert "There is none yet." in owner.page(path).text
    assert owner.press(path, domain="nonsense").status_code == 422
    assert "Anybody can get an address at gmail.com" in owner.press(path, domain="gmail.com").text

    owner.press(path, domain="@Favrskov.DK")
    assert session.scalars(select(TrustedDomain.domain)).one() == "favrskov.dk"
    assert "@favrskov.dk" in owner.page(path).text
    assert "@favrskov.dk" in owner.page(path.removesuffix("/domains")).text

    owner.press(f"{path}/remove", domain="favrskov.dk")
    assert not session.scalars(select(TrustedDomain)).all()


def agreed(side, **changed):
    told = {
        "course": str(side.course.id),
        "municipality": "Aarhus Kommune (DK 0751)",
        "seats": "3000",
        "months": "12",
        "seat_price": "1.500",
        "name": "Bo Boss",
        "email": "boss@aarhus.example",
        "gln": "5798000000018",
        "buyer_reference": "BOSS",
        "form_key": "agreed",
    }
    return told | changed


def test_an_agreed_order_is_accepted_at_its_own_price_once(owner, shop, session) -> None:
    for _ in range(2):
        assert owner.press("/owner/orders/new", **agreed(shop)).status_code == 303

    placed = session.scalars(select(Order)).one()
    assert placed.state is OrderState.READY
    assert (placed.price_id, placed.net_minor, placed.vat_minor) == (None, 450_000_000, 112_500_000)
    assert session.get(Licence, placed.licence_id).size == 3000
    page = owner.page(f"/owner/orders/{placed.id}")
    assert "At a price agreed by hand." in page.text
    assert f"{shop.owner.name} entered the agreed order" in page.text
    assert owner.press(f"/owner/orders/{placed.id}/invoice").status_code == 303


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"municipality": "Nowhere"}, "Choose one municipality from the list"),
        ({"municipality": "Voss (NO 4621)"}, "Sign off under VAT"),
        ({"gln": "5798000000019"}, "the digits do not fit together"),
        ({"buyer_reference": ""}, "An e-invoice needs the buyer&#39;s reference or an order number"),
        ({"email": "boss"}, "Write the whole address"),
        ({"seat_price": ""}, "Write an amount"),
    ],
)
def test_an_agreed_order_that_cannot_be_is_refused_in_words(owner, shop, session, changed, words) -> None:
    answer = owner.press("/owner/orders/new", **agreed(shop, **changed))

    assert answer.status_code == 422
    assert words in answer.text
    assert session.query(Order).count() == 0


def test_a_municipality_s_own_wish_for_order_numbers_is_said_at_their_field(owner, shop, session) -> None:
    session.add(
        BuyerRules(municipality_id=municipality(session, "Aarhus").id, reference_format="", needs_order_number=True)
    )
    session.commit()
    answer = owner.press("/owner/orders/new", **agreed(shop, order_number=""))

    field = check_page("/owner/orders/new", answer).find("input", {"name": "order_number"}).parent
    assert "the municipality wants one on every invoice" in field.text


def test_card_payments_that_need_no_look_say_so(owner, shop) -> None:
    assert "Nothing has to be looked at." in owner.page("/owner/cards").text
