"""What a browser says about its languages is not kept in memory at any length."""

from elearn.web import rendering
from tests.client import PageClient


def test_a_list_no_browser_sends_gets_danish_and_is_forgotten(anonymous: PageClient) -> None:
    kept = rendering._negotiated.cache_info().currsize

    page = anonymous.get("/sign-in", headers={"Accept-Language": "en," + "x" * 100_000})

    assert 'lang="da"' in page.text
    assert rendering._negotiated.cache_info().currsize == kept
