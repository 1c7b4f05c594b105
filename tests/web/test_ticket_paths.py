"""What goes by a ticket alone leaves the browser's sign-in as it is, whatever it answers."""

import pytest

from tests.client import PageClient


@pytest.mark.parametrize(
    "path", ["/media/nowhere", "/media/x/y/z", "/media/1/p/master.m3u8", "/learn/lessons/1/watched"]
)
def test_an_error_under_a_tickets_path_signs_nobody_out(learner: PageClient, path: str) -> None:
    assert learner.get(path).status_code >= 400

    assert learner.get("/learn/notes").status_code == 200
