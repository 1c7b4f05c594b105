from pathlib import Path

import pytest

from elearn.media.storage import MediaStore
from tests.media.clips import make_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of ten seconds, 320×180, with sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=10)


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")
