"""Every page for everybody (P13): axe finds nothing, the console is silent, no other host is asked, phones fit."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.catalogue.course_folder import RealFilm
from tests.databases import Databases
from tests.rules.field import routes
from tests.walks.atlas import DEMO, LEARNER, NO_PAGES, OPENED_BY, OWNER, ROLES, STOPS, VISITOR, Atlas, Stop, atlas_in
from tests.walks.conftest import TIMEOUT_MS, running_clock
from tests.walks.looking import Look
from tests.walks.pages import ModulePage

pytestmark = [pytest.mark.walk, pytest.mark.looks]

DESKTOP, PHONE = (1280, 900), (390, 844)
TOPIC = ("hard talks", "svære samtaler", "hvorfor vi spørger", "why we ask", "vold", "violence", "silence", "stilheden")
"""What the course is about must not stand in a tab."""
PRIVATE = ("learning.", "feedback.", "accounts.", "licensing.", "personal_data.")
BLOCKED = "203.0.113.9"
Open = Callable[..., Look]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory, databases: Databases, real_film: RealFilm) -> Iterator[Atlas]:
    with running_clock() as clock, atlas_in(tmp_path_factory.mktemp("atlas"), databases, real_film, clock) as atlas:
        yield atlas


@pytest.fixture(scope="module")
def contexts(chromium: Browser, atlas: Atlas) -> Iterator[Callable[..., BrowserContext]]:
    """Browsers by role, screen and colour scheme: one each, kept."""
    made: dict[tuple[object, ...], BrowserContext] = {}

    def context(role: str, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> BrowserContext:
        key = (role, size, scheme)
        if key not in made:
            made[key] = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                locale="en-GB",
                color_scheme=scheme,
                reduced_motion="reduce",
                has_touch=size == PHONE,
            )
            made[key].set_default_timeout(TIMEOUT_MS)
            if cookie := atlas.cookie(role):
                made[key].add_cookies([{"name": "session", "value": cookie, "url": atlas.site.url}])
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def opened(contexts: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Opens pages under observation, and closes them at the end."""
    looks: list[Look] = []

    def make(role: str, *screen: object) -> Look:
        looks.append(Look(contexts(role, *screen).new_page()))
        return looks[-1]

    yield make
    for look in looks:
        look.page.close()


@pytest.fixture
def next_page(contexts: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Opens one page after the other in the tab that a role keeps: a new one costs a third of the look."""
    looks: list[Look] = []

    def make(role: str, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Look:
        context = contexts(role, size, scheme)
        looks.append(Look(context.pages[0] if context.pages else context.new_page()))
        looks[-1].page.set_viewport_size({"width": size[0], "height": size[1]})
        return looks[-1]

    yield make
    for look in looks:
        look.leave()


def test_every_page_is_looked_at(atlas):
    pages = {rule.endpoint for rule, method in routes(atlas.site.app) if method == "GET"} - set(NO_PAGES)
    assert pages == set(OPENED_BY), "say in tests/walks/atlas.py who opens it, or why it is no page"


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_page(stop, atlas, next_page):
    look = next_page(stop.role)
    look.open(atlas.url(stop))
    assert look.faults() + look.too_wide() == []
    if stop.endpoint.startswith(PRIVATE) and stop.role != OWNER:
        title = look.page.title().lower()
        assert not [word for word in TOPIC if word in title]


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_page_on_every_screen(stop, size, scheme, atlas, next_page):
    look = next_page(stop.role, size, scheme)
    look.open(atlas.url(stop))
    assert look.faults() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_as_their_readers_see_them(scheme, atlas, opened):
    letters = atlas.letters()
    assert len(letters) >= 3, letters
    for subject, url in letters.items():
        look = opened(DEMO, DESKTOP, scheme)
        look.open(url)
        assert look.faults() + look.too_wide() == [], subject


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_player_in_all_its_states(scheme, atlas, opened):
    look = opened(LEARNER, DESKTOP, scheme)
    look.open(atlas.site.module_url)
    watching = ModulePage(look.page)
    watching.play()
    assert look.faults() == [], "playing"
    watching.watch_until(1)
    watching.pause()
    assert look.faults() == [], "paused"
    for menu in ("captions", "playback-rate", "rendition"):
        look.page.locator(f"media-{menu}-menu-button").click()
        look.page.locator(f"media-{menu}-menu").wait_for()
        assert look.faults() == [], f"{menu} menu open"
        look.page.keyboard.press("Escape")
    assert look.too_wide() == []


def test_menus_of_the_header(atlas, opened):
    look = opened(LEARNER)
    look.open(f"{atlas.site.url}/learn")
    for summary in look.page.locator("header details.menu:visible > summary").all():
        summary.click()
        assert look.faults() == []
    look.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    look.page.locator("header details.menu:visible > summary").click()
    assert look.faults() + look.too_wide() == []


def _post_from(look: Look, origin: str, url: str, *, status: int) -> None:
    """Send a form from a page of `origin`, which carries none of our tokens."""
    body = f'<form method="post" action="{url}"><button>Send</button></form>'
    look.page.route(origin, lambda route: route.fulfill(content_type="text/html", body=body))
    look.page.goto(origin)
    look.heard.clear()  # that page is not ours
    with look.page.expect_navigation() as answer:
        look.page.get_by_role("button", name="Send").click()
    assert answer.value.status == status


@pytest.mark.parametrize("role", [VISITOR, LEARNER])
def test_error_pages(role, atlas, opened):
    url = atlas.site.url
    look = opened(role)
    look.open(f"{url}/nowhere", status=404)
    assert look.faults() + look.too_wide() == []
    look = opened(role)
    look.open(f"{url}/sign-in/used-or-too-old", status=410)
    assert look.faults() + look.too_wide() == []
    look = opened(role)
    _post_from(look, "http://elsewhere.example/", f"{url}/leave", status=403)
    assert look.faults() + look.too_wide() == []
    look = opened(role)
    _post_from(look, f"{url}/old-page", f"{url}/language", status=400)
    assert look.faults() + look.too_wide() == []


def test_the_page_after_too_many_tries(atlas, opened):
    look = opened(VISITOR)
    url = f"{atlas.site.url}/invitations/guess"
    for _ in range(30):
        look.page.request.get(url)
    look.open(url, status=429)
    atlas.site.clock.advance(minutes=16)
    assert look.faults() + look.too_wide() == []


@pytest.mark.parametrize(
    ("role", "path", "button"),
    [
        (VISITOR, "/sign-in", "Send me a link"),
        (VISITOR, "/certificates?code=WRONG", "Check"),
        (OWNER, "/owner/licences/{licence_id}/give", "Send the invitation"),
        (OWNER, "/owner/licences/new", "Give the licence"),
        (OWNER, "/owner/courses/{course_id}/occasions", "Make the code"),
        (LEARNER, "/feedback/{form_id}", "Send answers"),
    ],
)
def test_forms_with_mistakes(role, path, button, atlas, opened):
    look = opened(role)
    look.open(atlas.site.url + path.format(**atlas.values))
    look.page.get_by_role("button", name=button, exact=True).click()
    look.page.locator(".ds-error-summary").wait_for()
    assert look.faults() + look.too_wide() == []


def test_every_role_opens_something():
    assert {stop.role for stop in STOPS} == set(ROLES)
    assert Stop(LEARNER, "learning.module") in STOPS
