"""An installation with people, films and files of its own, to be backed up, destroyed and put back."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import MetaData, make_url, select, text

from elearn.config import Settings
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.operations import postgresql
from elearn.operations.backups.restoring import PutRight, restore
from elearn.operations.backups.sealing import make_key
from tests.conftest import settings_in
from tests.databases import ENGINE, Databases, PostgresDatabases
from tests.personal_data.planting import plant
from tests.world import World, make_world

of_files = pytest.mark.looks  # about files: databases make no difference


@dataclass
class House:
    """The installation, its people, and the environment that its settings come from."""

    folder: Path
    env: dict[str, str]
    installation: Installation
    world: World

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @property
    def database(self) -> Database:
        return self.installation.database

    def read_settings(self) -> Settings:
        return settings_in(self.folder / "data", **self.env)

    def destroy(self) -> None:
        """Lose everything but the backups."""
        self.database.dispose()
        shutil.rmtree(self.folder / "data")
        for name in ("courses", "media_manifest"):
            shutil.rmtree(self.folder / "ours" / name)
        url = make_url(self.env["ELEARN_DATABASE"])
        if ENGINE == "sqlite":
            for file in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):
                file.unlink()
            return
        postgresql.empty(url)

    def restore(
        self,
        name: str = "newest",
        *,
        key_file: Path | None = None,
        replace: bool = False,
        without_damaged_films: bool = False,
    ) -> PutRight:
        """Put a backup back and open the installation anew."""
        self.database.dispose()
        done = restore(
            self.read_settings,
            name,
            key_file=key_file,
            replace=replace,
            without_damaged_films=without_damaged_films,
        )
        self.reopen()
        return done

    def reopen(self) -> None:
        """Read the settings again, and open the database that is there now."""
        self.installation = Installation(self.read_settings())

    def rows(self) -> dict[str, list[str]]:
        """Return everything that is in the database."""
        with self.database.engine.connect() as connection:
            tables = MetaData()
            tables.reflect(connection)
            return {
                name: sorted(map(repr, connection.execute(select(table)).all()))
                for name, table in tables.tables.items()
            }

    def count(self, table: str) -> int:
        with self.database.engine.connect() as connection:
            return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def make_house(databases: Databases, folder: Path) -> House:
    """Make a house, in a folder of its own."""
    env = {"ELEARN_DATABASE": databases.copy(), **_places(databases, folder)}
    installation = Installation(settings_in(folder / "data", **env))
    with installation.database.writer() as session:
        world = make_world(session, installation, folder)
        plant(session, installation, world.ours, "CANARY-A")
        session.commit()
    for side in (world.ours, world.theirs):
        shutil.copytree(side.files.store.root, installation.settings.media, dirs_exist_ok=True)
    (installation.settings.data / "settings.env").write_text("ELEARN_NAME=Huset\n")
    installation.database.dispose()
    return House(folder, env, installation, world)


def house_again(databases: Databases, made: House, folder: Path, *, key: bool = False) -> House:
    """Return a copy of a house, with real commits of its own; with `key`, one whose backups are encrypted."""
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    env = {"ELEARN_DATABASE": databases.again(made.env["ELEARN_DATABASE"]), **_places(databases, folder)}
    if key:
        make_key(folder / "backup.key")
        env["ELEARN_BACKUP_KEY"] = str(folder / "backup.key")
    return House(folder, env, Installation(settings_in(folder / "data", **env)), made.world)


def _places(databases: Databases, folder: Path) -> dict[str, str]:
    places = {
        "ELEARN_BACKUPS": str(folder / "backups"),
        "ELEARN_COURSES": str(folder / "ours" / "courses"),
        "ELEARN_MANIFESTS": str(folder / "ours" / "media_manifest"),
    }
    if isinstance(databases, PostgresDatabases):
        places["ELEARN_POSTGRESQL_TOOLS"] = str(databases.server.bin_path)
    return places
