"""A served product with its two houses, and a sender of films in each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.media.uploads.folder import UploadFolder
from tests.conftest import settings_in
from tests.databases import Databases
from tests.faults.served import Served, served
from tests.tus import sender
from tests.world import World, make_world


class Site:
    """The product, its database, and what owners of its houses would send films with."""

    def __init__(self, group: Served, installation: Installation, world: World) -> None:
        self.group, self.installation, self.world = group, installation, world
        self.database = installation.database
        self.folder = UploadFolder(installation.settings.uploads)
        self.ours, self.theirs = (
            sender(self.database, installation.settings.data, group.port, side.owner)
            for side in (world.ours, world.theirs)
        )


@contextmanager
def make_site(databases: Databases, folder: Path, **more: str) -> Iterator[Site]:
    """Serve the product from a folder, on a database of its own, with more settings."""
    installation = Installation(settings_in(folder / "data", ELEARN_MANIFESTS=str(folder / "media_manifest"), **more))
    installation.database = database = Database(databases.copy())
    with database.writer() as session:
        world = make_world(session, installation, folder)
        session.commit()
    with served(database, folder / "data", ELEARN_LARGEST_FILM_GB="1", **more) as group:
        yield Site(group, installation, world)
    database.dispose()
