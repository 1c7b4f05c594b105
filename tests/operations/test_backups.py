"""Backups: whole or not there, one at a time, the newest kept, checked by any machine and by a drill."""

import os
import re
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.jobs.schedule import run_periodic
from elearn.media.models import Video
from elearn.media.stores.inventory import inventory_in
from elearn.media.stores.local_store import LocalStore
from elearn.operations import jobs
from elearn.operations.backups import databases
from elearn.operations.backups.drill import drill
from elearn.operations.backups.folder import UNFINISHED, Backups
from elearn.operations.backups.making import make
from elearn.operations.cli import backup
from elearn.operations.errors import BackupUnderWay, BrokenBackup
from elearn.operations.state import Trouble, state_of
from tests.billing.shop import open_shop
from tests.databases import ENGINE
from tests.operations.house import House, of_files


@of_files
def test_a_backup_that_fails_midway_leaves_none(house: House) -> None:
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(house.settings, house.database, stop)

    assert Backups(house.settings.backups).names() == []
    assert not list(house.settings.data.glob(".backup-*"))
    make(house.settings, house.database)


@of_files
def test_two_are_not_made_at_once(house: House) -> None:
    with Backups(house.settings.backups).alone(), pytest.raises(BackupUnderWay, match="under way"):
        make(house.settings, house.database)

    made = make(house.settings, house.database)
    with pytest.raises(BackupUnderWay, match="of this second"):
        make(house.settings, house.database)
    assert Backups(house.settings.backups).names() == [made.name]


@of_files
def test_only_the_newest_are_kept_with_their_films_alone(house: House, clock) -> None:
    house.env["ELEARN_KEEP_BACKUPS"] = "2"
    packages = sorted(path.name for path in house.settings.media.iterdir())
    names = []
    for _day in range(3):
        names.append(make(house.read_settings(), house.database).name)
        with house.database.transaction() as session:
            session.execute(update(Video).where(Video.package == packages[0]).values(replaced_at=clock.time))
        LocalStore(house.settings.media).remove(packages[0])
        clock.advance(days=1)

    backups = Backups(house.settings.backups)
    assert backups.names() == names[1:]
    assert sorted(path.name for path in (backups.root / "films").iterdir()) == packages[1:]


@of_files
def test_a_film_that_was_lost_is_kept_while_lessons_show_it(house: House, clock) -> None:
    house.env["ELEARN_KEEP_BACKUPS"] = "1"
    make(house.read_settings(), house.database)
    with house.database.reader() as session:
        shown = session.scalars(select(Video.package).where(Video.replaced_at.is_(None))).first()
    assert shown is not None
    LocalStore(house.settings.media).remove(shown)

    clock.advance(days=1)
    lacking = make(house.read_settings(), house.database).about.lacking

    assert lacking == [f"film {shown} is missing"]
    house.destroy()
    house.restore()
    assert LocalStore(house.settings.media).damage(shown, deep=True) == []


@of_files
def test_one_that_does_not_say_what_it_holds_costs_no_films_and_no_other_backup(house: House, clock) -> None:
    house.env["ELEARN_KEEP_BACKUPS"] = "2"
    backups = Backups(house.settings.backups)
    first = make(house.read_settings(), house.database).name
    (backups.root / first / "backup.json").write_bytes(b"")
    packages = sorted(path.name for path in (backups.root / "films").iterdir())
    LocalStore(house.settings.media).remove(packages[0])

    clock.advance(days=1)
    second = make(house.read_settings(), house.database).name

    assert backups.names() == [first, second]
    assert sorted(path.name for path in (backups.root / "films").iterdir()) == packages


@of_files
def test_a_film_that_did_not_change_is_not_kept_twice(house: House, clock) -> None:
    make(house.settings, house.database)
    kept = {path: path.stat().st_ino for path in (house.settings.backups / "films").rglob("*")}
    clock.advance(days=1)

    make(house.settings, house.database)

    assert {path: path.stat().st_ino for path in (house.settings.backups / "films").rglob("*")} == kept


@of_files
def test_a_damaged_film_is_told(house: House) -> None:
    package = sorted(house.settings.media.iterdir())[0]
    inventory_in(package)
    (package / "720-00000.m4s").write_bytes(b"mlif")

    (package / "720.m3u8").unlink()

    lacking = make(house.settings, house.database).about.lacking

    assert lacking == [
        f"film {package.name}: 720.m3u8 is missing",
        f"film {package.name}: 720-00000.m4s holds other bytes than it was made with",
    ]
    with house.database.reader() as session:
        assert Trouble.FILMS in state_of(session, house.settings).troubles


@of_files
def test_a_film_of_which_nothing_can_be_taken_keeps_no_backup_from_coming_back(house: House) -> None:
    broken, *others = sorted(path.name for path in house.settings.media.iterdir())
    (house.settings.media / broken / "inventory.json").write_bytes(b"")

    made = make(house.settings, house.database)

    assert [lack.split(":")[0] for lack in made.about.lacking] == [f"film {broken}"]
    assert drill(house.settings).films == len(others)
    house.destroy()
    house.restore()
    assert sorted(path.name for path in house.settings.media.iterdir()) == others


@of_files
def test_what_is_no_file_of_a_film_keeps_no_backup_from_coming_back(house: House) -> None:
    package = sorted(house.settings.media.iterdir())[0]
    (package / "Thumbs.db").write_bytes(b"x")
    made = make(house.settings, house.database)
    assert made.about.lacking == []

    house.destroy()
    house.restore()

    assert (house.settings.media / package.name / "master.m3u8").is_file()
    assert not (house.settings.media / package.name / "Thumbs.db").exists()


