"""Packagings: an uploaded film becomes a package and a manifest, or the owner is told why not and may try again."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.core.i18n import LANGUAGES, speaking
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.jobs.queue import MAX_RUNS, run_due
from elearn.mail.models import Letter
from elearn.media import ffmpeg
from elearn.media.errors import Fault
from elearn.media.manifest import read_manifest
from elearn.media.models import FilmUpload, Packaging, PackagingState
from elearn.media.packagings import working
from elearn.media.packagings.errors import NothingToRetry
from elearn.media.packagings.faults import sentence
from elearn.media.packagings.services import cancel_packaging, packaging_of, retry_packaging
from elearn.media.stores.storage import open_store
from elearn.media.uploads import folder as folder_module
from elearn.media.uploads.folder import UploadFolder, open_uploads
from elearn.media.uploads.services import NewUpload, begin_upload, note_arrival
from elearn.organisations.models import Membership, Role
from tests.conftest import TestClock
from tests.media.clips import make_clip
from tests.world import World

RETRY_S = 3600


@pytest.fixture
def here(installation: Installation, tmp_path: Path) -> Installation:
    """The installation, with a folder of manifests of the test's own."""
    installation.settings = replace(installation.settings, manifests=tmp_path / "manifests")
    return installation


@pytest.fixture
def folder(here: Installation) -> UploadFolder:
    return open_uploads(here.settings)


@pytest.fixture
def uploaded(here: Installation, session: Session, world: World, folder: UploadFolder, clip: Path) -> Packaging:
    """A film that waits to be packaged."""
    return upload(here, session, world, clip.read_bytes())


def upload(here: Installation, session: Session, world: World, content: bytes) -> Packaging:
    folder = open_uploads(here.settings)
    coming = begin_upload(
        session,
        world.ours.house_scope,
        new=NewUpload("a-film", "da", "Samtale & søvn.mp4", len(content)),
        manifests=here.settings.manifests,
        folder=folder,
        largest_bytes=10_000_000,
    )
    arrived = folder.append(coming.id, at=0, size=len(content), blocks=[content])
    note_arrival(session, coming.id, arrived=arrived)
    session.commit()
    return session.scalars(select(Packaging).order_by(Packaging.id.desc())).first()  # type: ignore[return-value]


def work(here: Installation, session: Session, world: World) -> Packaging:
    """Return the newest packaging of the film, as it stands."""
    session.commit()  # ends the savepoint, so that what others did since is seen
    newest = select(Packaging).where(Packaging.film_key == "a-film").order_by(Packaging.id.desc()).limit(1)
    found = session.scalars(newest.execution_options(populate_existing=True)).one()
    session.expunge(found)
    return found


def run(here: Installation, clock: TestClock | None = None) -> None:
    run_due(here, queue="media")
    if clock:
        clock.advance(seconds=RETRY_S)


def test_a_film_is_packaged_and_its_file_goes(here, session, world, folder, uploaded: Packaging) -> None:
    upload_id = uploaded.upload_id
    run_due(here)
    waiting = work(here, session, world)
    run(here)
    run_due(here)

    done = work(here, session, world)
    manifest = read_manifest(here.settings.manifests / "a-film.yaml").value
    assert waiting.state == PackagingState.WAITING, "the ordinary worker leaves it alone"
    assert (done.state, done.percent, done.upload_id) == (PackagingState.DONE, 100, None)
    assert manifest.package
    assert open_store(here.settings).missing_files(manifest.package) == []
    assert manifest.source
    assert (manifest.language, manifest.source.file) == ("da", "Samtale & søvn.mp4")
    assert upload_id
    assert not folder.path(upload_id).exists()
    assert session.get(FilmUpload, upload_id) is None
    assert session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id.desc()).limit(1)).one() == (
        "media.packaging.done"
    )


def test_packaging_twice_is_once(here, session, world, uploaded: Packaging) -> None:
    run(here)
    session.execute(Job.__table__.update().values(done_at=None))
    session.commit()
    run(here)

    kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.kind == "media.packaging.done")).all()
    assert len(kinds) == 1


