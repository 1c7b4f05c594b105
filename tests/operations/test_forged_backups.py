"""A backup that somebody else wrote into the folder: its names lead nowhere outside of it."""

import json
from pathlib import Path

import pytest

from elearn.operations.backups.drill import drill
from elearn.operations.backups.making import make
from elearn.operations.errors import BrokenBackup
from elearn.operations.files import sha256_of, write_sums
from tests.operations.house import House, of_files

pytestmark = of_files


def forge(house: House, **said: object) -> Path:
    """Make a backup and have it say something else of itself; return its folder."""
    folder = house.settings.backups / make(house.settings, house.database).name
    about = folder / "backup.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | said))
    write_sums(folder, {path.name: sha256_of(path) for path in folder.iterdir() if path.name != "SHA256SUMS"})
    return folder


@pytest.mark.parametrize(
    "said",
    [
        {"database": "../secret.key"},
        {"database": "/no/such/folder/database.sqlite"},
        {"suffix": "/../x"},
        {"pool": "../../films"},
        {"pool": "films\n"},
        {"films": ["../0123456789abcdef"]},
        {"engine": "mysql"},
    ],
)
def test_no_name_in_it_leads_out_of_its_folder(house: House, said: dict[str, object]) -> None:
    secret = house.settings.data / "secret.key"
    secret.write_text("ours")
    forge(house, **said)
    (house.settings.backups / "secret.key").write_text("theirs")

    with pytest.raises(BrokenBackup):
        drill(house.settings)
    with pytest.raises(BrokenBackup):
        house.restore()

    assert secret.read_text() == "ours"


@pytest.mark.parametrize("name", ["../../planted", "x.sh", "captions/../../../planted"])
def test_only_files_of_films_come_back_into_the_films_folder(house: House, name: str) -> None:
    make(house.settings, house.database)
    package = next((house.settings.backups / "films").glob("*/"))
    planted = package / name
    planted.parent.mkdir(exist_ok=True, parents=True)
    planted.write_text("planted")
    sums = {path.name: sha256_of(path) for path in package.iterdir() if path.is_file() and path.name != "SHA256SUMS"}
    write_sums(package, {**sums, name: sha256_of(planted)})
    house.destroy()

    with pytest.raises(BrokenBackup, match="no film has"):
        house.restore()

    assert not list(house.settings.data.rglob("planted")) + list(house.settings.data.rglob("x.sh"))
