"""The buyer's list of people as a file."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.audit import AuditEvent
from elearn.core.limits import Limit
from elearn.home.buyer import list_files
from tests.home.buyer_steps import home, licence_path
from tests.world import World


def test_the_list_is_fetched_as_csv_and_as_excel_and_that_is_noted(buyer, session: Session, world: World) -> None:
    text = buyer.get(f"{licence_path(world)}/people.csv")
    book = buyer.get(f"{licence_path(world)}/people.xlsx?state=invited")

    assert text.content_type == "text/csv; charset=utf-8"
    assert {each.headers["Cache-Control"] for each in (text, book)} == {"no-store"}, "names stay in no browser's cache"
    assert text.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.data.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Name", "Invited ours", "Learner-ours"]
    assert rows[2][4:7] == ["Accepted, not started", "2026-11-23", "2026-11-23"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert [row[0].value for row in sheet.iter_rows()] == ["Name", "Invited ours"]
    session.expire_all()
    exported = select(AuditEvent).where(AuditEvent.kind == "licensing.people.exported").order_by(AuditEvent.id)
    events = session.scalars(exported).all()
    assert [(e.actor_id, e.data["file"], e.data["people"]) for e in events] == [
        (world.ours.buyer.id, "people.csv", 2),
        (world.ours.buyer.id, "people.xlsx", 1),
    ]


def test_a_name_that_looks_like_a_formula_is_only_text(buyer, session: Session, world: World) -> None:
    session.get_one(Person, world.ours.invited.id).name = '=HYPERLINK("http://evil.example";"Click")'
    session.commit()

    text = buyer.get(f"{licence_path(world)}/people.csv").data.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(buyer.get(f"{licence_path(world)}/people.xlsx").data)).active

    assert [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")][1].startswith("'=HYPERLINK")
    assert sheet["A2"].data_type != "f"
    assert sheet["A2"].value.startswith("'=HYPERLINK")


def test_lists_are_fetched_at_most_60_times_an_hour(buyer, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_files, "FETCHED", Limit("buyer.lists_fetched", attempts=2, window_s=3600))

    first, second = (buyer.get(f"{licence_path(world)}/people.{ending}") for ending in ("csv", "xlsx"))
    third = buyer.get(f"{home(world)}/training/due.csv")

    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
