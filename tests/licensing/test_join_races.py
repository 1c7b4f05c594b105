"""Many press at the same moment: real connections, real commits, on both engines."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from elearn.config import Settings
from elearn.core import clock as product_clock
from elearn.core.db import Database
from elearn.core.errors import DomainError
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import run_due
from elearn.licensing import emails, services
from elearn.licensing.models import JoinLink, Licence, RequestState, Seat, SeatRequest
from elearn.licensing.services import join_links
from elearn.mail.models import Letter
from tests.licensing.helpers import new_licence, own_installation, own_world

pytestmark = pytest.mark.race

PEOPLE = 24
AT_ONCE = 12
Press = Callable[[str], str]


@pytest.fixture
def installation(settings: Settings, own_database: Database, clock) -> Installation:
    return own_installation(settings, own_database)


@pytest.fixture
def licence_id(installation: Installation, tmp_path: Path) -> int:
    world = own_world(installation, tmp_path)
    with installation.database.transaction() as session:
        return new_licence(session, world, PEOPLE).id


def tokens_of(installation: Installation, licence_id: int, *, most: int) -> list[str]:
    """Make a link for `most` people, and let everybody have a letter."""
    with installation.database.transaction() as session:
        licence = session.get_one(Licence, licence_id)
        link = services.make_join_link(
            session,
            scope=MunicipalityScope(licence.municipality_id, 1),
            licence=licence,
            department_id=None,
            domains=["work.example"],
            most=most,
            ends_on=product_clock.today("DK") + timedelta(days=10),
            needs_approval=False,
            by_id=1,
        )
        for number in range(PEOPLE):
            services.send_joining(
                session,
                installation.tokens,
                join_link_id=link.id,
                address=f"p{number}@work.example",
                called=f"P{number}",
                language="en",
            )
        letters = session.scalars(select(Letter.token_nonce).where(Letter.kind == "licensing/joining")).all()
        return [installation.tokens.reveal(emails.JOINING_PURPOSE, nonce) for nonce in letters if nonce]


def press_all(installation: Installation, tokens: list[str]) -> Counter[str]:
    gate = Barrier(AT_ONCE)

    def press(index: int) -> str:
        if index < AT_ONCE:
            gate.wait()
        try:
            with installation.database.transaction() as session:
                return str(services.join(session, token=tokens[index]).outcome)
        except DomainError as refused:
            return type(refused).__name__

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(press, range(len(tokens))))


def seated(installation: Installation, licence_id: int) -> int:
    with installation.database.reader() as session:
        held = select(func.count()).where(Seat.licence_id == licence_id, Seat.person_id.is_not(None))
        return session.scalar(held) or 0


def test_no_more_than_the_limit_join_however_many_press_at_once(installation: Installation, licence_id: int) -> None:
    tokens = tokens_of(installation, licence_id, most=7)

    outcome = press_all(installation, tokens)

    assert outcome == {"seated": 7, "JoinLinkFull": PEOPLE - 7}
    assert seated(installation, licence_id) == 7


def test_without_the_lock_the_same_race_exceeds_the_limit(
    installation: Installation, licence_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the link is looked at before the transaction that joins, and not locked in it."""
    tokens = tokens_of(installation, licence_id, most=7)
    monkeypatch.setattr(join_links, "joined_by", lambda *_args, **_more: 0)

    outcome = press_all(installation, tokens)

    assert outcome["seated"] > 7, "without its guard the race must exceed the limit, or it proves nothing"


def test_a_double_click_joins_once(installation: Installation, licence_id: int) -> None:
    token = tokens_of(installation, licence_id, most=7)[0]

    outcome = press_all(installation, [token] * AT_ONCE)

    assert outcome == {"seated": 1, "JoiningNotValid": AT_ONCE - 1}
    assert seated(installation, licence_id) == 1


def test_when_the_seats_run_out_the_others_stand_in_line_and_seats_let_go_are_served(
    installation: Installation, licence_id: int
) -> None:
    with installation.database.transaction() as session:
        for number in range(PEOPLE - 5):
            services.invite(
                session,
                installation.tokens,
                licence=session.get_one(Licence, licence_id),
                address=f"i{number}@work.example",
                name="I",
                language="en",
                by_id=None,
            )
    tokens = tokens_of(installation, licence_id, most=PEOPLE)

    outcome = press_all(installation, tokens)

    assert outcome == {"seated": 5, "in_line": PEOPLE - 5}
    with installation.database.transaction() as session:
        invited = select(Seat.id).where(Seat.licence_id == licence_id, Seat.claimed_at.is_(None)).limit(4)
        owner = MunicipalityScope(session.get_one(Licence, licence_id).municipality_id, 1)
        for seat_id in session.scalars(invited).all():
            services.take_back_seat(session, scope=owner, seat_id=seat_id, by_id=None)
    product_clock._source.advance(minutes=10)  # type: ignore[attr-defined]  # the test's clock
    with ThreadPoolExecutor(4) as threads:  # as many workers as there are
        list(threads.map(lambda _worker: run_due(installation), range(4)))
    with installation.database.reader() as session:
        states = Counter(session.scalars(select(SeatRequest.state).where(SeatRequest.licence_id == licence_id)))
        links = session.scalars(select(JoinLink.id)).all()
    assert states == {RequestState.GIVEN: 4, RequestState.WAITING: PEOPLE - 9}
    assert seated(installation, licence_id) == PEOPLE
    assert len(links) == 1
