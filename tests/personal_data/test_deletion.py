"""A deleted account is gone everywhere, and nothing else is."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from elearn.accounts.models import EmailAddress, Person, SignIn
from elearn.accounts.services import confirm_address, find_or_add_person
from elearn.core import clock
from elearn.core.db import Base
from elearn.core.scope import PersonScope
from elearn.core.tokens import Tokens
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.licensing.models import Seat, SeatEvent, SeatList
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import invite, join_line, use_seat
from elearn.licensing.services.seats import handovers_left, undoable
from elearn.mail.models import Letter
from elearn.organisations.models import Role
from elearn.organisations.services import add_member, make_owner
from elearn.personal_data import erasure, export
from elearn.personal_data.cli import data
from elearn.personal_data.models import Erasure
from tests.personal_data.planting import address_of, plant
from tests.world import add_app, app_code

CANARY = "CANARY-A"
IN_NUMBERS = (f"{CANARY} seat_events.", f"{CANARY} audit_events.")
"""The history's and the trail's own words: codes and numbers, which the planter has written over."""
PATH = "/learn/my-data/delete"


def delete(client, address):
    return client.press(PATH, address=address)


def exists(session, person_id) -> bool:
    return session.scalar(select(Person.id).where(Person.id == person_id)) is not None


def dump(session) -> str:
    """Return everything that is in the database, as text."""
    rows = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(text(f"SELECT * FROM {table.name}")).mappings():
            rows += [f"{table.name}.{name}: {value}" for name, value in row.items()]
    return "\n".join(row for row in rows if not any(kept in row for kept in IN_NUMBERS))


@pytest.fixture
def planted(session, installation, world):
    plant(session, installation, world.ours, CANARY)
    plant(session, installation, world.theirs, "CANARY-B")


def exported(session, person):
    return {key: rows for key, rows in export.export(session, PersonScope(person.id)).items() if key != "written_at"}


def test_nothing_of_a_deleted_person_is_found_anywhere(session, installation, world, planted, learner):
    person_id = world.ours.learner.id
    assert CANARY in dump(session)
    answer = delete(learner, address_of(CANARY).upper())
    run_due(installation)
    session.expire_all()

    assert answer.location == "/account-deleted"
    assert CANARY.lower() not in dump(session).lower()
    files = list(installation.settings.mail_folder.glob("*.eml"))
    assert not [file for file in files if CANARY.lower() in file.read_text().lower()]
    assert [file for file in files if "CANARY-B" in file.read_text()], "other people's letters are still there"
    assert not exists(session, person_id)


def test_other_peoples_data_is_as_it_was(session, world, planted, learner):
    others = [world.theirs.learner, world.ours.owner, world.ours.leader, world.ours.invited]
    before = [exported(session, person) for person in others]
    delete(learner, address_of(CANARY))
    session.expire_all()

    assert [exported(session, person) for person in others] == before
    lists = session.scalars(select(SeatList).where(SeatList.licence_id == world.ours.licence.id)).one()
    assert lists.rows == [{"email": "kept@list.example", "name": "KEPT"}]
    letter = session.scalars(select(Letter).where(Letter.recipient == "buyer@ours.example")).one()
    assert letter.context == {"who": "…", "address": "…", "kept": "KEPT"}


def test_the_seat_is_free_once_and_its_history_keeps_the_number(session, world, learner):
    seat = world.ours.seat(session)
    use_seat(session, seat_id=seat.id)
    left, person_id = handovers_left(session, world.ours.licence), world.ours.learner.id
    session.commit()
    delete(learner, "learner-ours@0710.example")
    session.expire_all()

    seat = session.get_one(Seat, seat.id)
    last = session.scalars(select(SeatEvent).where(SeatEvent.seat_id == seat.id).order_by(SeatEvent.id)).all()[-1]
    assert (seat.person_id, seat.sort_name, seat.claimed_at) == (None, None, None)
    assert (last.what, last.person_id, last.after_use) == ("left", person_id, False)
    assert handovers_left(session, world.ours.licence) == left, "it is not counted against the employer"
    assert undoable(session, seat) is None, "there is nobody to give it back to"


def test_who_has_a_second_factor_shows_it_first(session, installation, world, browser):
    """Of two buyers either may go, but not by a stolen password alone."""
    other, _email = find_or_add_person(session, address="other@ours.example", name="Other", language="en")
    add_member(session, person=other, municipality=world.ours.municipality, role=Role.BUYER, by_id=None)
    add_app(session, installation, world.ours.buyer)
    session.commit()
    buyer, buyer_id = browser().signed_in_as(world.ours.buyer, second_factor=False), world.ours.buyer.id
    door = f"/sign-in/second-step?next={PATH}"

    assert (buyer.get(PATH).location, delete(buyer, "buyer@ours.example").location) == (door, door)
    session.expire_all()
    assert exists(session, buyer_id)

    assert buyer.press("/sign-in/second-step", code=app_code(), next=PATH).location == PATH
    assert delete(buyer, "buyer@ours.example").location == "/account-deleted"
    session.expire_all()
    assert not exists(session, buyer_id)


def test_whoever_waits_gets_the_seat(session, installation, world, learner):
    for each in session.scalars(select(Seat).where(Seat.licence_id == world.ours.licence.id, Seat.person_id.is_(None))):
        session.delete(each)
    waiting, _email = find_or_add_person(session, address="waits@ours.example", name="Waits", language="en")
    join_line(session, person=waiting, licence=session.merge(world.ours.licence), placing=Placing())
    session.commit()
    delete(learner, "learner-ours@0710.example")
    run_due(installation)
    session.expire_all()

    held = session.scalars(select(Seat.person_id).where(Seat.licence_id == world.ours.licence.id)).all()
    assert waiting.id in held


def test_every_browser_is_signed_out(session, world, learner, browser):
    other = browser().signed_in_as(world.ours.learner)
    delete(learner, "learner-ours@0710.example")

    assert learner.get("/learn/my-data").status_code == 303
    assert other.get("/learn/my-data").status_code == 303
    assert session.scalars(select(SignIn).where(SignIn.person_id == world.ours.learner.id)).all() == []
    assert "deleted" in learner.get("/account-deleted", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("typed", ["", "somebody@else.example", "learner-theirs@0615.example"])
def test_without_the_own_address_nothing_happens(session, world, learner, typed):
    assert delete(learner, typed).status_code in (200, 422)
    assert session.get(Person, world.ours.learner.id) is not None


def test_opening_the_page_deletes_nothing_and_says_what_goes_and_stays(session, world, learner):
    page = learner.page(PATH)
    for said in ("cannot be undone", "certificates", "Invoices", "without your name", "Download to read"):
        assert said in page.text
    assert session.get(Person, world.ours.learner.id) is not None


@pytest.mark.parametrize("role", ["buyer", "owner"])
def test_the_last_buyer_or_owner_hands_over_first(session, world, browser, role):
    person = getattr(world.ours, role)
    client = browser().signed_in_as(person)
    place = world.ours.municipality.official_name if role == "buyer" else world.ours.house.name
    assert place in client.page(PATH).text
    assert delete(client, f"{role}@ours.example").status_code == 200
    person_id = person.id
    assert exists(session, person_id)

    other, email = find_or_add_person(session, address="other@ours.example", name="Other", language="en")
    confirm_address(session, email)
    if role == "buyer":
        add_member(session, person=other, municipality=world.ours.municipality, role=Role.BUYER, by_id=None)
    else:
        make_owner(session, person=other, house=world.ours.house)
    session.commit()
    assert delete(client, f"{role}@ours.example").status_code == 303
    assert not exists(session, person_id)


def test_what_a_deleted_person_played_last_is_refused_without_a_fault(session, world, learner, browser):
    side = world.ours
    lesson = side.outline(session).modules[0].lessons[0]
    claims = learner.send(f"/learn/lessons/{lesson.id}/ticket", {"player": "p"}).json["claims"]
    delete(learner, "learner-ours@0710.example")
    report = {"claims": claims, "id": "r", "seq": 1, "ranges": [[0, 1]], "position": 1}
    answer = browser().post(f"/learn/lessons/{lesson.id}/watched", json=report)

    assert answer.status_code == 403, answer.text


def test_the_ledger_deletes_again_whoever_a_backup_brings_back(session, installation, world, learner):
    installation.settings.data.mkdir(parents=True, exist_ok=True)
    delete(learner, "learner-ours@0710.example")
    run_due(installation)
    session.execute(text("DELETE FROM erasures"))  # the backup is older than the deletion
    back = Person(name="Back Again", language="en", created_at=clock.now() - timedelta(days=30))
    address = "learner-ours@0710.example"
    back.addresses = [EmailAddress(address=address, normalised=address)]
    session.add(back)
    session.commit()
    back_id = back.id

    first = CliRunner().invoke(data, ["replay-erasures"], obj=installation)
    second = CliRunner().invoke(data, ["replay-erasures"], obj=installation)

    assert first.output == "1 people were deleted again.\n", first.exception
    assert second.output == "0 people were deleted again.\n"
    assert not exists(session, back_id)
    file = installation.settings.data / erasure.LEDGER_FILE
    assert address not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_the_ledger_knows_them_after_the_key_was_changed(session, installation, clock, world, learner):
    delete(learner, "learner-ours@0710.example")
    address = "learner-ours@0710.example"
    back = Person(name="Back Again", language="en", created_at=clock() - timedelta(days=30))
    back.addresses = [EmailAddress(address=address, normalised=address)]
    session.add(back)
    session.commit()
    key, ledger = "the key of this year, long enough", erasure.ledger(session)

    assert erasure.erase_again(session, Tokens(key), ledger) == 0
    assert erasure.erase_again(session, Tokens(key, [installation.settings.secret_key]), ledger) == 1


def test_who_was_invited_anew_after_a_deletion_stays(session, installation, clock, world, learner):
    delete(learner, "learner-ours@0710.example")
    clock.advance(days=1)
    again, _email = find_or_add_person(session, address="learner-ours@0710.example", name="Came back", language="en")
    assert erasure.erase_again(session, installation.tokens, erasure.ledger(session)) == 0
    assert session.get(Person, again.id) is not None
    assert len(session.scalars(select(Erasure)).all()) == 1


def test_the_file_of_a_list_goes_whole_since_it_cannot_be_searched(session, world, learner):
    handed_in = SeatList(
        licence_id=world.theirs.licence.id,
        created_at=clock.now(),
        file_name="",
        state="ready",
        content=b"somebody",
        columns={"seen": [[0, "", "somebody"]], "fields": []},
        rows=[],
        language="da",
    )
    session.add(handed_in)
    session.commit()
    delete(learner, "learner-ours@0710.example")
    session.refresh(handed_in)
    assert handed_in.content is None
    assert handed_in.columns == {"fields": []}


def test_a_joining_letter_that_waits_to_be_written_is_written_to_nobody(session, installation, world, learner):
    """The job carries name and address as they were typed at the poster."""
    typed = {"join_link_id": 1, "address": "Learner-OURS@0710.example", "called": "Asked Atposter", "language": "en"}
    session.add(Job(name="licensing.send_joining", arguments=typed, due_at=clock.now(), runs=0))
    session.commit()
    delete(learner, "learner-ours@0710.example")
    kept = [json.dumps(job.arguments) for job in session.scalars(select(Job))]
    assert not any("Asked Atposter" in arguments for arguments in kept)


def test_jobs_about_others_stay(session, installation, world, learner):
    session.add(Job(name="x", arguments={"address": "someone@else.example"}, due_at=clock.now(), runs=0))
    session.commit()
    delete(learner, "learner-ours@0710.example")
    kept = [json.dumps(job.arguments) for job in session.scalars(select(Job))]
    assert any("someone@else.example" in arguments for arguments in kept)


def test_deleting_again_changes_nothing(session, installation, world, learner):
    person_id = world.ours.learner.id
    for _press in range(2):
        erasure.erase(session, installation.tokens, person_id=person_id, by_id=None)
    assert len(session.scalars(select(Erasure)).all()) == 1


def test_the_number_of_whoever_was_deleted_last_is_given_to_nobody(session, installation, world):
    """What stays of them in numbers would be the next one's: in a seat's history, the trail, and that one's export."""
    invite(
        session, installation.tokens, licence=world.ours.licence, address="last@x.example", name="Last", language="en",
        by_id=None,
    )  # fmt: skip
    number = session.scalars(select(func.max(Person.id))).one()
    erasure.erase(session, installation.tokens, person_id=number, by_id=number)
    session.commit()

    person, _email = find_or_add_person(session, address="next@x.example", name="Next", language="en")

    assert person.id > number
    told = exported(session, person)
    assert not told["seat_history"]
    assert not told["events"]
