"""Addresses that Python cannot take apart are dropped like any other that is not ours."""

import pytest

from tests.client import PageClient


@pytest.mark.parametrize("path", ["//[", "//[x", "http://[", "//a\u2100b", "/\u2100//["])
def test_what_is_no_address_is_no_place_to_go_on(anonymous: PageClient, path: str) -> None:
    page = anonymous.get("/sign-in", query_string={"next": path})

    assert page.status_code == 200
    assert anonymous.press("/language", language="en", next=path).status_code == 303
