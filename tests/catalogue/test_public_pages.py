"""The public page of a course, for whoever considers it."""

import pytest

from elearn.organisations.models import CourseHouse
from tests.client import PageClient

HOSTILE = '"><script>alert(1)</script> {{7*7}} ${7*7} </title>'


@pytest.fixture
def visitor(anonymous) -> PageClient:
    """Somebody who reads English."""
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return anonymous


@pytest.fixture
def address(world) -> str:
    return f"/courses/{world.ours.course.slug}"


def publish_again(session, world, name: str, old: str, new: str) -> None:
    from elearn.catalogue.services import publish_course

    files = world.ours.files
    files.edit(name, old, new)
    house = session.get_one(CourseHouse, world.ours.house.id)
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None)
    session.commit()


def test_it_says_what_whom_for_how_long_and_whom_to_write_to(world, visitor, address):
    page = visitor.page(address)
    for said in ("Hard talks", "Why we ask", "8 min", "10 min", "2 modules", "18 min in all", "Schools", "Daycare"):
        assert said in page.text, said
    assert page.find("a", href=f"mailto:{world.ours.house.email}")
    assert world.ours.house.name in page.text


def test_what_is_not_translated_is_marked_with_its_language(visitor, address):
    page = visitor.page(address)
    assert page.h1["lang"] == "en"
    summary = page.find(string="Et kort kursus.").parent
    assert summary["lang"] == "da"
    assert page.find("h3", string="At lytte")["lang"] == "da"


def test_its_description_is_markdown(visitor, address):
    assert visitor.page(address).find("a", href="https://www.jegvet.no/").text == "Jeg vet"


def test_an_open_module_may_be_watched_at_once_and_the_others_may_not(world, session, visitor, address):
    course = world.ours.outline(session)
    page = visitor.page(address)
    opened, closed = (f"{address}/modules/{module.id}" for module in course.modules)
    assert page.find_all("a", href=opened)
    assert not page.find_all("a", href=closed)
    film = course.modules[0].lessons[0].film("en")
    assert page.find("img", class_="still")["src"] == f"/learn/posters/{film.video_id}.jpg"


def test_without_an_open_module_there_is_no_picture_and_no_way_in(session, world, visitor, address):
    publish_again(session, world, "course.yaml", "open: true", "open: false")
    page = visitor.page(address)
    assert not page.find("img", class_="still")
    assert "/modules/" not in str(page.main)


def test_the_line_has_a_piece_for_each_module_as_long_as_the_module(visitor, address):
    pieces = visitor.page(address).find("svg", class_="line").find_all("rect")
    widths = [float(piece["width"]) for piece in pieces]
    assert widths[1] / widths[0] == pytest.approx(10 / 8, rel=0.01)
    assert float(pieces[1]["x"]) + widths[1] == pytest.approx(1000, abs=0.2)


def test_hostile_words_in_a_course_stay_words(session, world, visitor, address):
    publish_again(session, world, "en.yaml", "title: Hard talks", f"title: '{HOSTILE}'")
    page = visitor.get(address).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} ${7*7}" in page


def test_a_course_that_is_not_there_is_not_found(world, visitor):
    assert visitor.get("/courses/no-such-course").status_code == 404
