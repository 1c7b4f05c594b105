"""The secret key is changed while somebody watches: over HTTP, by three servers of one installation in turn."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.app import Elearn
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.learning.models import VideoProgress
from elearn.media.models import Video
from tests.client import PageClient
from tests.conftest import TestClock, settings_in
from tests.walks.conftest import serving
from tests.world import make_world

OLD, NEW = "the-key-of-last-year-and-long-enough", "the-key-of-this-year-and-long-enough"
SEGMENT = "a segment of the film"
JSON = {"Content_Type": "application/json"}


class Browser:
    """Keeps cookies by name, as a browser does, and speaks to whichever server is up."""

    def __init__(self, **cookies: str) -> None:
        self.cookies = cookies
        self.address = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        connection = HTTPConnection(self.address)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body and json.dumps(body), named | {"Cookie": cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        self._keep(answer)
        connection.close()
        return answer.status, text

    def _keep(self, answer: HTTPResponse) -> None:
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value


@dataclass
class Film:
    """What a ticket opens."""

    claims: str
    segment: str


@dataclass
class Place:
    """An installation that can be served under one key after another."""

    folder: Path
    database: Database
    person: Person
    lesson_id: int
    module_id: int

    @contextmanager
    def served(self, browser: Browser, key: str, *old: str) -> Iterator[Elearn]:
        keys = {"ELEARN_SECRET_KEY": key, "ELEARN_OLD_SECRET_KEYS": ",".join(old)}
        url = self.database.engine.url.render_as_string(hide_password=False)
        with serving(url, self.folder, **keys) as (address, app):
            browser.address = address.removeprefix("http://")
            yield app
            app.extensions["elearn"].database.dispose()

    def ticket(self, browser: Browser, form_token: str, previous: Film | None = None) -> Film:
        asked = {"player": "p", "language": "da", "claims": previous.claims if previous else None}
        path = f"/learn/lessons/{self.lesson_id}/ticket"
        status, text = browser.ask("POST", path, asked, X_CSRFToken=form_token, **JSON)
        assert status == 200, text
        answer = json.loads(text)
        return Film(answer["claims"], answer["master"].replace("master.m3u8", "720-00000.m4s"))

    def report(self, browser: Browser, film: Film, first: int, after: int) -> int:
        body = {"claims": film.claims, "id": f"r{first}", "seq": after, "ranges": [[first, after]], "position": after}
        return browser.ask("POST", f"/learn/lessons/{self.lesson_id}/watched", body, **JSON)[0]

    def seen_s(self) -> int:
        with self.database.reader() as session:
            row = session.scalar(select(VideoProgress).where(VideoProgress.person_id == self.person.id))
            return row.seen.bit_count() if row else 0


@pytest.fixture
def place(own_database: Database, tmp_path: Path, clock: TestClock) -> Place:
    installation = Installation(settings_in(tmp_path / "data", ELEARN_SECRET_KEY=OLD))
    installation.database = own_database
    with own_database.writer() as session:
        world = make_world(session, installation, tmp_path)
        session.commit()
        module = world.ours.outline(session).modules[0]
        for package in session.scalars(select(Video.package)):
            (installation.settings.media / package).mkdir(parents=True, exist_ok=True)
            (installation.settings.media / package / "720-00000.m4s").write_text(SEGMENT)
        return Place(tmp_path / "data", own_database, world.ours.learner, module.lessons[0].id, module.id)


def test_a_new_key_in_the_middle_of_a_film_is_not_noticed(place: Place, clock: TestClock) -> None:
    browser = Browser()

    with place.served(browser, OLD) as app:
        app.test_client_class = PageClient
        signed_in = app.test_client().signed_in_as(place.person)
        browser.cookies["session"] = signed_in.get_cookie("session").value
        form_token = signed_in.csrf_token()
        browser.cookies["session"] = signed_in.get_cookie("session").value
        film = place.ticket(browser, form_token)
        assert browser.ask("GET", film.segment)[0] == 200

    clock.advance(seconds=60)
    with place.served(browser, NEW, OLD):
        assert browser.ask("GET", film.segment) == (200, SEGMENT)
        assert browser.ask("GET", f"/learn/modules/{place.module_id}")[0] == 200, "still signed in"
        assert place.report(browser, film, 0, 20) == 200
        assert place.seen_s() == 20
        renewed = place.ticket(browser, form_token, film)
        assert browser.ask("GET", film.segment)[0] == 200

    clock.advance(seconds=60)
    with place.served(browser, NEW):
        assert browser.ask("GET", film.segment)[0] == 200, "the ticket was renewed under the new key"
        assert place.report(browser, renewed, 20, 40) == 200
        assert place.report(browser, film, 30, 40) == 403, "nothing goes by the old key any more"
    assert place.seen_s() == 40
