"""What machines ask of the product: does it answer, can it serve."""

from pathlib import Path

import pytest

from elearn.core import schema_version
from elearn.core.db import Database
from elearn.core.installation import Installation
from tests.client import PageClient


@pytest.fixture(autouse=True)
def _data_folder(installation: Installation) -> None:
    installation.settings.data.mkdir(parents=True)


def test_the_process_answers_and_touches_nothing(anonymous: PageClient, installation, tmp_path: Path) -> None:
    installation.database = Database(f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")

    response = anonymous.get("/health")

    assert (response.status_code, response.text) == (200, "ok\n")


def test_it_is_ready_at_the_newest_migration(anonymous: PageClient) -> None:
    response = anonymous.get("/ready")

    assert (response.status_code, response.json) == (200, {"ready": True, "lacking": []})


def test_an_older_database_is_not_ready(anonymous: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_version, "newest", lambda: "9999")

    response = anonymous.get("/ready")

    assert (response.status_code, response.json) == (503, {"ready": False, "lacking": ["migration"]})


def test_a_newer_database_is_ready(anonymous: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_version, "newest", lambda: "0001")  # an old process, while the others are restarted

    assert anonymous.get("/ready").status_code == 200


def test_what_lacks_is_named_without_details(anonymous: PageClient, installation, tmp_path: Path) -> None:
    installation.database = Database(f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")
    installation.settings.data.rmdir()

    response = anonymous.get("/ready")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json == {"ready": False, "lacking": ["database", "films"]}
    assert str(tmp_path) not in response.text


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_no_cookie_and_nothing_kept(owner: PageClient, path: str) -> None:
    response = owner.get(path)

    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
