"""Signing in by a mailed link: once, for half an hour, in any number of hands at the same time."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person, SignIn, SignInLink
from elearn.accounts.services import find_or_add_person
from elearn.app import Elearn, create_app
from elearn.config import Settings
from elearn.core.audit import AuditEvent
from elearn.core.db import Base, Database
from elearn.core.limits import AttemptCount
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.mail.models import Letter
from tests.client import PageClient
from tests.world import latest_token

ADDRESS = "mette@x.example"


@pytest.fixture
def mette(session: Session) -> Person:
    person, _email = find_or_add_person(session, address=ADDRESS, name="Mette Eksempel", language="da")
    session.commit()
    return person


@pytest.fixture
def link(session: Session, anonymous: PageClient, mette: Person, installation, clock) -> str:
    """The path in the letter that Mette was sent."""
    anonymous.press("/sign-in", email=ADDRESS)
    run_due(installation)
    return f"/sign-in/{latest_token(session, installation)}"


@pytest.fixture
def busy(settings: Settings, own_database: Database) -> Elearn:
    """The app on a database of its own, for requests that race."""
    app = create_app(settings)
    app.extensions["elearn"].database = own_database
    app.test_client_class = PageClient
    with own_database.transaction() as session:
        find_or_add_person(session, address=ADDRESS, name="Mette Eksempel", language="da")
    return app


def at_once(app: Elearn, times: int, path: str, **fields: str) -> list[int]:
    """Press the same button in many browsers at the same time; return the answers' states."""
    browsers = []
    for _ in range(times):
        client = app.test_client()
        assert isinstance(client, PageClient)
        browsers.append((client, client.csrf_token()))

    def press(browser: tuple[PageClient, str]) -> int:
        client, token = browser
        return client.post(path, data=fields | {"csrf_token": token}).status_code

    with ThreadPoolExecutor(16) as threads:
        return list(threads.map(press, browsers))


def test_the_press_signs_in_and_only_the_press(browser, link: str, session: Session) -> None:
    scanner, person = browser(), browser()
    for _ in range(3):
        scanner.page(link)
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0

    response = person.press(link)

    assert response.status_code == 303
    assert person.get("/learn").headers["Location"].startswith("/leave/how"), "signed in, and told how to leave first"


def test_a_link_works_once(browser, link: str) -> None:
    browser().press(link)

    again = browser()
    assert again.press(link).status_code == 410
    again.page(link, status=410)


def test_a_link_works_for_30_minutes(browser, link: str, clock) -> None:
    clock.advance(minutes=29, seconds=59)
    browser().page(link)
    clock.advance(seconds=1)

    browser().page(link, status=410)
    assert browser().press(link).status_code == 410


def test_using_a_link_confirms_the_address(browser, link: str, session: Session, mette: Person) -> None:
    browser().press(link)

    email = session.scalars(select(EmailAddress).where(EmailAddress.person_id == mette.id)).one()
    session.refresh(email)
    assert email.confirmed_at is not None


def test_the_token_lies_nowhere_in_the_database(browser, link: str, session: Session, database) -> None:
    token = link.rsplit("/", 1)[1]
    client = browser()
    client.press(link)
    cookie = client.cookie()["_user_id"]

    held = everything_in(session)

    assert token not in held
    assert cookie not in held
    assert ADDRESS in held, "the witness reads what there is"


@pytest.mark.race
def test_two_presses_at_once_sign_in_once(busy: Elearn, own_database: Database) -> None:
    installation = busy.extensions["elearn"]
    at_once(busy, 1, "/sign-in", email=ADDRESS)
    run_due(installation)
    with own_database.reader() as session:
        token = latest_token(session, installation)

    answers = at_once(busy, 8, f"/sign-in/{token}")

    assert sorted(answers) == [303] + [410] * 7
    with own_database.reader() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


@pytest.mark.race
def test_the_limit_on_letters_holds_when_100_ask_at_once(busy: Elearn, own_database: Database) -> None:
    answers = at_once(busy, 100, "/sign-in", email=ADDRESS)

    assert sorted(set(answers)) == [303, 429]
    assert answers.count(303) == 5
    with own_database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 5


@pytest.mark.race
def test_the_limit_on_wrong_links_holds_when_100_are_tried_at_once(busy: Elearn, own_database: Database) -> None:
    answers = at_once(busy, 100, "/sign-in/wrong-one")

    assert answers.count(410) <= 30
    assert set(answers) <= {410, 429}
    with own_database.reader() as session:
        assert max(session.scalars(select(AttemptCount.attempts))) == 30


