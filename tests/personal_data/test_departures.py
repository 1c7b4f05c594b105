"""A municipality leaves: nothing before its day, nothing of it after, and a receipt."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core import audit
from elearn.core.audit import AuditEvent
from elearn.core.db import Base
from elearn.core.errors import NotFound
from elearn.core.scope import PersonScope
from elearn.feedback.models import FeedbackForm, FeedbackRound, SpooledResponse
from elearn.learning.models import Certificate, Note, VideoProgress
from elearn.licensing.models import Licence, LicenceMessage, Seat, SeatEvent
from elearn.licensing.services import grant_licence
from elearn.mail.models import Letter
from elearn.organisations.models import ApiToken, GlnNumber, Membership, Municipality
from elearn.personal_data import departures, export
from elearn.personal_data.jobs import carry_out_departures
from elearn.personal_data.models import Departure
from tests.client import queries
from tests.conftest import NOW
from tests.personal_data.planting import address_of, plant

STAYS = {"licences", "orders", "municipality_regions", "audit_events", "departures", "released_answers"}
"""What may name a municipality that has left: what was sold, the public list, the trail in numbers, the receipt, and
answers that lead to nobody."""
REASON = "The agreement has ended"


@pytest.fixture
def planted(session, installation, world):
    """Our municipality has something in every table; so has theirs."""
    plant(session, installation, world.ours, "CANARY-A")
    plant(session, installation, world.theirs, "CANARY-B")
    municipality_id = world.ours.municipality.id
    session.add_all(
        [
            ApiToken(municipality_id=municipality_id, name="HR", token_hash="h", scopes=[], created_at=NOW),
            GlnNumber(municipality_id=municipality_id, gln="5790000000005", label="School"),
            _waiting_answers(session, world),
            LicenceMessage(
                licence_id=world.ours.licence.id,
                sent_by_id=world.ours.buyer.id,
                press="p",
                text="See you",
                at=NOW,
                recipients=1,
            ),
        ]
    )
    session.commit()


def _waiting_answers(session, world) -> SpooledResponse:
    form = session.scalars(select(FeedbackForm).where(FeedbackForm.course_id == world.ours.course.id)).one()
    return SpooledResponse(
        id="s",
        round_id=session.scalars(select(FeedbackRound.id).where(FeedbackRound.course_id == form.course_id)).one(),
        form_id=form.id,
        form_version_id=form.current_version_id,
        about="",
        audience="staff",
        municipality_id=world.ours.municipality.id,
        may_quote=False,
        answers={},
    )


def path(world) -> str:
    return f"/owner/municipalities/{world.ours.municipality.id}/departure"


def start(owner, world, days=10):
    day = NOW.date() + timedelta(days=days)
    return owner.press(path(world), delete_on=day.isoformat(), reason=REASON)


def leave(session, installation, owner, world, clock):
    assert start(owner, world).status_code == 303
    clock.advance(days=10)
    carry_out_departures(installation, session)
    session.commit()
    session.expire_all()


def rows_with(session, municipality_id) -> dict[str, int]:
    """Return how many rows name a municipality, by table."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if "municipality_id" in table.columns:
            number = session.scalar(
                select(func.count()).select_from(table).where(table.c.municipality_id == municipality_id)
            )
            if number:
                found[table.name] = number
    return found


def test_nothing_is_deleted_before_the_day(session, installation, world, planted, owner, clock):
    before = rows_with(session, world.ours.municipality.id)
    assert start(owner, world).status_code == 303
    clock.advance(days=9)
    carry_out_departures(installation, session)
    after = rows_with(session, world.ours.municipality.id)
    assert {name: after[name] for name in before if name != "audit_events"} == {
        name: number for name, number in before.items() if name != "audit_events"
    }


