"""Files of the front end are what they say they are, and no other site's."""

from tests.client import PageClient


def test_a_file_is_neither_guessed_at_nor_lent_to_other_sites(anonymous: PageClient) -> None:
    response = anonymous.get("/static/build/manifest.json")
    response.close()

    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers
