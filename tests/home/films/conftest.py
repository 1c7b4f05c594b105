"""A film of ours, its manifest where the installation reads it, and one that is on its way."""

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.media.models import FilmUpload
from tests.world import World


@pytest.fixture(autouse=True)
def manifest(installation: Installation, world: World, session: Session) -> Path:
    """The manifest of a film of ours, where the installation reads it."""
    files = world.ours.files
    installation.settings = dataclasses.replace(
        installation.settings, courses=files.folder.parent, manifests=files.manifests, data=files.store.root.parent
    )
    session.commit()
    return files.manifests / "why-we-ask.yaml"


@pytest.fixture
def upload(session: Session, world: World, installation: Installation) -> FilmUpload:
    """A film of which half has arrived."""
    begun = FilmUpload(
        id="0" * 32,
        film_key="why-we-ask",
        course_house_id=world.ours.house.id,
        language="da",
        file_name="<b>film</b>.mp4",
        size_bytes=1000,
        begun_by_id=world.ours.owner.id,
        begun_at=clock.now(),
        touched_at=clock.now(),
    )
    session.add(begun)
    session.commit()
    installation.settings.uploads.mkdir(parents=True, exist_ok=True)
    (installation.settings.uploads / begun.id).write_bytes(b"x" * 500)
    return begun