def test_afterwards_no_row_names_the_municipality_but_those_that_stay(
    session, installation, world, planted, owner, clock
):
    municipality_id, licence_id = world.ours.municipality.id, world.ours.licence.id
    assert set(rows_with(session, municipality_id)) - STAYS == {
        "api_tokens",
        "departments",
        "gln_numbers",
        "memberships",
        "training_rules",
        "quotes",
        "campaign_applications",
        "feedback_receipts",
        "named_responses",
        "feedback_spool",
        "feedback_occasions",
    }
    leave(session, installation, owner, world, clock)

    assert set(rows_with(session, municipality_id)) <= STAYS
    for table in Base.metadata.sorted_tables:
        if "licence_id" in table.columns and table.name != "seats":
            assert not session.execute(select(table).where(table.c.licence_id == licence_id)).all(), table.name
    seats = session.scalars(select(Seat).where(Seat.licence_id == licence_id)).all()
    assert seats
    assert not [seat for seat in seats if seat.person_id or seat.sort_name or seat.department_id or seat.sector]
    assert session.get_one(Licence, licence_id).ends_on == NOW.date() + timedelta(days=10)
    municipality = session.get_one(Municipality, municipality_id)
    assert (municipality.reporting_url, municipality.reporting_phone) == (None, None)


def test_people_keep_what_is_their_own(session, installation, world, planted, owner, clock):
    learner_id = world.ours.learner.id
    events = session.scalar(select(func.count()).select_from(SeatEvent).where(SeatEvent.person_id == learner_id))
    leave(session, installation, owner, world, clock)

    assert session.get(Person, learner_id) is not None
    for model in (VideoProgress, Note):
        assert session.scalars(select(model).where(model.person_id == learner_id)).all()
    assert session.scalars(select(Certificate)).all()
    left = session.scalar(select(func.count()).select_from(SeatEvent).where(SeatEvent.person_id == learner_id))
    assert left == events + 1, "the history keeps the number, and says that the person left"


def test_the_other_municipality_is_as_it_was(session, installation, world, planted, owner, clock):
    municipality_id, scope = world.theirs.municipality.id, PersonScope(world.theirs.learner.id)
    before, told = rows_with(session, municipality_id), export.export(session, scope)
    leave(session, installation, owner, world, clock)
    after = export.export(session, scope)
    assert rows_with(session, municipality_id) == before
    assert {**after, "written_at": 0} == {**told, "written_at": 0}


def test_where_another_house_has_given_seats_what_is_shared_stays(session, installation, world, planted, owner, clock):
    municipality_id = world.ours.municipality.id
    theirs = world.theirs
    licence = grant_licence(
        session,
        house=theirs.house,
        course=session.get_one(Course, theirs.course.id),
        municipality=world.ours.municipality,
        seats=2,
        starts_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=300),
        reason="x",
        by_id=theirs.owner.id,
    )
    session.commit()
    licence_id = licence.id
    leave(session, installation, owner, world, clock)

    assert {"memberships", "departments", "api_tokens"} <= set(rows_with(session, municipality_id))
    assert session.get_one(Licence, licence_id).ends_on == NOW.date() + timedelta(days=300)
    assert not session.scalars(
        select(Seat).where(Seat.licence_id == world.ours.licence.id, Seat.person_id.is_not(None))
    ).all()


def test_the_receipt_says_in_numbers_what_was_deleted(session, installation, world, planted, owner, clock, browser):
    members = session.scalar(
        select(func.count()).select_from(Membership).where(Membership.municipality_id == world.ours.municipality.id)
    )
    leave(session, installation, owner, world, clock)
    receipt = session.scalars(select(Departure)).one().receipt
    assert (receipt["memberships"], receipt["seats"], receipt["tokens"], receipt["numbers"]) == (members, 2, 1, 1)
    assert (receipt["answered"], receipt["occasions"]) == (1, 1)

    owner = browser().signed_in_as(world.ours.owner)
    assert REASON in owner.page(path(world)).text
    pdf = PdfReader(BytesIO(owner.get(f"{path(world)}/receipt.pdf").data))
    text = "".join(page.extract_text() for page in pdf.pages)
    assert "CANARY" not in text
    for said in ("Receipt of deletion", REASON, "Departments", "their own", world.ours.municipality.official_name):
        assert said in " ".join(text.split())
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()


def test_a_departure_is_called_off_and_the_buyers_are_told_meanwhile(session, world, owner, browser):
    buyer = browser().signed_in_as(world.ours.buyer)
    data = f"/municipalities/{world.ours.municipality.id}/data"
    start(owner, world)
    assert "leaves on 3 December 2026" in buyer.page(data).text
    assert owner.press(f"{path(world)}/call-off").status_code == 303
    assert "leaves on" not in buyer.page(data).text
    assert session.scalars(select(Departure)).all() == []
    assert owner.press(f"{path(world)}/call-off").status_code == 404


