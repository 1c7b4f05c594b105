"""Demo mode lets anyone be anyone, so it answers this machine alone."""

from pathlib import Path

import pytest

from elearn.app import Elearn, create_app
from elearn.core.db import Database
from tests.client import PageClient
from tests.conftest import settings_in


@pytest.fixture
def demo(tmp_path: Path, database: Database) -> Elearn:
    app = create_app(settings_in(tmp_path / "data", ELEARN_DEMO="1"))
    app.extensions["elearn"].database = database
    app.test_client_class = PageClient
    return app


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000"])
def test_the_demo_is_there_under_this_machines_names(demo: Elearn, host: str) -> None:
    assert demo.test_client().get("/demo", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8000", "localhost.evil.test", "127.0.0.1.evil.test:8000", "["]
)
def test_a_name_turned_to_this_machine_does_not_open_it(demo: Elearn, host: str) -> None:
    client = demo.test_client()
    token = client.csrf_token()

    assert client.get("/demo", headers={"Host": host}).status_code == 404
    answer = client.post("/demo/sign-in/owner", data={"csrf_token": token}, headers={"Host": host})
    assert answer.status_code in (400, 404)
    assert "_user_id" not in client.cookie()


@pytest.mark.parametrize("path", ["/demo", "/demo/mail/1"])
def test_outside_of_demo_mode_there_is_no_demo(anonymous: PageClient, path: str) -> None:
    assert anonymous.get(path).status_code == 404
    assert anonymous.press("/demo/sign-in/owner").status_code == 404
