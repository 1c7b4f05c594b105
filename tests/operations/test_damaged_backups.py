"""What rots on a disk: practising finds it, the next backup takes it anew, and all else can always be put back."""

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from elearn.operations.backups import films
from elearn.operations.backups.drill import drill
from elearn.operations.backups.folder import Backups
from elearn.operations.backups.making import make
from elearn.operations.cli import backup
from elearn.operations.errors import BrokenBackup, OnlyPublicHalf
from elearn.operations.files import sha256_of
from elearn.operations.state import Trouble, state_of
from tests.operations.house import House, of_files

pytestmark = of_files
SEGMENT = "720-00000.m4s"


def rot(path: Path, *, in_place: bool = False) -> None:
    """Change one bit of a file; unless in place, of this name of it alone."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if not in_place:
        path.unlink()
    path.write_bytes(bytes(content))


def segment_in(folder: Path) -> Path:
    return next(each for package in sorted(folder.iterdir()) for each in package.glob(f"{SEGMENT}*"))


def troubles(house: House) -> set[Trouble]:
    with house.database.reader() as session:
        return state_of(session, house.settings).troubles


@pytest.fixture(params=["house", "sealed_house"])
def any_house(request: pytest.FixtureRequest) -> House:
    house: House = request.getfixturevalue(request.param)
    return house


def test_what_rotted_is_told_until_it_was_taken_anew_and_practised(any_house: House, clock) -> None:
    house = any_house
    make(house.settings, house.database)
    drill(house.settings)
    assert Trouble.DRILL not in troubles(house)
    kept = segment_in(next(house.settings.backups.glob("films*")))
    sum_before = sha256_of(segment_in(house.settings.media))
    rot(kept)

    with pytest.raises(BrokenBackup, match=SEGMENT):
        drill(house.settings)
    assert Trouble.DRILL in troubles(house)
    listed = CliRunner().invoke(backup, ["list"], obj=house.installation).output
    assert "It failed since: 2026-11-23 09:00 UTC" in listed

    clock.advance(days=1)
    assert make(house.settings, house.database).about.lacking == []
    assert Trouble.DRILL in troubles(house), "nobody has practised since"
    drill(house.settings)
    assert Trouble.DRILL not in troubles(house)
    house.destroy()
    house.restore()
    assert sha256_of(segment_in(house.settings.media)) == sum_before


def test_what_rotted_here_and_there_is_left_out_and_named(house: House, clock) -> None:
    make(house.settings, house.database)
    rot(segment_in(house.settings.media), in_place=True)
    with pytest.raises(BrokenBackup):
        drill(house.settings)
    clock.advance(days=1)

    lacking = make(house.settings, house.database).about.lacking

    assert [SEGMENT in lack for lack in lacking] == [True]
    drill(house.settings)
    assert troubles(house) & {Trouble.DRILL, Trouble.FILMS} == {Trouble.FILMS}


def test_a_film_that_only_old_backups_have_is_forgotten_where_it_rotted(house: House, clock) -> None:
    """Lessons show it, so new backups hold on to what there is of it."""
    make(house.settings, house.database)
    kept = segment_in(house.settings.backups / "films")
    rot(kept)
    with pytest.raises(BrokenBackup):
        drill(house.settings)
    (house.settings.media / kept.parent.name).rename(house.folder / "lost")
    clock.advance(days=1)

    about = make(house.settings, house.database).about

    assert about.lacking == [f"film {kept.parent.name} is missing"]
    drill(house.settings)
    house.destroy()
    house.restore()
    assert (house.settings.media / kept.parent.name / "master.m3u8").is_file()
    assert not (house.settings.media / kept.parent.name / SEGMENT).exists()


def test_a_key_that_is_elsewhere_says_nothing_against_a_backup(sealed_house: House) -> None:
    house, key = sealed_house, sealed_house.folder / "backup.key"
    make(house.settings, house.database)
    key.write_text(f"{key.read_text().splitlines()[1].removeprefix('# public key: ')}\n")

    ran = CliRunner().invoke(backup, ["drill"], obj=house.installation)

    assert (ran.exit_code, "Every byte of the newest backup is as it was written." in ran.output) == (4, True)
    assert Backups(house.settings.backups).failed_drill() is None


def test_a_server_with_half_a_key_tells_of_rot_until_a_backup_is_whole_again(sealed_house: House, clock) -> None:
    house, key = sealed_house, sealed_house.folder / "backup.key"
    key.write_text(f"{key.read_text().splitlines()[1].removeprefix('# public key: ')}\n")
    make(house.settings, house.database)
    rot(segment_in(next(house.settings.backups.glob("films*"))))
    with pytest.raises(BrokenBackup, match=SEGMENT):
        drill(house.settings)
    assert Trouble.DRILL in troubles(house)

    clock.advance(days=1)
    make(house.settings, house.database)
    with pytest.raises(OnlyPublicHalf):
        drill(house.settings)

    assert Trouble.DRILL not in troubles(house)


def test_what_a_dying_disk_reads_no_more_is_left_out_and_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable = segment_in(house.settings.media)

    def read(path: Path) -> str:
        if path == unreadable:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return sha256_of(path)

    monkeypatch.setattr(films, "sha256_of", read)

    made = make(house.settings, house.database)

    assert made.about.lacking == [f"film {unreadable.parent.name}: {SEGMENT} cannot be read: Input/output error"]
    assert drill(house.settings).name == made.name


def test_all_but_damaged_films_can_be_put_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    make(house.settings, house.database)
    kept = segment_in(house.settings.backups / "films")
    rot(kept)
    people, own = house.rows()["people"], {"ELEARN_DATA": str(house.settings.data)}
    for name, value in (house.env | own | {"ELEARN_SECRET_KEY": house.settings.secret_key}).items():
        monkeypatch.setenv(name, value)
    house.destroy()

    refused = CliRunner().invoke(backup, ["restore"], obj=house.installation)
    done = CliRunner().invoke(backup, ["restore", "--without-damaged-films"], obj=house.installation)

    assert "elearn backup restore --without-damaged-films" in refused.output
    assert f"Not put back: film {kept.parent.name}: {SEGMENT} holds other bytes" in done.output
    house.reopen()
    assert house.rows()["people"] == people
    package = house.settings.media / kept.parent.name
    assert [(package / name).exists() for name in ("master.m3u8", SEGMENT)] == [True, False]


def test_nothing_but_films_may_be_damaged(house: House) -> None:
    made = make(house.settings, house.database)
    rot(house.settings.backups / made.name / "files.tar")
    house.destroy()

    with pytest.raises(BrokenBackup, match=r"files\.tar"):
        house.restore(without_damaged_films=True)


def test_a_film_of_which_nothing_is_left_is_named(house: House) -> None:
    make(house.settings, house.database)
    package = next((house.settings.backups / "films").iterdir())
    (package / "SHA256SUMS").unlink()
    house.destroy()

    done = house.restore(without_damaged_films=True)

    assert done.left_out == [f"film {package.name}: none of it is there"]
