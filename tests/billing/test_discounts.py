"""When a discount code holds, and what is said when it does not."""

from dataclasses import replace
from datetime import date

import pytest

from elearn.billing import errors
from elearn.billing.discounts import CodeRule, Wish, check, normalised

FIVE = frozenset({"DK-1081", "DK-1082", "DK-1083", "DK-1084", "DK-1085"})
CAMPAIGN = CodeRule(
    is_active=True,
    currency=None,
    valid_from=date(2026, 11, 1),
    valid_until=date(2027, 4, 30),
    course_ids=frozenset({7}),
    min_seats=100,
    max_seats=100,
    uses_left=5,
    country="DK",
    municipality_id=None,
    region_code=None,
    campaign_country="DK",
    campaign_places=FIVE,
    campaign_starts_on=date(2026, 11, 1),
    campaign_ends_on=date(2027, 4, 30),
)
FAVRSKOV = Wish(
    course_id=7,
    currency="DKK",
    seats=100,
    municipality_id=710,
    country="DK",
    region_codes=frozenset({"DK-1082"}),
    on=date(2026, 11, 26),
)


def test_a_fitting_order_takes_the_place_of_its_region() -> None:
    assert check(CAMPAIGN, FAVRSKOV) == "DK-1082"


def test_a_code_without_a_campaign_takes_no_place() -> None:
    plain = replace(CAMPAIGN, campaign_places=None, campaign_starts_on=None, campaign_ends_on=None)

    assert check(plain, FAVRSKOV) is None
    assert check(replace(CAMPAIGN, campaign_places=frozenset()), FAVRSKOV) is None


@pytest.mark.parametrize(
    ("rule", "wish", "refusal"),
    [
        ({"is_active": False}, {}, errors.CodeUnknown),
        ({}, {"on": date(2026, 10, 31)}, errors.CodeTooEarly),
        ({}, {"on": date(2027, 5, 1)}, errors.CodeExpired),
        ({"valid_from": date(2026, 12, 1)}, {}, errors.CodeTooEarly),
        ({"valid_until": date(2026, 11, 25)}, {}, errors.CodeExpired),
        ({"campaign_starts_on": date(2026, 12, 1)}, {}, errors.CodeTooEarly),
        ({"campaign_ends_on": date(2026, 11, 25)}, {}, errors.CodeExpired),
        ({}, {"course_id": 8}, errors.CodeForOtherCourse),
        ({"currency": "NOK"}, {}, errors.CodeForOtherCurrency),
        ({}, {"country": "NO"}, errors.CodeForOtherCountry),
        ({"country": None}, {"country": "NO"}, errors.CodeForOtherCountry),
        ({"country": None, "campaign_country": "NO"}, {}, errors.CodeForOtherCountry),
        ({"municipality_id": 615}, {}, errors.CodeForOtherMunicipality),
        ({"region_code": "DK-1081"}, {}, errors.CodeForOtherPlace),
        ({"campaign_places": frozenset({"DK-1081"})}, {}, errors.CodeForOtherPlace),
        ({}, {"seats": 99}, errors.CodeForOtherSize),
        ({}, {"seats": 101}, errors.CodeForOtherSize),
        ({"uses_left": 0}, {}, errors.CodeUsedUp),
    ],
)
def test_each_condition_refuses_with_its_own_reason(rule: dict, wish: dict, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        check(replace(CAMPAIGN, **rule), replace(FAVRSKOV, **wish))
    assert type(refused.value) is refusal


@pytest.mark.parametrize("on", [date(2026, 11, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 4, 30)])
def test_its_days_are_inclusive(on: date) -> None:
    assert check(CAMPAIGN, replace(FAVRSKOV, on=on)) == "DK-1082"


def test_its_sizes_are_inclusive_and_may_be_open() -> None:
    range_of_sizes = replace(CAMPAIGN, min_seats=10, max_seats=20)
    for seats in (10, 20):
        assert check(range_of_sizes, replace(FAVRSKOV, seats=seats))
    for seats in (1, 9999):
        assert check(replace(CAMPAIGN, min_seats=None, max_seats=None), replace(FAVRSKOV, seats=seats))
    assert check(replace(CAMPAIGN, uses_left=1), FAVRSKOV)
    assert check(replace(CAMPAIGN, uses_left=None, course_ids=frozenset()), FAVRSKOV)


def test_the_refusal_says_days_and_sizes() -> None:
    with pytest.raises(errors.CodeExpired) as ended:
        check(CAMPAIGN, replace(FAVRSKOV, on=date(2027, 6, 1)))
    with pytest.raises(errors.CodeTooEarly) as early:
        check(CAMPAIGN, replace(FAVRSKOV, on=date(2026, 6, 1)))
    with pytest.raises(errors.CodeForOtherSize) as size:
        check(CAMPAIGN, replace(FAVRSKOV, seats=101))
    with pytest.raises(errors.CodeForOtherCountry) as country:
        check(CAMPAIGN, replace(FAVRSKOV, country="NO"))

    assert ended.value.ended == date(2027, 4, 30)
    assert early.value.begins == date(2026, 11, 1)
    assert (size.value.least, size.value.most) == (100, 100)
    assert country.value.country == "DK"


def test_codes_are_compared_without_case_spaces_and_odd_widths() -> None:
    assert normalised(" favr skov-1 ") == "FAVRSKOV-1"
    assert normalised("ＡＢＣ") == "ABC"


def test_where_is_not_asked_before_the_municipality_is_known() -> None:
    unknown = replace(FAVRSKOV, municipality_id=None, region_codes=frozenset())

    assert check(CAMPAIGN, unknown) is None
    assert check(replace(CAMPAIGN, municipality_id=615, region_code="DK-1081"), unknown) is None
    with pytest.raises(errors.CodeForOtherCountry):
        check(CAMPAIGN, replace(unknown, country="NO"))
