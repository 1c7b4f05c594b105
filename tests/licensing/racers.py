"""Processes that press buttons over HTTP all at once. They import nothing of the product, to be there at once."""

import http.client
import multiprocessing
import multiprocessing.connection
import re
import time
from dataclasses import dataclass

YES, NO = "you have it", "no free seat"


@dataclass(frozen=True)
class Answer:
    """What one press came to, between two readings of the machine's clock."""

    person: int
    said: str
    begun: float
    ended: float


class Racer:
    """A process of its own with five people, who press when the gate opens."""

    def __init__(self, port: int) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_race, args=(theirs, port), daemon=True)
        self._process.start()

    def wait(self) -> None:
        """Wait until it stands at the gate."""
        assert self._pipe.recv() == "ready"

    def go(self, presses: list[tuple[int, str]]) -> None:
        """Press for each person, in order."""
        self._pipe.send(presses)

    def answers(self) -> list[Answer]:
        """Return what they were told."""
        told: list[Answer] = self._pipe.recv()
        return told

    def stop(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join(10)


def _race(pipe: multiprocessing.connection.Connection, port: int) -> None:
    browser = Browser(port)
    pipe.send("ready")
    while (presses := pipe.recv()) is not None:
        browser.connect()  # between rounds the server may have closed what was idle
        pipe.send([browser.press(person, token) for person, token in presses])


class Browser:
    """Knows a session cookie with its form token, and presses the button of a letter's page."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.request("GET", "/sign-in")
        page = self._connection.getresponse()
        self._cookie = str(page.headers["Set-Cookie"]).split(";")[0]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
        assert found
        self._form = f"csrf_token={found[1]}"

    def connect(self) -> None:
        """Open a connection anew."""
        self._connection.close()
        self._connection.connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def press(self, person: int, token: str) -> Answer:
        """Press the button of a letter; say what was answered, and between which moments."""
        begun = time.monotonic()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self._cookie}
        self._connection.request("POST", f"/joinings/{token}", self._form, headers)
        answer = self._connection.getresponse()
        answer.read()
        said = {303: YES, 409: NO}.get(answer.status, f"status {answer.status}")
        return Answer(person, said, begun, time.monotonic())
