import shutil
from pathlib import Path

import pytest

from elearn.media.packaging import add_package
from elearn.media.stores.local_store import LocalStore
from tests.media.clips import make_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of ten seconds, 320×180, with sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=10)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media")


@pytest.fixture(scope="session")
def _packaged(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packaged") / "media"
    add_package(clip, LocalStore(folder), poster_s=1)
    return folder


@pytest.fixture
def filled_store(_packaged: Path, store: LocalStore) -> LocalStore:
    """A store that has the clip, as adding it left it: it is packaged once for all tests."""
    shutil.copytree(_packaged, store.root)
    return store
