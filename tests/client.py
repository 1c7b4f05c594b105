"""A browser for tests. Every page it opens is checked for what any page owes."""

import re
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from markupever import HtmlOptions, Parser
from sqlalchemy import event
from werkzeug.test import TestResponse

from elearn.accounts.models import Person
from elearn.accounts.services import open_sign_in
from elearn.core import clock
from elearn.core.db import Database

OWN_LAYOUT = ("/demo/mail/",)
FIELDS = ("input", "select", "textarea")


class PageClient(FlaskClient):
    """Opens pages and presses buttons."""

    _read_token: tuple[str | None, str | None] = (None, None)

    def signed_in_as(self, person: Person, *, second_factor: bool = True) -> "PageClient":
        """Sign in without the mailed link, as its press would, and without the second step, as its press would."""
        installation = self.application.extensions["elearn"]
        with installation.database.transaction() as session:
            opened = open_sign_in(session, person=session.merge(person), door="test")
            opened.sign_in.second_factor_at = clock.now() if second_factor else None
            token = opened.token
        with self.session_transaction() as cookies:
            cookies["_user_id"] = token
            cookies["_fresh"] = True
            cookies["seen"] = int(clock.now().timestamp())
            cookies["language"] = "en"
        return self

    def page(self, path: str, status: int = 200) -> BeautifulSoup:
        """Open a page, check it and return it."""
        response = self.get(path)
        assert response.status_code == status, f"{path}: {response.status_code}, not {status}\n{response.text[:2000]}"
        return check_page(path, response)

    def press(self, path: str, **fields: Any) -> TestResponse:
        """Send a form with this browser's CSRF token."""
        return self.post(path, data=fields | {"csrf_token": self.csrf_token()})

    def send(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send JSON as a script does, with this browser's CSRF token."""
        return self.post(path, json=body, headers={"X-CSRFToken": self.csrf_token()} | headers)

    def csrf_token(self) -> str:
        """Return the token that this browser's pages carry: read from a page, and good as long as its session is."""
        session, token = self._read_token
        if token is None or session != self.cookie().get("csrf_token"):
            page = self.get("/sign-in")
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert found, "the sign-in page has a CSRF token"
            token = found[1]
            self._read_token = (self.cookie().get("csrf_token"), token)
        return token

    def cookie(self) -> dict[str, Any]:
        """Return what this browser's session cookie holds."""
        with self.session_transaction() as cookies:
            return dict(cookies)


def errors_in(markup: str) -> list[str]:
    """Return what is no valid HTML: what a browser would have to forgive."""
    parser = Parser(HtmlOptions(exact_errors=True))
    parser.process(markup)
    parser.finish()
    return parser.errors()


def check_page(path: str, response: TestResponse) -> BeautifulSoup:
    """Check what any page owes: valid HTML, language, one title and heading, ids, labels, tokens, headers."""
    if not path.startswith(OWN_LAYOUT):
        assert errors_in(response.text) == [], f"{path}: it is valid HTML"
    page = BeautifulSoup(response.text, "lxml", store_line_numbers=False)
    assert page.html is not None
    assert page.html.get("lang") in ("da", "nb", "nn", "en"), f"{path}: <html> says its language"
    assert page.title is not None
    assert page.title.text.strip(" ·"), f"{path}: it has a title"
    assert len(page.find_all("h1")) == 1, f"{path}: one h1, not {len(page.find_all('h1'))}"
    tags = page.find_all(True)
    ids = [tag["id"] for tag in tags if tag.has_attr("id")]
    assert len(ids) == len(set(ids)), f"{path}: double ids {sorted({i for i in ids if ids.count(i) > 1})}"
    labelled_ids = {tag["for"] for tag in tags if tag.name == "label" and tag.has_attr("for")}
    for form in page.find_all("form", method="post"):
        assert form.find("input", {"name": "csrf_token"}), f"{path}: a form without CSRF token"
    for field in tags:
        if field.name in FIELDS and field.get("type") not in ("hidden", "submit", "button"):
            labelled = field.get("aria-label") or field.get("aria-labelledby") or field.find_parent("label")
            assert labelled or field.get("id") in labelled_ids, f"{path}: a field without label {field}"
    assert not any(tag.has_attr("style") for tag in tags), f"{path}: inline styles break the policy"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert name in response.headers, f"{path}: {name} is missing"
    assert "no-store" in response.headers["Cache-Control"], f"{path}: pages are not kept by browsers"
    return page


def queries(database: Database, client: PageClient, path: str) -> int:
    """Return how many statements opening a page takes."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    client.page(path)  # what is kept between requests is read now
    event.listen(database.engine, "before_cursor_execute", note)
    client.page(path)
    event.remove(database.engine, "before_cursor_execute", note)
    found = [statement for statement in said if "SAVEPOINT" not in statement]
    assert found
    return len(found)
