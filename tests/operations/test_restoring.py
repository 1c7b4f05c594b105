"""A backup gives the product back as it was at its moment, but for what must not come back (docs/backup.md)."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from elearn.accounts.models import Person, SignIn
from elearn.core import clock as product_clock
from elearn.feedback.models import FeedbackReceipt, NamedResponse, PairingKey, SpooledResponse
from elearn.feedback.services.answering import Respondent, submit_response
from elearn.jobs.queue import run_due
from elearn.learning import certificates
from elearn.learning.models import Certificate
from elearn.operations.backups.drill import drill
from elearn.operations.backups.folder import Backups
from elearn.operations.backups.making import make
from elearn.operations.backups.sealing import make_key
from elearn.operations.errors import BrokenBackup, InUse, NotEmpty, OtherEngine, WrongKey
from elearn.organisations.models import Membership
from elearn.personal_data import departures, erasure
from elearn.personal_data.models import Departure
from tests.databases import ENGINE
from tests.feedback.forms import ask, form_file
from tests.operations.house import House, of_files

CANARY = "CANARY-SPOOLED"
CHANGED_BY_RESTORING = {"feedback_receipts", "feedback_spool", "pairing_keys", "sign_ins", "sign_in_links"}
AT_RESTORING = {"audit_events", "named_responses"}


def answer(house: House) -> tuple[int, int]:
    """Hand in an anonymous form that compares, which waits in the spool; return its round and the person."""
    with house.database.transaction() as session:
        course = session.merge(house.world.ours.course)
        form, round_ = ask(session, course, form_file("waiting"))
        who = Respondent(house.world.ours.leader.id, form.audience[0], house.world.ours.municipality.id, None)
        submit_response(
            session,
            house.installation.tokens,
            form=form,
            round_=round_,
            respondent=who,
            answers={"notice": 3, "more": CANARY},
        )
        return round_.id, who.person_id


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_destroyed_comes_back_row_for_row_and_byte_for_byte(house: House) -> None:
    before, kept = house.rows(), {**files(house.settings.media), **files(house.settings.courses)}
    with house.database.reader() as session:
        code = session.scalars(select(Certificate.code).where(Certificate.replaced_at.is_(None))).first()
    made = make(house.settings, house.database)
    assert made.about.lacking == []
    house.destroy()

    house.restore()

    after = house.rows()
    assert set(after) == set(before)
    unlike = {name for name in after if after[name] != before[name]}
    assert unlike <= CHANGED_BY_RESTORING | AT_RESTORING
    assert {**files(house.settings.media), **files(house.settings.courses)} == kept
    assert house.settings.name == "Huset", "what was kept in the data folder is read again"
    with house.database.reader() as session:
        assert code
        assert certificates.find(session, code, "da") is not None


def test_no_backup_holds_answers_that_wait_nor_keys_of_pairs(house: House) -> None:
    round_id, person_id = answer(house)
    with house.database.reader() as session:
        key = session.scalars(select(PairingKey.key)).first()
    assert key

    made = make(house.settings, house.database)

    for path in (house.settings.backups / made.name).iterdir():
        content = path.read_bytes()
        assert CANARY.encode() not in content, path.name
        assert key.encode() not in content, path.name
    house.destroy()
    done = house.restore()
    assert done.receipts >= 1
    with house.database.reader() as session:
        assert session.scalars(select(SpooledResponse.id)).all() == []
        assert session.get(FeedbackReceipt, (round_id, 1, "", person_id)) is None
        assert session.scalars(select(FeedbackReceipt).where(FeedbackReceipt.is_final.is_(False))).all() == []
        assert session.scalars(select(PairingKey.key).where(PairingKey.round_id == round_id)).one() != key


def test_final_receipts_stay_and_what_was_answered_by_name_becomes_a_draft(house: House) -> None:
    with house.database.transaction() as session:
        receipts = session.scalars(select(FeedbackReceipt)).all()
        named = session.scalars(select(NamedResponse).where(NamedResponse.submitted_at.is_not(None))).all()
        assert receipts
        assert named
        session.execute(update(FeedbackReceipt).values(is_final=True))
        waiting = named[0]
        key = (waiting.round_id, waiting.form_id, waiting.about, waiting.person_id)
        if session.get(FeedbackReceipt, key) is None:
            session.add(
                FeedbackReceipt(
                    round_id=waiting.round_id,
                    form_id=waiting.form_id,
                    about=waiting.about,
                    person_id=waiting.person_id,
                    audience="staff",
                    municipality_id=None,
                    is_final=False,
                )
            )
        else:
            session.get_one(FeedbackReceipt, key).is_final = False
        named_id, final = waiting.id, len(session.scalars(select(FeedbackReceipt)).all()) - 1
    make(house.settings, house.database)
    house.destroy()

    house.restore()

    assert house.count("feedback_receipts") == final
    with house.database.reader() as session:
        draft = session.get_one(NamedResponse, named_id)
        assert (draft.submitted_at, bool(draft.answers)) == (None, True)


def test_somebody_deleted_after_the_backup_stays_deleted(house: House) -> None:
    person_id = house.world.theirs.learner.id
    make(house.settings, house.database)
    with house.database.transaction() as session:
        erasure.erase(session, house.installation.tokens, person_id=person_id, by_id=person_id)
    run_due(house.installation)
    house.destroy()

    done = house.restore()

    assert done.erased == 1
    with house.database.reader() as session:
        assert session.get(Person, person_id) is None


def test_a_municipality_that_left_after_the_backup_stays_away(house: House) -> None:
    theirs = house.world.theirs
    make(house.settings, house.database)
    with house.database.transaction() as session:
        departure = Departure(
            municipality_id=theirs.municipality.id,
            course_house_id=theirs.house.id,
            asked_at=product_clock.now(),
            delete_on=product_clock.today("DK"),
            reason="The contract ended.",
            receipt={},
        )
        session.add(departure)
        departures.carry_out_due(session)
    run_due(house.installation)
    house.destroy()

    done = house.restore()

    assert done.departed == 1
    with house.database.reader() as session:
        at_theirs = select(Membership.id).where(Membership.municipality_id == theirs.municipality.id)
        assert session.scalars(at_theirs).all() == []
        assert session.scalars(select(Departure.done_at)).one() == product_clock.now()


def test_everybody_is_signed_out(house: House) -> None:
    make(house.settings, house.database)
    house.destroy()

    done = house.restore()

    assert done.signed_out >= 1
    with house.database.reader() as session:
        assert session.scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))).all() == []


def test_nothing_that_is_there_is_overwritten_unless_said(house: House) -> None:
    make(house.settings, house.database)

    with pytest.raises(NotEmpty, match="--replace"):
        house.restore()

    with house.database.transaction() as session:
        session.add(Person(name="Later", language="da", created_at=product_clock.now()))
    film = next(house.settings.media.rglob("720-00000.m4s"))
    whole = film.read_bytes()
    film.unlink()  # the backup has its bytes under another name
    film.write_bytes(b"mlif")
    house.restore(replace=True)
    assert film.read_bytes() == whole
    with house.database.reader() as session:
        assert session.scalars(select(Person.id).where(Person.name == "Later")).all() == []


def test_a_running_installation_is_left_alone(house: House) -> None:
    make(house.settings, house.database)
    own = house.database
    with own.engine.connect() as connection:
        connection.execute(select(Person.id)).first()
        house.installation.database = type(own)(house.env["ELEARN_DATABASE"])
        with pytest.raises(InUse, match="Stop the product"):
            house.restore(replace=True)
    own.dispose()


@of_files
def test_another_secret_key_is_refused_before_anything_is_lost(house: House) -> None:
    make(house.settings, house.database)
    house.destroy()
    house.env["ELEARN_SECRET_KEY"] = "another secret key that is long enough"

    with pytest.raises(WrongKey, match="ELEARN_SECRET_KEY"):
        house.restore()


def test_an_encrypted_backup_says_nothing_and_comes_back_with_its_key_alone(sealed_house: House) -> None:
    house, key = sealed_house, sealed_house.folder / "backup.key"
    before = house.rows()
    made = make(house.settings, house.database)
    folder = house.settings.backups / made.name
    assert {path.suffix for path in folder.iterdir()} == {".age", ".json", ""}
    assert not any(b"CANARY-A" in path.read_bytes() for path in house.settings.backups.rglob("*") if path.is_file())
    house.destroy()
    make_key(house.folder / "other.key")
    public = house.folder / "public.key"
    public.write_text(f"{key.read_text().splitlines()[1].removeprefix('# public key: ')}\n")

    with pytest.raises(WrongKey, match="another key"):
        house.restore(key_file=house.folder / "other.key")
    with pytest.raises(WrongKey, match="AGE-SECRET-KEY-1"):
        house.restore(key_file=public)
    house.restore(key_file=key)

    assert house.rows()["people"] == before["people"]
    assert drill(house.settings).name == made.name


@pytest.mark.parametrize(
    "broken", ["database", *(pytest.param(name, marks=of_files) for name in ("files.tar", "backup.json", "film"))]
)
def test_a_broken_byte_is_refused(house: House, broken: str) -> None:
    made = make(house.settings, house.database)
    folder = house.settings.backups / made.name
    if broken == "film":
        path = next((house.settings.backups / "films").rglob("720-00000.m4s"))
    else:
        path = next(path for path in folder.iterdir() if path.name.startswith(broken))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(bytes(content))
    house.destroy()

    with pytest.raises(BrokenBackup):
        house.restore()
    with pytest.raises(BrokenBackup):
        drill(house.settings)

    assert Backups(house.settings.backups).last_drill() is None


def test_a_backup_of_the_other_engine_is_refused(house: House) -> None:
    make(house.settings, house.database)
    other = {"sqlite": "postgresql://nobody@localhost:1/none", "postgresql": f"sqlite:///{house.folder}/other.sqlite"}
    house.env["ELEARN_DATABASE"] = other[ENGINE]

    with pytest.raises(OtherEngine, match="elearn db move"):
        house.restore()