@of_files
def test_where_backups_are_made_by_other_means_the_last_of_our_own_tells_nothing(house: House) -> None:
    (sorted(house.settings.media.iterdir())[0] / "master.m3u8").unlink()
    assert make(house.settings, house.database).about.lacking

    house.env["ELEARN_KEEP_BACKUPS"] = "0"

    with house.database.reader() as session:
        assert not state_of(session, house.read_settings()).troubles & {Trouble.BACKUP, Trouble.FILMS}


@of_files
def test_the_list_tells_of_one_that_cannot_be_read_and_goes_on(house: House, clock) -> None:
    backups = Backups(house.settings.backups)
    first = make(house.settings, house.database).name
    clock.advance(days=1)
    second = make(house.settings, house.database).name
    (backups.root / first / "backup.json").write_bytes(b"")

    listed = CliRunner().invoke(backup, ["list"], obj=house.installation)

    assert listed.exit_code == 0
    assert f"{first}/backup.json cannot be read." in listed.output
    assert f"{second}  {ENGINE}, " in listed.output
    assert "No drill went well yet." in listed.output


@of_files
def test_any_machine_can_check_a_backup(house: House) -> None:
    made = make(house.settings, house.database)
    folder = house.settings.backups / made.name

    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)

    assert folder.stat().st_mode & 0o077 == 0
    assert house.settings.backups.stat().st_mode & 0o077 == 0


def test_the_drill_counts_checks_and_notes_it(house: House) -> None:
    before = house.rows()
    made = make(house.settings, house.database)

    done = drill(house.settings)

    assert (done.name, done.films > 0, done.certificates > 0) == (made.name, True, True)
    last = Backups(house.settings.backups).last_drill()
    assert last is not None
    assert (last.backup, last.at) == (made.name, product_clock.now())
    after = house.rows()
    assert {name for name in after if after[name] != before[name]} == {"audit_events"}, "the backup itself is an event"


def test_the_drill_finds_rows_that_are_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = databases.rows_in
    monkeypatch.setattr(databases, "rows_in", lambda connection: {**taken(connection), "people": 999})
    make(house.settings, house.database)
    monkeypatch.setattr(databases, "rows_in", taken)

    with pytest.raises(BrokenBackup, match="people"):
        drill(house.settings)


def test_one_that_is_killed_leaves_none_and_the_next_one_clears_up(house: House) -> None:
    house.database.dispose()
    killed = """
import os, signal
from elearn.config import Settings
from elearn.core.installation import Installation
from elearn.operations.backups.making import make
here, calls = Installation(Settings.from_environment()), []
def check():
    calls.append(1)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
make(here.settings, here.database, check)
"""
    environment = {
        **os.environ,
        **house.env,
        "ELEARN_DATA": str(house.settings.data),
        "ELEARN_SECRET_KEY": house.settings.secret_key,
    }

    ended = subprocess.run([sys.executable, "-c", killed], env=environment, check=False)

    assert ended.returncode == -signal.SIGKILL
    backups = Backups(house.settings.backups)
    assert backups.names() == []
    assert (backups.root / UNFINISHED).exists(), "it was killed in the middle"
    made = make(house.settings, house.database)
    assert backups.names() == [made.name]
    assert not list(backups.root.glob(f"{UNFINISHED}*"))
    assert not list(house.settings.data.glob(".*"))


def test_the_queue_makes_one_every_day_unless_others_do(house: House) -> None:
    here = house.installation
    run_periodic(here)
    assert run_due(here, queue="backup") == 1
    assert len(Backups(house.settings.backups).names()) == 1

    house.env["ELEARN_KEEP_BACKUPS"] = "0"
    with here.database.transaction() as session:
        jobs.ask_for_backup(Installation(house.read_settings()), session)
    assert run_due(here, queue="backup") == 0


def test_the_commands_say_what_they_did(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"ELEARN_DATA": str(house.settings.data), "ELEARN_SECRET_KEY": house.settings.secret_key}
    for name, value in (house.env | own).items():
        monkeypatch.setenv(name, value)

    def said(*words: str) -> tuple[int, str]:
        ran = CliRunner().invoke(backup, words, obj=house.installation)
        return ran.exit_code, ran.output

    with house.database.transaction() as session:
        open_shop(session, house.world.ours)
    assert said("drill")[1].startswith("Error: There are no backups in")
    code, made = said("make")
    assert code == 0
    assert re.search(r"\d+ rows, \d+ films, not encrypted", made)
    assert said("drill") == (0, f"{Backups(house.settings.backups).newest()} can be put back: {made_rows(made)}")
    assert "Last drill: 2026-11-23" in said("list")[1]
    house.database.dispose()
    assert "say --replace" in said("restore")[1]
    assert "The next invoice of ours gets the number K-1001." in said("restore", "--replace")[1]
    house.database.dispose()
    assert said("restore", "1999-01-01T000000Z")[1].startswith("Error: There is no backup 1999")
    assert said("key", str(house.folder / "new.key"))[0] == 0
    assert "is there already" in said("key", str(house.folder / "new.key"))[1]
    assert "another.key cannot be written" in said("key", str(house.folder / "new.key" / "another.key"))[1]


def made_rows(made: str) -> str:
    found = re.search(r"(\d+ rows, \d+ films)", made)
    assert found
    return f"{found[1]}, 1 certificates verify.\n"
