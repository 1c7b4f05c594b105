"""One's own data: complete, nobody else's, and correctable."""

import json

import pytest
from sqlalchemy import select

from elearn.accounts.models import EmailAddress, Person, SignIn, SignInLink
from elearn.catalogue.models import Lesson, Module
from elearn.core import audit, clock
from elearn.core.audit import AuditEvent
from elearn.core.db import Base
from elearn.core.scope import PersonScope
from elearn.learning import certificates, personal_data
from elearn.learning.models import Completion, LessonCompletion, Note, PassageSkip, VideoProgress
from elearn.licensing.models import Invitation, Seat, SeatEvent
from elearn.mail.models import Letter
from elearn.media.models import Video
from elearn.organisations.models import Membership

NOT_IN_THE_EXPORT = {
    "licences": "granted by an owner: the municipality's record; the owner's own trail of events holds it",
    "course_versions": "published by an owner: the same",
}
"""Tables that point at people but are not about them, and why."""


def plant(session, person: Person, course, canary: str) -> None:
    """Leave a trace of a person in every table there is for them."""
    module = session.scalars(select(Module).where(Module.course_id == course.id)).first()
    lesson = session.scalars(select(Lesson).where(Lesson.module_id == module.id)).first()
    video = session.scalars(select(Video).where(Video.course_house_id == course.course_house_id)).first()
    email = session.scalars(select(EmailAddress).where(EmailAddress.person_id == person.id)).first()
    now = clock.now()
    person.name = f"{canary} name"
    email.address = f"{canary}@address.example"
    session.add_all(
        [
            VideoProgress(
                person_id=person.id,
                video_id=video.id,
                seen=(0b1111, video.length_s),
                position_ms=4000,
                opened_ms=1,
                first_ticket_ms=1,
                sequence=1,
                updated_at=now,
            ),
            PassageSkip(person_id=person.id, video_id=video.id, passage=f"{canary} passage", at=now),
            LessonCompletion(
                person_id=person.id,
                lesson_id=lesson.id,
                how="read",
                completed_at=now,
                course_version_id=course.current_version_id,
            ),
            Note(person_id=person.id, module_id=module.id, question="a-child", text=f"{canary} note", saved_at=now),
            Letter(
                kind="accounts/sign_in",
                recipient=email.address,
                language="en",
                context={"name": f"{canary} letter"},
                queued_at=now,
            ),
            SignInLink(
                person_id=person.id,
                email_address_id=email.id,
                token_hash=f"{canary} secret",
                created_at=now,
                expires_at=now,
                next_path=f"/{canary}-link",
            ),
        ]
    )
    membership = session.scalars(select(Membership).where(Membership.person_id == person.id)).first()
    membership.sector = f"{canary} sector"
    invitation = session.scalars(select(Invitation).where(Invitation.person_id == person.id)).first()
    invitation.message = f"{canary} invitation"
    completion = Completion(
        person_id=person.id, course_id=course.id, course_version_id=course.current_version_id, completed_at=now
    )
    session.add(completion)
    session.flush()
    certificates.issue(session, completion)
    session.commit()


@pytest.fixture
def exported(session, world, learner):
    plant(session, world.ours.learner, world.ours.course, "CANARY-A")
    plant(session, world.theirs.learner, world.theirs.course, "CANARY-B")
    response = learner.press("/learn/my-data/download")
    assert response.status_code == 200
    return response


def test_every_table_with_a_person_in_it_is_exported_or_has_a_reason_not_to_be():
    about_people = {
        table.name
        for table in Base.metadata.tables.values()
        if {"person_id", "actor_id"} & set(table.columns.keys())
        or any(key.column.table.name == "people" for key in table.foreign_keys)
    }
    exported = {part.model.__tablename__ for part in personal_data.PARTS}
    assert about_people - exported == set(NOT_IN_THE_EXPORT)


def test_the_export_holds_what_was_planted_in_every_table(exported):
    data = json.loads(exported.text)
    assert all(data[part.name] for part in personal_data.PARTS), [k for k, v in data.items() if not v]
    for planted in ("name", "passage", "note", "letter", "sector", "invitation"):
        assert f"CANARY-A {planted}" in exported.text
    assert "CANARY-A@address.example" in exported.text
    assert "/CANARY-A-link" in exported.text
    assert data["films_watched"][0]["seen"] == [[0, 4]]
    assert data["certificates"][0]["name"] == "CANARY-A name"
    assert data["seats"][0]["licence"]["course"] == "hard-talks"


def test_the_export_holds_nothing_of_anybody_else_and_no_secret(exported):
    assert "CANARY-B" not in exported.text
    assert "CANARY-A secret" not in exported.text
    assert "token" not in exported.text
    assert "by_id" not in exported.text


def test_the_export_is_a_file_that_is_not_kept_and_is_audited(session, exported, world):
    assert exported.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert exported.headers["Cache-Control"] == "no-store"
    kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.actor_id == world.ours.learner.id)).all()
    assert "learning.my_data.exported" in kinds


def test_exports_are_limited(learner):
    answers = [learner.press("/learn/my-data/download").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_the_page_says_what_is_held_and_who_sees_it(session, world, learner):
    plant(session, world.ours.learner, world.ours.course, "CANARY-A")
    page = learner.page("/learn/my-data")
    assert "CANARY-A@address.example" in page.text
    assert world.ours.municipality.official_name in page.text
    assert "You alone see your notes" in page.text
    assert "CANARY-A note" not in page.text
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


def test_counting_gives_the_same_rows_as_exporting(session, world):
    plant(session, world.ours.learner, world.ours.course, "CANARY-A")
    scope = PersonScope(world.ours.learner.id)
    data = personal_data.export(session, scope)
    assert personal_data.counts(session, scope) == {part.name: len(data[part.name]) for part in personal_data.PARTS}


def test_events_about_a_person_done_by_others_are_in_their_export(session, world):
    audit.record(
        session,
        audit.KINDS["accounts.signed_in"],
        actor_id=world.ours.owner.id,
        person_id=world.ours.learner.id,
        door="by somebody else",
    )
    session.flush()
    events = personal_data.export(session, PersonScope(world.ours.learner.id))["events"]
    assert any(event["data"].get("door") == "by somebody else" for event in events)


def test_the_history_of_a_seat_given_back_is_still_in_the_export(session, world):
    seat = world.ours.seat(session)
    history = session.scalars(select(SeatEvent).where(SeatEvent.person_id == world.ours.learner.id)).all()
    seat.person_id = seat.claimed_at = seat.invited_at = seat.first_used_at = seat.holds_until = None
    session.flush()
    data = personal_data.export(session, PersonScope(world.ours.learner.id))
    assert session.scalars(select(Seat).where(Seat.person_id == world.ours.learner.id)).all() == []
    assert len(data["seat_history"]) == len(history) > 0
