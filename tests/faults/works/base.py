"""What all works share: the ground they stand on, a hand that repeats, a journal, looks at the database."""

import itertools
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.app import Elearn, create_app
from tests.client import PageClient
from tests.faults.browser import PATIENCE_S, Browser, Refusals
from tests.faults.postbox import Postbox
from tests.faults.senders_site import Site
from tests.peers.stripe_server import StripeServer

LOOK_EVERY_S = 0.1
BREATH_S = 0.05
"""Between one thing and the next: the works are to be in the middle of something, not to fill the machine."""


@dataclass
class Ground:
    """A served product, the mail server and the Stripe around it, and people enough."""

    site: Site
    box: Postbox
    stripe: StripeServer
    people: list[tuple[int, int]]
    """Persons and their seats in the course of our side."""
    refusals: Refusals = field(default_factory=Refusals)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def number(self) -> int:
        """Return a number that nobody has yet: each browser comes from an address of its own."""
        return next(self._numbers)

    def browser(self, person: Person | None = None) -> Browser:
        """Open a browser, signed in or not."""
        number = self.number()
        cookie = "" if person is None else insisting(lambda: self._sign_in(person))
        sender = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        return Browser(self.site.group.port, self.refusals, cookie, sender)

    def look(self, question: Callable[[Session], Any]) -> Any:
        """Ask the database, waiting while it is away."""

        def ask() -> Any:
            with self.site.database.reader() as session:
                return question(session)

        return insisting(ask)

    def wait_for(self, what: str, is_so: Callable[[], Any]) -> Any:
        """Wait for what a job brings, as somebody does who looks again; a dead worker's lease may have to end."""
        until = time.monotonic() + 2 * PATIENCE_S
        while not (found := is_so()):
            assert time.monotonic() < until, f"in vain: {what}"
            time.sleep(LOOK_EVERY_S)
        return found

    @cached_property
    def _app(self) -> Elearn:
        app = create_app(self.site.installation.settings)
        app.extensions["elearn"] = self.site.installation
        app.test_client_class = PageClient
        return app

    def _sign_in(self, person: Person) -> str:
        browser = self._app.test_client()
        assert isinstance(browser, PageClient)
        cookie = browser.signed_in_as(person).get_cookie("session")
        assert cookie is not None
        return cookie.value


class Work:
    """Something that is done over and over."""

    name: ClassVar[str]

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.acknowledged = 0
        self.wrong: list[str] = []
        """What nobody should meet, killed or not."""

    def once(self) -> None:
        """Do it once, insisting until it is acknowledged, and write that down by `note`."""
        raise NotImplementedError

    def lost(self) -> list[str]:
        """Return what was acknowledged and is not there, or is there twice, once everything has come to its end."""
        raise NotImplementedError

    def note(self, number: int = 1) -> None:
        """Count what was acknowledged."""
        self.acknowledged += number

    def begin(self, stop: threading.Event) -> None:
        """Do it again and again until `stop` is set, and then bring what is begun to its end."""

        def repeat() -> None:
            while not stop.wait(BREATH_S):
                try:
                    self.once()
                except Exception:
                    self.wrong.append(traceback.format_exc())
                    stop.wait(1)

        self._hand = threading.Thread(target=repeat, daemon=True)
        self._hand.start()

    def wait_for_its_end(self) -> None:
        """Wait until what was begun has come to its end."""
        self._hand.join(3 * PATIENCE_S)
        if self._hand.is_alive():
            self.wrong.append("what was begun did not come to its end")


@contextmanager
def all_at_work(works: Sequence[Work]) -> Iterator[None]:
    """Have all works done while the block lasts."""
    stop = threading.Event()
    for work in works:
        work.begin(stop)
    try:
        yield
    finally:
        stop.set()
        for work in works:
            work.wait_for_its_end()


def insisting(do: Callable[[], Any]) -> Any:
    """Do what needs the database of the test's own process, waiting while it is away."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return do()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def differences(what: str, wanted: int, found: int) -> list[str]:
    """Return a sentence when something is not there as often as it should be."""
    return [] if wanted == found else [f"{what}: {found} instead of {wanted}"]