def test_the_limit_says_when_to_come_back_and_opens_again(anonymous: PageClient, mette, clock) -> None:
    for _ in range(5):
        assert anonymous.press("/sign-in", email=ADDRESS).status_code == 303
    refused = anonymous.press("/sign-in", email=ADDRESS.upper())
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900

    clock.advance(seconds=int(refused.headers["Retry-After"]))

    assert anonymous.press("/sign-in", email=ADDRESS).status_code == 303


def test_nobody_learns_who_is_known(browser, mette: Person, session: Session, database) -> None:
    """Known or not: the same answer, the same rows and the same statements."""
    seen = {}
    for address in (ADDRESS, "nobody@x.example"):
        client = browser()
        token = client.csrf_token()
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_others, statements=statements) -> None:
            statements.append(re.sub(r"sa_savepoint_\d+", "", statement))

        before = {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables()}
        event.listen(database._connection, "before_cursor_execute", note)
        response = client.post("/sign-in", data={"email": address, "csrf_token": token})
        event.remove(database._connection, "before_cursor_execute", note)
        after = {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables()}
        new = {name: after[name] - before[name] for name in after if name != "attempt_counts"}
        seen[address] = (response.status_code, response.headers["Location"], response.text, new, statements)

    assert seen[ADDRESS] == seen["nobody@x.example"]


def test_who_is_unknown_gets_no_letter(anonymous: PageClient, session: Session, installation, clock) -> None:
    anonymous.press("/sign-in", email="nobody@x.example")
    run_due(installation)

    assert session.scalar(select(func.count()).select_from(Letter)) == 0
    assert session.scalar(select(func.count()).select_from(SignInLink)) == 0


@pytest.mark.parametrize("spelling", ["METTE@X.EXAMPLE", " mette@x.example ", "mette@ｘ.example"])
def test_spellings_of_one_address_are_one(
    spelling: str, anonymous: PageClient, session: Session, installation, mette: Person, clock
) -> None:
    anonymous.press("/sign-in", email=spelling)
    run_due(installation)

    assert session.scalars(select(SignInLink.person_id)).one() == mette.id


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "mette", "a@b", "a@b.dk, c@d.dk", "a b@c.dk", "a@b..dk", "x\r\nBcc: y@z.dk"),
        *("søren@b.dk", "a.@b.dk", ".a@b.dk", "a@b.dk.", f"a@{64 * 'b'}.dk"),
    ],
)
def test_what_is_no_address_is_said_so(anonymous: PageClient, wrong: str) -> None:
    response = anonymous.press("/sign-in", email=wrong)

    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.text


def test_a_link_leads_to_where_one_wanted_to_go(
    anonymous: PageClient, session: Session, installation, mette: Person, clock
) -> None:
    anonymous.press("/sign-in", email=ADDRESS, next="/learn/notes")
    run_due(installation)

    response = anonymous.press(f"/sign-in/{latest_token(session, installation)}")

    assert response.headers["Location"] == "/learn/notes"


@pytest.mark.parametrize("elsewhere", ["//evil.test", "/\t/evil.test", "/\\evil.test", "https:evil.test"])
def test_a_link_never_leads_away(
    elsewhere: str, anonymous: PageClient, session: Session, installation, mette: Person, clock
) -> None:
    anonymous.press("/sign-in", email=ADDRESS, next=elsewhere)
    run_due(installation)

    response = anonymous.press(f"/sign-in/{latest_token(session, installation)}")

    assert response.headers["Location"] == "/"


def test_nothing_secret_is_audited(browser, link: str, session: Session) -> None:
    browser().press(link)

    told = [(event.kind, event.data) for event in session.scalars(select(AuditEvent))]
    assert "accounts.signed_in" in dict(told)
    assert not [pair for pair in told if link.rsplit("/", 1)[1] in str(pair)]


def tables():
    return [table for table in Base.metadata.sorted_tables if not table.name.startswith("municipalit")]


def everything_in(session: Session) -> str:
    """Return all that the database holds, as text."""
    session.flush()
    return "\n".join(
        str(row) for table in tables() for row in session.execute(text(f'SELECT * FROM "{table.name}"')).all()
    )
