from pathlib import Path

import pytest

from tests.catalogue.course_folder import CourseFolder


@pytest.fixture
def files(tmp_path: Path) -> CourseFolder:
    """A good small course of two modules with two films; tests break it."""
    return CourseFolder(tmp_path)
