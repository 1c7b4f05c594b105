"""EAN and organisation numbers, and customers that are one course house's alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.licensing.customers import customer, customers
from elearn.licensing.services import grant_licence
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid, NumberTaken
from elearn.organisations.models import Municipality
from elearn.organisations.numbers import check_gln, check_org_number
from elearn.organisations.queries import gln_numbers, search_municipalities
from elearn.organisations.services import add_customer, add_gln, remove_gln, write_org_number
from tests.world import World

GLN = "5790001330552"
CVR = "13585628"
ORGNR = "988077917"


@pytest.mark.parametrize("written", [GLN, "5790 0013 30552", " 5790001330552 "])
def test_spaces_in_an_ean_number_are_no_matter(written: str) -> None:
    assert check_gln(written) == GLN


@pytest.mark.parametrize(("written", "digits"), [("579000133055", 12), ("57900013305520", 14), ("40170725", 8)])
def test_an_ean_number_of_other_length_is_counted(written: str, digits: int) -> None:
    with pytest.raises(NumberHasOtherLength) as refused:
        check_gln(written)

    assert refused.value.digits == digits


@pytest.mark.parametrize("written", ["5790001330553", "579000133055x", "", "٥٧٩٠٠٠١٣٣٠٥٥٢"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises((NumberNotValid, NumberHasOtherLength)):
        check_gln(written)


@given(position=st.integers(0, 12), other=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_seen(position: int, other: str) -> None:
    written = GLN[:position] + other + GLN[position + 1 :]

    if written == GLN:
        assert check_gln(written) == GLN
    else:
        with pytest.raises(NumberNotValid):
            check_gln(written)


@pytest.mark.parametrize(("number", "country"), [(CVR, "DK"), (ORGNR, "NO")])
def test_organisation_numbers_go_by_their_countrys_rule(number: str, country: str) -> None:
    assert check_org_number(number, country) == number
    with pytest.raises(NumberHasOtherLength):
        check_org_number(number, {"DK": "NO", "NO": "DK"}[country])


def test_a_municipality_has_several_numbers_each_once(session, world: World) -> None:
    ours, theirs = (MunicipalityScope(side.municipality.id, None) for side in (world.ours, world.theirs))
    number = add_gln(session, scope=ours, gln=GLN, label="Schools", by_id=None)
    add_gln(session, scope=theirs, gln=GLN, label="Schools", by_id=None)

    with pytest.raises(NumberTaken):
        add_gln(session, scope=ours, gln=GLN, label="Again", by_id=None)
    with pytest.raises(NotFound):
        remove_gln(session, scope=theirs, gln_id=number.id, by_id=None)
    remove_gln(session, scope=ours, gln_id=number.id, by_id=None)
    assert gln_numbers(session, ours) == []
    assert len(gln_numbers(session, theirs)) == 1


def test_a_missing_number_is_written_once(session) -> None:
    haram = session.scalars(select(Municipality).where(Municipality.code == "1580", Municipality.country == "NO")).one()
    assert haram.org_number is None

    write_org_number(session, municipality=haram, org_number=ORGNR, by_id=None)

    with pytest.raises(NumberTaken):
        write_org_number(session, municipality=haram, org_number=ORGNR, by_id=None)


def add(session, side, name: str = "Private daycare", number: str = CVR) -> Municipality:
    return add_customer(
        session, scope=side.house_scope, name=name, country="DK", org_number=number, by_id=side.owner.id
    )


def test_an_added_customer_is_its_houses_alone(session, world: World) -> None:
    added = add(session, world.ours)

    assert added in search_municipalities(session, world.ours.house_scope, "Private")
    assert search_municipalities(session, world.theirs.house_scope, "Private") == []
    assert customer(session, world.ours.house_scope, added.id) is added
    with pytest.raises(NotFound):
        customer(session, world.theirs.house_scope, added.id)
    names = [row.municipality.name for row in customers(session, world.theirs.house_scope).rows]
    assert names == [world.theirs.municipality.name]


def test_another_house_cannot_give_it_a_licence(session, world: World) -> None:
    added, today = add(session, world.ours), clock.today("DK")

    def grant(side):
        return grant_licence(
            session,
            house=side.house,
            course=side.course,
            municipality=added,
            seats=1,
            starts_on=today,
            ends_on=today + timedelta(days=1),
            reason="Test",
            by_id=None,
        )

    with pytest.raises(NotFound):
        grant(world.theirs)
    assert grant(world.ours).municipality is added


def test_a_number_is_known_once_in_a_house(session, world: World) -> None:
    add(session, world.ours)

    with pytest.raises(NumberTaken):
        add(session, world.ours, "The same again")
    assert add(session, world.theirs, "Theirs").course_house_id == world.theirs.house.id
    public = session.scalars(select(Municipality.org_number).where(Municipality.code == "0710")).one()
    with pytest.raises(NumberTaken):
        add(session, world.theirs, "A municipality by another name", public)


def test_customers_are_those_with_a_licence_or_added(session, world: World) -> None:
    add(session, world.ours)

    page = customers(session, world.ours.house_scope)
    assert [(row.municipality.name, row.licences, row.buyers) for row in page.rows] == [
        (world.ours.municipality.name, 1, 1),
        ("Private daycare", 0, 0),
    ]
    assert customers(session, world.ours.house_scope, text="daycare").total == 1
