"""Which VAT a sale carries, from dated data."""

from datetime import date

import pytest

from elearn.billing.models import Seller, VatRule
from elearn.billing.pricing import Vat, VatCategory
from elearn.billing.vat import NOT_REGISTERED, Domestic, domestic, vat_for
from elearn.core import clock as product_clock
from tests.billing.shop import open_shop

MOMS = Vat(VatCategory.STANDARD, 2500)
TODAY = date(2026, 11, 23)


@pytest.fixture
def seller(world, session) -> Seller:
    open_shop(session, world.ours)
    return session.get_one(Seller, world.ours.house.id)


@pytest.fixture
def vat(session, seller, world):
    def ask(country: str = "DK", on: date = TODAY, course_id: int | None = None) -> Vat | None:
        return vat_for(
            session, seller=seller, course_id=course_id or world.ours.course.id, buyer_country=country, on=on
        )

    return ask


@pytest.fixture
def sign(session, seller):
    def add(country: str, valid_from: date, category: str = "AE", rate: int = 0, **more: object) -> None:
        reason = "" if category == "S" else f"Reason of {valid_from}"
        session.add(
            VatRule(
                course_house_id=seller.course_house_id,
                buyer_country=country,
                category=category,
                rate_bp=rate,
                reason=reason,
                valid_from=valid_from,
                signed_off_at=product_clock.now(),
                **more,
            )
        )
        session.flush()

    return add


def test_at_home_the_countrys_rate_holds(vat) -> None:
    assert vat() == MOMS
    assert {each.country for each in domestic()} == {"DK", "NO"}
    assert vat(on=date(1991, 12, 31)) is None
    assert vat(on=date(1992, 1, 1)) == MOMS


def test_the_countrys_newest_rate_that_has_begun_holds(vat, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = [(date(2026, 1, 1), 2200), (date(1992, 1, 1), 2500), (date(2027, 1, 1), 100)]
    known = [Domestic("DK", day, Vat(VatCategory.STANDARD, rate)) for day, rate in rates]
    other = Domestic("NO", date(2026, 6, 1), Vat(VatCategory.STANDARD, 1))
    monkeypatch.setattr("elearn.billing.vat.domestic", lambda: (*known, other))

    assert vat().rate_bp == 2200
    assert vat(on=date(2025, 12, 31)).rate_bp == 2500
    assert vat(on=date(2027, 1, 1)).rate_bp == 100


def test_across_the_border_nothing_is_known_until_the_seller_signs_it_off(vat, sign) -> None:
    assert vat("NO") is None
    sign("NO", date(2026, 12, 1))
    assert vat("NO") is None, "not from today"
    sign("NO", TODAY)
    assert vat("NO") == Vat(VatCategory.REVERSE_CHARGE, 0, "Reason of 2026-11-23")


def test_the_newest_rule_that_has_begun_holds(vat, sign) -> None:
    sign("DK", date(2026, 1, 1), "E")
    sign("DK", date(2027, 1, 1), "S", 2000)
    assert vat().category is VatCategory.EXEMPT
    assert vat(on=date(2027, 1, 1)) == Vat(VatCategory.STANDARD, 2000)
    sign("DK", date(2025, 1, 1), "O")
    assert vat().category is VatCategory.EXEMPT, "what was signed last is not newest"
    sign("DK", date(2026, 1, 1), "AE")
    assert vat().category is VatCategory.REVERSE_CHARGE, "of one day, what was signed last"


def test_a_rule_for_one_country_says_nothing_of_another(vat, sign) -> None:
    sign("NO", date(2026, 11, 1), "O")
    assert vat() == MOMS


def test_a_courses_own_rule_goes_before_all_others(vat, sign, world) -> None:
    sign("DK", date(2026, 11, 1), "E")
    sign("DK", date(2026, 1, 1), "O", course_id=world.ours.course.id)
    assert vat().category is VatCategory.OUTSIDE
    assert vat(course_id=world.theirs.course.id).category is VatCategory.EXEMPT


def test_a_seller_without_registration_charges_none(vat, seller) -> None:
    seller.is_vat_registered = False
    assert vat() == NOT_REGISTERED
    assert vat("NO") is None


def test_a_rule_is_the_house_s_own(session, world, vat, sign) -> None:
    sign("DK", date(2026, 1, 1), "E")
    open_shop(session, world.theirs)
    theirs = session.get_one(Seller, world.theirs.house.id)
    assert vat_for(session, seller=theirs, course_id=world.theirs.course.id, buyer_country="DK", on=TODAY) == MOMS