def test_a_worker_that_died_after_the_package_was_whole_is_made_good(
    here, session, world, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(working, "_end", lambda *_arguments: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(here)
    assert work(here, session, world).state == PackagingState.RUNNING
    session.execute(Job.__table__.update().values(leased_until=None))
    session.commit()
    monkeypatch.setattr(ffmpeg, "run", None)  # the package is there: no second run

    run(here)

    assert work(here, session, world).state == PackagingState.DONE


def test_what_is_no_film_is_told_and_may_be_tried_again(here, session, world) -> None:
    packaging = upload(here, session, world, b"no film at all")
    run(here)

    failed = work(here, session, world)
    assert (failed.state, failed.problem) == (PackagingState.FAILED, Fault.NOT_A_FILM)
    retry_packaging(session, packaging=session.merge(packaging), by=world.ours.owner)
    session.commit()
    again = work(here, session, world)
    assert (again.state, again.id) == (PackagingState.WAITING, packaging.id + 1)


def test_a_new_file_takes_the_place_of_one_that_failed(here, session, world, folder, clip: Path) -> None:
    first = upload(here, session, world, b"no film at all")
    run(here)
    upload(here, session, world, clip.read_bytes())
    run(here)
    run_due(here)

    assert work(here, session, world).state == PackagingState.DONE
    assert list(folder.root.iterdir()) == []
    with pytest.raises(NothingToRetry):
        retry_packaging(session, packaging=session.get_one(Packaging, first.id), by=world.ours.owner)


def test_a_fault_of_ours_is_tried_again_by_itself_then_told(
    here, session, world, clock: TestClock, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise OSError("nobody knows what")

    states = []
    with monkeypatch.context() as patched:
        patched.setattr(working, "add_film", fail)
        for _try in range(working.MOST_TRIES):
            run(here, clock)
            states.append(work(here, session, world).state)

    assert states == [PackagingState.WAITING] * (working.MOST_TRIES - 1) + [PackagingState.FAILED]
    assert work(here, session, world).problem == Fault.OURS
    retry_packaging(session, packaging=packaging_of(session, world.ours.house_scope, uploaded.id), by=world.ours.owner)
    session.commit()
    run(here)
    assert work(here, session, world).state == PackagingState.DONE


def test_packaging_leaves_the_last_of_the_disk_to_the_database(
    here, session, world, uploaded: Packaging, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LOOK_EVERY_S", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(folder_module, "KEPT_FREE_BYTES", 10**18)
        run(here, clock)
    assert work(here, session, world).state == PackagingState.WAITING
    assert not [path for path in here.settings.media.iterdir() if path.is_dir()]

    run(here)
    assert work(here, session, world).state == PackagingState.DONE


def test_a_manifest_with_a_fault_is_told(here, session, world, uploaded: Packaging) -> None:
    here.settings.manifests.mkdir()
    (here.settings.manifests / "a-film.yaml").write_text("id: a-film\nlanguage: xx\n")

    run(here)

    assert work(here, session, world).problem == Fault.MANIFEST


def test_a_film_that_ends_before_its_chapters_leaves_the_manifest_as_it_was(
    here, session, world, clip: Path, tmp_path: Path
) -> None:
    upload(here, session, world, clip.read_bytes())
    run(here)
    manifest = here.settings.manifests / "a-film.yaml"
    before = f'chapters:\n  - {{at: "00:08", title: {{da: "Sidst"}}}}\n{manifest.read_text()}'
    manifest.write_text(before)
    upload(here, session, world, make_clip(tmp_path / "short.mp4", seconds=4).read_bytes())
    run(here)

    failed = work(here, session, world)
    assert (failed.state, failed.problem) == (PackagingState.FAILED, Fault.ENDS_EARLY)
    assert manifest.read_text() == before
    manifest.write_text(before.replace("00:08", "00:02"))
    retry_packaging(session, packaging=session.merge(failed), by=world.ours.owner)
    session.commit()
    run(here)
    assert work(here, session, world).state == PackagingState.DONE
    assert read_manifest(manifest).value.length_s == 4


def test_an_uploaded_file_that_somebody_removed_is_told(here, session, world, folder, uploaded: Packaging) -> None:
    folder.remove(str(uploaded.upload_id))

    run(here)

    assert work(here, session, world).problem == Fault.FILE_GONE


def test_what_waits_is_cancelled_at_once(here, session, world, uploaded: Packaging) -> None:
    cancel_packaging(session, packaging=uploaded, by=world.ours.owner)
    session.commit()
    run(here)

    cancelled = work(here, session, world)
    assert (cancelled.state, cancelled.upload_id) == (PackagingState.CANCELLED, uploaded.upload_id)
    assert not here.settings.media.exists()


def test_what_runs_is_cancelled_when_the_worker_looks(
    here, session, world, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancel comes from another session while the handler works, as from another process."""
    monkeypatch.setattr(working, "LOOK_EVERY_S", 0.0)
    real = working.probe

    def probe_then_cancel(film: Path) -> object:
        with here.database.transaction() as other:
            cancel_packaging(other, packaging=other.get_one(Packaging, uploaded.id), by=world.ours.owner)
        assert work(here, session, world).cancel_asked
        return real(film)

    monkeypatch.setattr(working, "probe", probe_then_cancel)
    run(here)

    assert work(here, session, world).state == PackagingState.CANCELLED
    assert not [path for path in here.settings.media.iterdir() if path.is_dir()]


def test_a_worker_that_is_to_stop_puts_a_film_back(
    here, session, world, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    real = working.probe
    monkeypatch.setattr(working, "probe", lambda film: (stop.set(), real(film))[1])
    run_due(here, queue="media", stop=stop)
    monkeypatch.undo()

    job = session.scalars(select(Job).where(Job.name == "media.package")).one()
    assert work(here, session, world).state == PackagingState.WAITING
    assert (job.last_error, job.done_at, job.leased_until) == (None, None, None)
    run(here)
    assert work(here, session, world).state == PackagingState.DONE


def test_a_worker_that_was_only_taken_for_dead_does_not_take_a_film_from_the_next_one(
    here, session, world, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the film would wait for ever: the next worker's job ends, and no other is there."""
    stop = threading.Event()
    real = working.probe

    def slept_while_another_took_it_up(film: Path) -> object:
        with here.database.transaction() as other:
            other.execute(Job.__table__.update().where(Job.name == "media.package").values(runs=Job.runs + 1))
        stop.set()
        return real(film)

    monkeypatch.setattr(working, "probe", slept_while_another_took_it_up)
    run_due(here, queue="media", stop=stop)

    assert work(here, session, world).state == PackagingState.RUNNING, "as the next worker left it"


def test_a_film_that_takes_down_every_worker_is_given_up(here, session, world, uploaded: Packaging) -> None:
    """Else it would stand as being packaged for ever, and could not even be cancelled."""
    session.execute(Job.__table__.update().where(Job.name == "media.package").values(runs=MAX_RUNS - 1))
    session.commit()

    run(here)

    given_up = work(here, session, world)
    assert (given_up.state, given_up.problem) == (PackagingState.FAILED, Fault.OURS)


def test_who_has_waited_long_for_a_film_is_written_to_once(
    here, session, world, clock: TestClock, uploaded: Packaging
) -> None:
    world.ours.owner.language = "nn"
    session.commit()
    clock.advance(minutes=3)
    run(here)
    session.execute(Job.__table__.update().where(Job.name == "media.package").values(done_at=None))
    session.commit()
    run(here)

    (letter,) = letters(session)
    assert (letter.kind, letter.recipient, letter.language) == ("media/film_ready", world.ours.owner.address, "nn")
    assert (letter.context["film"], letter.context["path"]) == ("a-film", "/owner/films/a-film")


def test_who_has_waited_long_for_nothing_is_told_why_each_time(here, session, world, clock: TestClock) -> None:
    world.ours.owner.language = "da"
    packaging = upload(here, session, world, b"no film at all")
    clock.advance(minutes=3)
    run(here)
    session.commit()  # ends the savepoint, so that what the worker did is seen
    session.refresh(packaging)
    retry_packaging(session, packaging=packaging, by=world.ours.owner)
    session.commit()
    clock.advance(minutes=3)
    run(here)

    with speaking("da"):
        why = sentence(Fault.NOT_A_FILM)
    assert [(each.kind, each.context["fault"]) for each in letters(session)] == [("media/film_failed", why)] * 2


def test_who_gives_a_film_up_is_not_written_to(here, session, world, clock: TestClock, uploaded: Packaging) -> None:
    clock.advance(minutes=3)
    cancel_packaging(session, packaging=uploaded, by=world.ours.owner)
    session.commit()
    run(here)

    assert letters(session) == []


@pytest.mark.parametrize("gone", [True, False])
def test_who_looks_on_or_has_left_the_house_is_not_written_to(
    here, session, world, clock: TestClock, gone: bool
) -> None:
    upload(here, session, world, b"no film at all")
    if gone:
        leaves = select(Membership).where(Membership.person_id == world.ours.owner.id, Membership.role == Role.OWNER)
        session.scalars(leaves).one().ended_at = clock()
        session.commit()
    clock.advance(minutes=3 if gone else 2)
    run(here)

    assert work(here, session, world).problem == Fault.NOT_A_FILM
    assert letters(session) == []


def letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.kind.startswith("media/")).order_by(Letter.id)))


def test_how_far_it_is_stands_in_the_row(
    here, session, world, uploaded: Packaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LOOK_EVERY_S", 0.0)
    noted: list[int] = []
    real = working._Watch._note
    monkeypatch.setattr(working._Watch, "_note", lambda self, percent: (noted.append(percent), real(self, percent))[1])

    run(here)

    assert noted == sorted(noted)
    assert (noted[0], noted[-1] > 50) == (0, True)


def test_another_house_sees_no_packaging(session, world, uploaded: Packaging) -> None:
    with pytest.raises(NotFound):
        packaging_of(session, world.theirs.house_scope, uploaded.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_its_sentence(language: str) -> None:
    with speaking(language):
        assert all(sentence(fault) for fault in Fault)
