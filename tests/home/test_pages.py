"""The start page, and what the product says about itself."""

import pytest

from tests.client import PageClient


@pytest.fixture
def visitor(anonymous) -> PageClient:
    """Somebody who reads English."""
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return anonymous


def test_before_anything_is_published_the_start_page_says_what_will_stand_there(visitor):
    page = visitor.page("/")
    assert "No course has been published yet" in page.text


def test_the_start_page_lists_the_courses_of_every_house(world, visitor):
    page = visitor.page("/")
    for side in (world.ours, world.theirs):
        assert page.find("a", href=f"/courses/{side.course.slug}")
        assert side.house.name in page.text


def test_a_learner_is_led_to_their_courses(learner):
    assert learner.get("/").location == "/learn"


def test_an_owner_is_led_to_their_house(owner):
    assert owner.get("/").location == "/owner"


@pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
@pytest.mark.parametrize("language", ["da", "nb", "nn", "en"])
def test_what_we_promise_is_there_in_every_language_with_somebody_to_write_to(world, anonymous, path, language):
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = anonymous.page(path)
    assert page.html["lang"] == language
    for side in (world.ours, world.theirs):
        assert page.find("a", href=f"mailto:{side.house.email}")


def test_privacy_says_what_the_employer_sees(visitor, world):
    text = " ".join(visitor.page("/privacy").text.split())
    assert "Never what you watch, or when you watch it." in text
    assert "at least five people" in text


def test_accessibility_names_its_limits(visitor, world):
    text = " ".join(visitor.page("/accessibility").text.split())
    assert "400 %" in text
    assert "need JavaScript" in text
