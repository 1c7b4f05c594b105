"""What a course house settles before it sells."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.errors import NotAnAddress
from elearn.billing import errors
from elearn.billing.models import Campaign, Delivery, DiscountCode, Invoice, Price, Seller
from elearn.billing.pricing import Bracket, Vat, VatCategory
from elearn.billing.services.pricing_orders import Asked, price_order
from elearn.billing.services.selling import PriceTerms, save_seller, set_price, sign_vat_rule
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.home import demo_shop
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid
from tests.billing.shop import open_shop, order

TERMS = demo_shop.SELLERS["kursushuset"]
TODAY = date(2026, 11, 23)


def save(session, side, **changed):
    return save_seller(session, scope=side.house_scope, terms=replace(TERMS, **changed), by_id=side.owner.id)


def test_a_house_becomes_a_seller(world, session) -> None:
    seller = save(session, world.ours)

    assert (seller.org_number, seller.bank_account, seller.next_serial) == ("11223346", "0012345678", 1001)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.kind, event.course_house_id) == ("billing.seller.saved", world.ours.house.id)
    assert session.get(Seller, world.theirs.house.id) is None


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"org_number": "1122334"}, NumberHasOtherLength),
        ({"org_number": "11223347"}, NumberNotValid),
        ({"bank_registration": "123"}, errors.BankAccountNotValid),
        ({"bank_account": "12345678901"}, errors.BankAccountNotValid),
        ({"bank_registration": "", "bank_account": "DK5000400440116244"}, errors.BankAccountNotValid),
        ({"bic": "NOBANK"}, errors.BicNotValid),
        ({"contact_email": "ida"}, NotAnAddress),
        ({"serial_prefix": "K 1"}, errors.PrefixNotValid),
        ({"delivery": Delivery.EMAIL, "delivery_target": "nobody"}, errors.TargetNotValid),
        ({"delivery": Delivery.WEBHOOK, "delivery_target": "http://books.example/in"}, errors.TargetNotValid),
        ({"delivery": Delivery.FOLDER, "delivery_target": "../etc"}, errors.TargetNotValid),
    ],
)
def test_what_an_invoice_could_not_say_is_refused(world, session, changed, refusal) -> None:
    with pytest.raises(refusal):
        save(session, world.ours, **changed)


def test_an_iban_stands_alone(world, session) -> None:
    seller = save(session, world.ours, bank_registration="", bank_account="DK50 0040 0440 1162 43", bic="NDEADKKK")

    assert (seller.bank_registration, seller.bank_account, seller.bic) == ("", "DK5000400440116243", "NDEADKKK")


def test_a_norwegian_house_is_known_by_its_own_numbers(world, session) -> None:
    world.ours.house.country = "NO"
    terms = demo_shop.SELLERS["nordlys"]
    seller = save_seller(session, scope=world.ours.house_scope, terms=terms, by_id=None)
    assert (seller.org_number, seller.bank_account) == ("999000029", "12345678903")

    with pytest.raises(errors.BankAccountNotValid):
        save_seller(session, scope=world.ours.house_scope, terms=replace(terms, bank_account="12345678904"), by_id=None)


def test_a_series_starts_anywhere_until_a_number_is_given_out(world, session, tokens) -> None:
    open_shop(session, world.ours)
    save(session, world.ours, first_number=50)
    placed = order(session, tokens, world.ours)
    session.add(_some_invoice(placed, world.ours))
    session.flush()

    with pytest.raises(errors.SeriesBegun):
        save(session, world.ours, first_number=51)
    with pytest.raises(errors.SeriesBegun):
        save(session, world.ours, first_number=50, serial_prefix="X-")
    assert save(session, world.ours, first_number=50, payment_days=14).payment_days == 14


def test_a_new_price_stands_beside_the_old_one(world, session) -> None:
    open_shop(session, world.ours)
    terms = PriceTerms(250_000, TODAY, brackets=(Bracket(50, 240_000), Bracket(200, 260_000)))
    price = set_price(
        session, scope=world.ours.house_scope, course_id=world.ours.course.id, currency="DKK", terms=terms, by_id=None
    )

    assert session.query(Price).filter(Price.course_id == world.ours.course.id).count() == 2
    assert price_order(session, course=world.ours.course, country="DK", asked=Asked(50)).price is price


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, errors.DayHasPassed),
        ({"brackets": (Bracket(50, 1), Bracket(50, 2))}, errors.BracketsNotRising),
        ({"brackets": (Bracket(5, 1),), "minimum_seats": 5}, errors.BracketsNotRising),
        ({"on_request_above": 4, "minimum_seats": 5}, errors.RequestBelowMinimum),
        ({"terms_months": ()}, errors.TermNotValid),
        ({"terms_months": (12, 12)}, errors.TermNotValid),
        ({"terms_months": (0,)}, errors.TermNotValid),
    ],
)
def test_a_price_that_cannot_be_is_refused(world, session, changed, refusal) -> None:
    side = world.ours
    with pytest.raises(refusal):
        set_price(
            session,
            scope=side.house_scope,
            course_id=side.course.id,
            currency="DKK",
            terms=replace(PriceTerms(239_900, TODAY), **changed),
            by_id=None,
        )


def test_across_the_border_nothing_is_sold_before_somebody_answers_for_the_vat(world, session) -> None:
    side = world.ours
    open_shop(session, side)
    terms = PriceTerms(349_900, TODAY)
    set_price(session, scope=side.house_scope, course_id=side.course.id, currency="NOK", terms=terms, by_id=None)
    with pytest.raises(errors.OnRequest):
        price_order(session, course=side.course, country="NO", asked=Asked(10))

    vat = Vat(VatCategory.REVERSE_CHARGE, 0, "Reverse charge")
    _sign(session, side, vat)
    assert price_order(session, course=side.course, country="NO", asked=Asked(10)).quote.vat_minor == 0


@pytest.mark.parametrize(
    ("vat", "changed", "refusal"),
    [
        (Vat(VatCategory.STANDARD, 0), {}, errors.VatRateMissing),
        (Vat(VatCategory.EXEMPT, 0, " "), {}, errors.VatReasonMissing),
        (Vat(VatCategory.STANDARD, 2500), {"valid_from": date(2026, 11, 22)}, errors.DayHasPassed),
    ],
)
def test_a_vat_rule_needs_its_rate_or_its_reason(world, session, vat, changed, refusal) -> None:
    with pytest.raises(refusal):
        _sign(session, world.ours, vat, **changed)


def test_prices_and_vat_of_another_houses_course_are_not_found(world, session) -> None:
    scope, course_id = world.ours.house_scope, world.theirs.course.id
    with pytest.raises(NotFound):
        set_price(
            session,
            scope=scope,
            course_id=course_id,
            currency="DKK",
            terms=PriceTerms(1, TODAY),
            by_id=None,
        )
    with pytest.raises(NotFound):
        _sign(session, world.ours, Vat(VatCategory.STANDARD, 2500), course_id=course_id)


def test_the_demos_shop_sells_the_offer_to_the_oere_and_again_adds_nothing(world, session) -> None:
    world.ours.house.slug = "kursushuset"
    world.theirs.house.slug, world.theirs.house.country = "nordlys", "NO"
    session.flush()
    for _ in range(2):
        demo_shop.make(session)

    counts = [session.query(model).count() for model in (Seller, Price, Campaign, DiscountCode)]
    assert counts == [2, 2, 1, 1]
    course = session.get_one(Course, world.ours.course.id)
    priced = price_order(session, course=course, country="DK", asked=Asked(100, None, "testkommune")).quote
    assert (priced.net_minor, priced.vat_minor, priced.total_minor) == (5_997_500, 1_499_375, 7_496_875)
    places = session.scalars(select(Campaign)).one().places
    assert {place.region_code for place in places} == {f"DK-108{number}" for number in range(1, 6)}


def _sign(session, side, vat, **changed):
    told = {"course_id": None, "buyer_country": "NO", "valid_from": TODAY, "by_id": side.owner.id}
    return sign_vat_rule(session, scope=side.house_scope, vat=vat, **{**told, **changed})


def _some_invoice(placed, side):
    return Invoice(
        course_house_id=side.house.id,
        serial=50,
        number="K-50",
        kind="invoice",
        order=placed,
        issued_on=TODAY,
        due_on=TODAY,
        language="da",
        currency="DKK",
        seller={},
        buyer={},
        references={},
        lines=[],
        seats=1,
        net_minor=0,
        vat_minor=0,
        total_minor=0,
        reason="",
        xml="",
        rules="",
        issued_at=clock.now(),
    )
