"""One's own data: complete, nobody else's, and correctable."""

import json
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from elearn.accounts.models import SignIn
from elearn.billing.models import Order
from elearn.billing.words import amount
from elearn.core import audit
from elearn.core.audit import AuditEvent
from elearn.core.db import Base
from elearn.core.scope import PersonScope
from elearn.feedback.models import NamedResponse
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Seat, SeatEvent
from elearn.personal_data import export
from elearn.personal_data.holdings import BY_TABLE, HOLDINGS
from elearn.personal_data.parts import PARTS
from elearn.personal_data.words import FIELDS, NUMBERS_OF_ROWS, TITLES
from tests.personal_data.planting import address_of, plant

DOWNLOADS = ["/learn/my-data/download", "/learn/my-data/download-pdf"]


@pytest.fixture
def planted(session, installation, world):
    """The texts planted for our learner; another's lie beside them."""
    words = plant(session, installation, world.ours, "CANARY-A")
    plant(session, installation, world.theirs, "CANARY-B")
    return words


@pytest.fixture
def exported(planted, learner):
    response = learner.press("/learn/my-data/download")
    assert response.status_code == 200
    return response


@pytest.fixture
def printed(planted, learner):
    """The PDF's text, without the line ends that a page's width makes."""
    response = learner.press("/learn/my-data/download-pdf")
    assert response.status_code == 200
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(response.data)).pages)
    return "".join(text.split())


def test_every_column_of_every_table_has_its_row():
    held = {holding.table: sorted(holding.columns) for holding in HOLDINGS}
    there = {table.name: sorted(table.columns.keys()) for table in Base.metadata.tables.values()}
    assert held == there, "say in elearn/personal_data/holdings whose it is and how long it is kept"
    assert len(HOLDINGS) == len(BY_TABLE)


def test_every_table_with_a_person_in_it_is_exported_or_has_a_reason_not_to_be():
    about_people = {
        table.name
        for table in Base.metadata.tables.values()
        if {"person_id", "actor_id"} & set(table.columns.keys())
        or any(key.column.table.name == "people" for key in table.foreign_keys)
    }
    exported = {part.model.__tablename__ for part in PARTS} | {"seat_lists"}
    kept_apart = {holding.table for holding in HOLDINGS if holding.why and holding.table not in exported}
    assert about_people <= exported | kept_apart
    assert {holding.table for holding in HOLDINGS if holding.told or holding.named} == exported
    assert all(holding.why for holding in HOLDINGS if holding.apart)


def test_every_part_and_field_has_its_words():
    assert set(TITLES) == set(export.KINDS)
    fields = {
        name.removesuffix("_id") if name in holding.named.split() else name
        for holding in HOLDINGS
        for name in (holding.told + " " + holding.named).split()
    }
    assert fields - NUMBERS_OF_ROWS == set(FIELDS)


def test_the_export_holds_what_was_planted_in_every_text_column(planted, exported):
    data = json.loads(exported.text)
    assert all(data[kind] for kind in export.KINDS), [kind for kind, rows in data.items() if not rows]
    assert not [word for word in planted if word not in exported.text]
    assert data["films_watched"][0]["seen"] == [[0, 4]]
    assert data["seats"][0]["licence"]["course"] == "hard-talks"
    assert data["lists"][0]["rows"] == [{"email": address_of("CANARY-A"), "name": "CANARY-A listed"}]


def test_the_pdf_holds_the_same(planted, printed):
    assert not [word for word in planted if "".join(word.split()) not in printed]
    assert "CANARY-Alisted" in printed


def printed_for(learner) -> str:
    pdf = PdfReader(BytesIO(learner.press("/learn/my-data/download-pdf").data))
    return "".join("".join(page.extract_text() for page in pdf.pages).split())


def test_the_pdf_tells_a_draft_s_answers_whatever_the_ids_of_their_questions_are(session, planted, world, learner):
    answers = {"at": "Between two appointments", "seen": {"seen": 2, "made_at": 4}, "answers": ["school", "daycare"]}
    kept = session.scalars(select(NamedResponse).where(NamedResponse.person_id == world.ours.learner.id)).one()
    kept.answers, kept.submitted_at = answers, None
    session.commit()
    assert "at:Betweentwoappointments,seen:seen:2,made_at:4,answers:school;daycare" in printed_for(learner)


def test_answers_that_were_sent_stand_in_the_form_s_own_words(session, planted, world, learner):
    kept = session.scalars(select(NamedResponse).where(NamedResponse.person_id == world.ours.learner.id)).one()
    kept.answers = {"notice": 4, "more": "Between two appointments"}
    session.commit()
    (told,) = json.loads(learner.press("/learn/my-data/download").text)["feedback_by_name"]
    assert told["answers"] == {"notice": 4, "more": "Between two appointments"}
    assert told["answers_in_words"] == [
        {"question": "Question notice", "answer": ["Point 4"]},
        {"question": "Question more", "answer": ["Between two appointments"]},
    ]
    paper = printed_for(learner)
    assert "Questionnotice:Point4" in paper
    assert "notice:4" not in paper