def test_the_buyers_are_written_to_when_it_starts_and_when_it_is_called_off(session, world, owner):
    start(owner, world)
    start(owner, world)  # pressed twice
    owner.press(f"{path(world)}/call-off")
    letters = session.scalars(select(Letter).where(Letter.kind.startswith("personal_data/")).order_by(Letter.id)).all()
    assert [(letter.kind, letter.recipient) for letter in letters] == [
        ("personal_data/leaving", "buyer@ours.example"),
        ("personal_data/stays", "buyer@ours.example"),
    ]
    told = letters[0].context
    assert told["day"] == "3 December 2026"
    assert told["sign_in_path"] == f"/sign-in?next=/municipalities/{world.ours.municipality.id}/data"


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_the_day_is_tomorrow_to_30_days_from_now(session, world, owner, days):
    answer = start(owner, world, days)
    assert answer.status_code == 422
    assert "Choose a day from 24 November 2026 to 23 December 2026" in answer.text
    assert start(owner, world, 30).status_code == 303
    assert start(owner, world, 30).status_code == 303, "a second press changes nothing"
    assert len(session.scalars(select(Departure)).all()) == 1


def test_another_house_finds_no_such_municipality(session, world, browser):
    other = browser().signed_in_as(world.theirs.owner)
    assert other.get(path(world)).status_code == 404
    assert start(other, world).status_code == 404
    with pytest.raises(NotFound):
        departures.customer(session, world.theirs.house_scope, world.ours.municipality.id)


def unpacked(response) -> tuple[dict, object]:
    zipped = zipfile.ZipFile(BytesIO(response.data))
    return json.loads(zipped.read("data.json")), load_workbook(BytesIO(zipped.read("data.xlsx")))


def test_a_buyer_takes_people_seats_history_and_completions_along(session, world, planted, browser):
    buyer = browser().signed_in_as(world.ours.buyer)
    response = buyer.press(f"/municipalities/{world.ours.municipality.id}/data/export")
    tables, book = unpacked(response)

    assert set(tables) == {"people", "seats", "history", "completions"}
    learner = {"name": "CANARY-A people.name", "email": address_of("CANARY-A")}
    completed = {"course": "hard-talks", "completed": NOW.date().isoformat()}
    assert tables["completions"] == [learner | completed]
    claimed = next(row for row in tables["seats"] if row["email"] == address_of("CANARY-A"))
    assert (claimed["state"], claimed["accepted"]) == ("claimed", NOW.date().isoformat())
    assert {row["what"] for row in tables["history"] if row["name"]} >= {"invited"}
    assert any(row["role"] == "buyer" for row in tables["people"])
    assert len(book.sheetnames) == 4
    told = json.dumps(tables)
    for private in ("CANARY-B", "video", "seen", "position", "CANARY-A notes", "passage"):
        assert private not in told, "nobody else's, and nothing of what was watched"
    assert response.headers["Cache-Control"] == "no-store"


def test_an_export_is_audited_and_listed_with_who_took_it(session, world, browser):
    buyer = browser().signed_in_as(world.ours.buyer)
    data = f"/municipalities/{world.ours.municipality.id}/data"
    assert "Nobody yet" in buyer.page(data).text
    buyer.press(f"{data}/export")
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "personal_data.municipality.exported")).one()
    assert (event.actor_id, event.municipality_id) == (world.ours.buyer.id, world.ours.municipality.id)
    assert "Buyer ours" in buyer.page(data).text
    assert "personal_data.municipality.exported" in audit.KINDS


def test_cells_that_look_like_formulas_are_made_harmless(session, world, browser):
    session.merge(world.ours.learner).name = "=HYPERLINK(1)"
    session.commit()
    buyer = browser().signed_in_as(world.ours.buyer)
    tables, book = unpacked(buyer.press(f"/municipalities/{world.ours.municipality.id}/data/export"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "'=HYPERLINK(1)" in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(row["name"] == "=HYPERLINK(1)" for row in tables["people"]), "the JSON is as it stands"


def test_the_list_takes_as_many_queries_however_many_customers_there_are(session, world, owner, database):
    before = queries(database, owner, "/owner/departures")
    for number in range(3):
        session.add(
            Municipality(
                country="DK", course_house_id=world.ours.house.id, name=f"Daycare {number}", official_name=f"D {number}"
            )
        )
    session.commit()

    assert queries(database, owner, "/owner/departures") == before
