"""The municipalities and regions that ship with the product, loaded into the database and kept up to date."""

import csv
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from elearn.organisations.models import Municipality, MunicipalityRegion, Region

DATA = Path(__file__).parent / "data"


def load_reference_data(session: Session) -> int:
    """Bring regions and municipalities in line with the data files; loading again changes nothing.

    Returns how many municipalities the files name. What an installation added itself is left alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE regions IN EXCLUSIVE MODE"))  # of two that load at once, the second waits
    successors = _load_regions(session)
    rows = _rows("municipalities.csv")
    known = {(m.country, m.code): m for m in session.scalars(select(Municipality))}
    regions = {(row.municipality_id, row.region_code): row for row in session.scalars(select(MunicipalityRegion))}
    for row in rows:
        municipality = known.get((row["country"], row["code"]))
        if municipality is None:
            municipality = Municipality(country=row["country"], code=row["code"])
            session.add(municipality)
        municipality.name = row["name"]
        municipality.official_name = row["official_name"]
        municipality.org_number = row["org_number"] or municipality.org_number
    session.flush()  # the new rows' ids are needed below
    known = {(m.country, m.code): m for m in session.scalars(select(Municipality))}
    for row in rows:
        municipality = known[row["country"], row["code"]]
        for code, valid_from, valid_until in _membership_of(row["region"], successors):
            if (municipality.id, code) not in regions:
                session.add(
                    MunicipalityRegion(
                        municipality_id=municipality.id,
                        region_code=code,
                        valid_from=valid_from,
                        valid_until=valid_until,
                    )
                )
    session.flush()
    return len(rows)


def _load_regions(session: Session) -> dict[str, tuple[str, date]]:
    """Load the regions; return, for each that ends, its successor and its last day."""
    successors = {}
    for row in _rows("regions.csv"):
        region = session.get(Region, row["code"]) or Region(code=row["code"])
        region.country, region.name = row["country"], row["name"]
        region.valid_from, region.valid_until = _day(row["valid_from"]), _day(row["valid_until"])
        session.add(region)
        if row["becomes"] and region.valid_until:
            successors[region.code] = (row["becomes"], region.valid_until)
    session.flush()  # municipalities refer to regions
    return successors


def _membership_of(region: str, successors: dict[str, tuple[str, date]]) -> list[tuple[str, date | None, date | None]]:
    if region not in successors:
        return [(region, None, None)]
    successor, last_day = successors[region]
    return [(region, None, last_day), (successor, last_day + timedelta(days=1), None)]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
