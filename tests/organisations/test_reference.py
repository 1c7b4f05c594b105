"""Municipalities and regions: all of them, and dated."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.core.scope import HouseScope
from elearn.organisations.models import Municipality, MunicipalityRegion, Region
from elearn.organisations.queries import search_municipalities
from elearn.organisations.reference import load_reference_data

ANYONE = HouseScope(0, 0)
LAST_DAY, FIRST_DAY = date(2026, 12, 31), date(2027, 1, 1)


def municipality(session: Session, name: str) -> Municipality:
    return session.scalars(select(Municipality).where(Municipality.name == name)).one()


def region_of(session: Session, municipality_id: int, day: date) -> Region | None:
    """Return the region a municipality lies in on a day."""
    return session.scalar(
        select(Region)
        .join(MunicipalityRegion, MunicipalityRegion.region_code == Region.code)
        .where(MunicipalityRegion.municipality_id == municipality_id)
        .where(func.coalesce(MunicipalityRegion.valid_from, day) <= day)
        .where(func.coalesce(MunicipalityRegion.valid_until, day) >= day)
    )


def regions_on(session: Session, day: date, country: str) -> dict[str, int]:
    """Return each region's number of municipalities on a day."""
    ids = session.scalars(select(Municipality.id).where(Municipality.country == country)).all()
    found = [region_of(session, each, day) for each in ids]
    assert None not in found, "every municipality lies in a region"
    names = [region.name for region in found if region]
    return {name: names.count(name) for name in set(names)}


def test_all_municipalities_are_known(session: Session) -> None:
    counted = dict(session.execute(select(Municipality.country, func.count()).group_by(Municipality.country)).all())

    assert counted == {"DK": 98, "NO": 357}


def test_loading_again_changes_nothing(session: Session) -> None:
    before = session.execute(select(MunicipalityRegion)).all()

    assert load_reference_data(session) == 455

    assert not session.dirty
    assert len(session.execute(select(MunicipalityRegion)).all()) == len(before)


def test_what_an_installation_added_itself_stays(session: Session) -> None:
    own = municipality(session, "Favrskov Kommune")
    own.reporting_url = "https://favrskov.example/underretning"
    session.add(Municipality(country="DK", code="9999", name="Own body", official_name="Own body"))
    session.flush()

    load_reference_data(session)

    assert own.reporting_url == "https://favrskov.example/underretning"
    assert municipality(session, "Own body").code == "9999"


def test_denmark_has_five_regions_until_new_year_and_four_after(session: Session) -> None:
    before, after = regions_on(session, LAST_DAY, "DK"), regions_on(session, FIRST_DAY, "DK")

    assert len(before) == 5
    assert len(after) == 4
    assert after["Region Østdanmark"] == before["Region Hovedstaden"] + before["Region Sjælland"]
    assert sum(before.values()) == sum(after.values()) == 98


def test_norwegian_counties_stay_over_new_year(session: Session) -> None:
    assert regions_on(session, LAST_DAY, "NO") == regions_on(session, FIRST_DAY, "NO")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Roskilde Kommune", "Region Sjælland", "Region Østdanmark"),
        ("Københavns Kommune", "Region Hovedstaden", "Region Østdanmark"),
        ("Favrskov Kommune", "Region Midtjylland", "Region Midtjylland"),
    ],
)
def test_a_municipality_lies_in_one_region_on_each_day(session: Session, name: str, before: str, after: str) -> None:
    place = municipality(session, name).id

    found = [region_of(session, place, day) for day in (LAST_DAY, FIRST_DAY)]

    assert [region.name for region in found if region] == [before, after]


def test_no_municipality_lies_in_two_regions_on_one_day(session: Session) -> None:
    for day in (date(2020, 6, 1), LAST_DAY, FIRST_DAY, date(2030, 6, 1)):
        rows = session.execute(
            select(MunicipalityRegion.municipality_id)
            .where(func.coalesce(MunicipalityRegion.valid_from, day) <= day)
            .where(func.coalesce(MunicipalityRegion.valid_until, day) >= day)
            .group_by(MunicipalityRegion.municipality_id)
            .having(func.count() > 1)
        ).all()
        assert rows == []


def test_a_regions_own_dates_agree_with_its_municipalities(session: Session) -> None:
    ended = session.scalars(select(Region).where(Region.valid_until.is_not(None))).all()

    assert {region.valid_until for region in ended} == {LAST_DAY}
    new = session.scalars(select(Region).where(Region.name == "Region Østdanmark")).one()
    assert new.valid_from == FIRST_DAY


@pytest.mark.parametrize("text", ["favrsk", "FAVRSK", " Favrskov ", "0710"])
def test_a_municipality_is_found_by_part_of_its_name_or_number(session: Session, text: str) -> None:
    assert "Favrskov Kommune" in [each.name for each in search_municipalities(session, ANYONE, text)]


@pytest.mark.parametrize("text", ["%", "_", "%%", "'; DROP TABLE seats; --", "\\"])
def test_a_search_for_signs_means_the_signs(session: Session, text: str) -> None:
    found = search_municipalities(session, ANYONE, text)

    assert len(found) <= 20