def test_the_pdf_says_times_places_sums_and_words_of_ours_as_people_read_them(session, planted, world, learner):
    person_id = world.ours.learner.id
    watched = session.scalars(select(VideoProgress).where(VideoProgress.person_id == person_id)).one()
    watched.opened_ms, watched.position_ms = 1_795_840_909_932, 83_500
    placed = session.scalars(select(Order).where(Order.person_id == person_id)).first()
    placed.currency = "DKK"
    session.commit()
    pdf = PdfReader(BytesIO(learner.press("/learn/my-data/download-pdf").data))
    told = "".join("".join(page.extract_text() for page in pdf.pages).split())
    total = amount(placed.total_minor, "DKK").replace(" ", "")
    readable = ("2026-11-2804:41", "01:23", total, "Role:Learner", "Whathappened:Accepted")
    assert [words for words in readable if words not in told] == []
    assert [raw for raw in ("1795840909932", "83500", "Whathappened:claimed") if raw in told] == []


def test_neither_holds_anything_of_anybody_else_nor_a_secret(exported, printed):
    for told in (exported.text, printed):
        assert "CANARY-B" not in told
        assert "kept@list.example" not in told
        for secret in ("token", "by_id", "CANARY-A secret", "credential", "password_hash"):
            assert secret not in told


def test_the_pdf_is_accessible_and_in_the_persons_language(session, planted, world, learner):
    session.merge(world.ours.learner).language = "da"
    session.commit()
    pdf = PdfReader(BytesIO(learner.press("/learn/my-data/download-pdf").data))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "da"
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()


@pytest.mark.parametrize("path", DOWNLOADS)
def test_an_export_is_a_file_that_is_not_kept_and_is_audited(session, world, learner, path):
    response = learner.press(path)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="my-data.')
    assert response.headers["Cache-Control"] == "no-store"
    kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.actor_id == world.ours.learner.id)).all()
    assert "personal_data.exported" in kinds


def test_exports_are_limited(learner):
    answers = [learner.press("/learn/my-data/download").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_the_page_says_what_is_held_and_who_sees_it(planted, world, learner):
    page = learner.page("/learn/my-data")
    assert address_of("CANARY-A") in page.text
    assert world.ours.municipality.official_name in page.text
    assert "You alone see your notes" in page.text
    assert "CANARY-A notes.text" not in page.text
    row = page.find("th", string="Notes").find_parent("tr")
    assert row.td.text == "1"


def test_the_page_needs_a_sign_in(anonymous):
    assert anonymous.get("/learn/my-data").location.startswith("/sign-in")
    assert anonymous.press("/learn/my-data/download").status_code == 401


def test_signing_out_everywhere_ends_every_browser_and_every_link_that_waits(session, world, browser):
    one, other = browser().signed_in_as(world.ours.learner), browser().signed_in_as(world.ours.learner)
    assert one.press("/learn/my-data/sign-out-everywhere").location == "/signed-out"
    assert one.get("/learn/my-data").status_code == 303
    assert other.get("/learn/my-data").status_code == 303
    open_ones = select(SignIn).where(SignIn.person_id == world.ours.learner.id, SignIn.ended_at.is_(None))
    assert session.scalars(open_ones).all() == []


def test_signing_out_everywhere_leaves_others_signed_in(learner, stranger):
    learner.press("/learn/my-data/sign-out-everywhere")
    assert stranger.get("/learn/my-data").status_code == 200


def test_counting_gives_the_same_rows_as_exporting(session, planted, world):
    scope = PersonScope(world.ours.learner.id)
    data = export.export(session, scope)
    assert export.counts(session, scope) == {kind: len(data[kind]) for kind in export.KINDS}


def test_events_about_a_person_done_by_others_are_in_their_export(session, world):
    audit.record(
        session,
        audit.KINDS["accounts.signed_in"],
        actor_id=world.ours.owner.id,
        person_id=world.ours.learner.id,
        door="by somebody else",
    )
    session.flush()
    events = export.export(session, PersonScope(world.ours.learner.id))["events"]
    assert any(event["data"].get("door") == "by somebody else" for event in events)


def test_the_history_of_a_seat_given_back_is_still_in_the_export(session, world):
    seat = world.ours.seat(session)
    history = session.scalars(select(SeatEvent).where(SeatEvent.person_id == world.ours.learner.id)).all()
    seat.person_id = seat.claimed_at = seat.invited_at = seat.first_used_at = seat.holds_until = None
    session.flush()
    data = export.export(session, PersonScope(world.ours.learner.id))
    assert session.scalars(select(Seat).where(Seat.person_id == world.ours.learner.id)).all() == []
    assert len(data["seat_history"]) == len(history) > 0


def test_a_new_name_is_the_one_lists_are_sorted_by(session, world, learner):
    learner.press("/learn/my-data/name", name="Åse Ny")
    session.expire_all()
    assert world.ours.seat(session).sort_name == "åse ny"
