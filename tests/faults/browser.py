"""Somebody who does not give up: sends a request again until it is answered, and notes how it was refused meanwhile."""

import http.client
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup

AWAY = 503
PATIENCE_S = 60
PAUSE_S = 0.05
WAY_ON = re.compile(r"<a [^>]*href=")


class GaveUp(AssertionError):
    """Nobody answered for too long, or as nobody should."""


@dataclass
class Answer:
    """What was answered in the end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where a redirect leads on this site."""
        parts = urlsplit(self.headers["Location"])
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")


@dataclass
class Refusals:
    """How requests were refused while something was away."""

    counted: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Refusals that are no proper 503."""

    def note(self, path: str, answer: Answer) -> None:
        """Note a refusal; judge whether it says when to come again, and a page has a way on."""
        self.counted[str(answer.status)] += 1
        is_page = "html" in answer.headers.get("Content-Type", "")
        if answer.status != AWAY or int(answer.headers.get("Retry-After", 0)) <= 0:
            self.wrong.append(f"{path}: {answer.status} {answer.text[:300]}")
        elif is_page and not WAY_ON.search(answer.text):
            self.wrong.append(f"{path}: a page without a way on")


@dataclass
class Browser:
    """A browser with a cookie, on a line of its own to a served product."""

    port: int
    refusals: Refusals
    cookie: str = ""
    sender: str = "10.0.0.1"
    """As the proxy before the product tells it."""
    paused: Callable[[], None] = lambda: time.sleep(PAUSE_S)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        return self.ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def ask(self, method: str, path: str, body: bytes | None = None, content: str = "", **headers: str) -> Answer:
        """Send a request until it is answered by other than 5xx. Raises `GaveUp`."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            answer = self._once(method, path, body, content, headers)
            if answer is not None and answer.status < 500:
                return answer
            if answer is not None:
                self.refusals.note(path, answer)
            else:
                self.refusals.counted["nobody"] += 1
            self.paused()
        raise GaveUp(f"{method} {path}: not answered within {PATIENCE_S} s")

    def _once(self, method: str, path: str, body: bytes | None, content: str, headers: dict[str, str]) -> Answer | None:
        given = {
            "Accept-Language": "en",
            "X-Forwarded-For": self.sender,
            **({"Cookie": f"session={self.cookie}"} if self.cookie else {}),
            **({"Content-Type": content} if content else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            told = Answer(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        for cookie in told.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            if name == "session":
                self.cookie = value
        return told


def form_fields(page: BeautifulSoup) -> dict[str, str]:
    """Return what the first form of a page's main part would send as it stands."""
    form = page.select_one('main form[method="post"]')
    assert form, page.text[:500]
    found = {}
    for each in form.find_all(["input", "textarea", "select"]):
        if not each.has_attr("name") or each.get("type") in ("submit", "file"):
            continue
        if each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        if each.name == "select":
            chosen = each.find("option", selected=True) or each.find("option")
            found[each["name"]] = chosen.get("value", chosen.text)
        else:
            found[each["name"]] = each.get("value", "") if each.name == "input" else each.text
    return found
