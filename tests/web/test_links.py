"""Nothing a request names leads away from the product."""

import pytest

from elearn.web.links import safe_path

ELSEWHERE = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https://evil.test",
    "HTTPS://evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.test",
    "/a\r\nSet-Cookie: x=1",
    "/" + "a" * 600,
    "",
    None,
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_what_a_browser_could_read_as_another_site_is_dropped(path: str | None) -> None:
    assert safe_path(path) is None


@pytest.mark.parametrize(
    "path", ["/", "/learn/3", "/learn/modules/3?film=4#note-a", "/owner/people?text=%2F%2Fevil.test"]
)
def test_paths_of_ours_are_kept(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize("path", ["/%09/evil.test", "//evil.test", "/%5Cevil.test", "https:evil.test"])
def test_choosing_a_language_stays_here(anonymous, path: str) -> None:
    from urllib.parse import unquote

    response = anonymous.press("/language", language="da", next=unquote(path))

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/%09/evil.test", "//evil.test", "/%5Cevil.test", "https:evil.test"])
def test_a_sign_in_page_carries_no_foreign_address_on(anonymous, path: str) -> None:
    page = anonymous.page(f"/sign-in?next={path}")

    assert page.select_one("main input[name=next]")["value"] == ""
