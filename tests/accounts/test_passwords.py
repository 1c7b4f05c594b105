"""Which passwords are taken, and signing in with one: exactly as written, slowly guessed, never a lock on the door."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from elearn.accounts import passwords
from elearn.accounts.errors import PasswordFault, PasswordRefused, WrongPassword
from elearn.accounts.models import Person, SignIn
from elearn.accounts.password_door import count_try, let_in
from elearn.accounts.services import find_or_add_person
from elearn.app import create_app
from elearn.core.audit import AuditEvent
from elearn.jobs.queue import run_due
from tests.client import PageClient
from tests.world import latest_token

GOOD = "fire trætte ænder i regnvejr"
WORDS = ["Favrskov Kommune", "Kursushuset", "Mette Eksempel", "mette.eksempel@favrskov.dk"]
ADDRESS = "mette@x.example"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "kQ7!vv2x",
        "        ",  # spaces are characters, but all of one kind: see below
        "ordet er frit",
        "x9" * 3 + "qz" + "æ" * 190,  # 200 and more
        "ﬁre trætte ænder",
        "UPPERlower-no-digits",
        "37194628503",  # digits alone: nothing is asked of their kind
        "I Favrskov bor der mange mennesker",
    ],
)
def test_a_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    if not password.strip():
        with pytest.raises(PasswordRefused):
            passwords.check(password, WORDS)
        return
    passwords.check(password, WORDS)
    assert passwords.is_right(password, passwords.hash_of(password))


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", PasswordFault.SHORT),
        ("kQ7!vv2", PasswordFault.SHORT),
        ("æøåÆØÅ7", PasswordFault.SHORT),  # seven characters, thirteen bytes
        ("k" * 1001, PasswordFault.LONG),
        ("password", PasswordFault.COMMON),
        ("PassWord123", PasswordFault.COMMON),
        ("ｐａｓｓｗｏｒｄ", PasswordFault.COMMON),  # full-width letters
        ("1234567890", PasswordFault.COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFault.COMMON),
        ("Sommer2026!", PasswordFault.COMMON),
        ("qwertyuiop", PasswordFault.COMMON),
        ("Favrskov2031!", PasswordFault.CLOSE),
        ("kursushuset1", PasswordFault.COMMON),
        ("Eksempel-77", PasswordFault.CLOSE),
        ("METTE.eksempel", PasswordFault.CLOSE),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, fault: PasswordFault) -> None:
    with pytest.raises(PasswordRefused) as refused:
        passwords.check(password, WORDS)

    assert refused.value.fault == fault


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("fire ænder i regn", "fire ænder i regn "),
        ("fire ænder i regn", "Fire ænder i regn"),
        ("ﬁre ænder i regn", "fire ænder i regn"),  # NFKC twins are two passwords
        ("fire ånder i regn", "fire a\u030ander i regn"),
        ("x" * 199 + "a", "x" * 199 + "b"),
        ("x" * 72 + "a", "x" * 72 + "b"),
    ],
)
def test_a_password_is_taken_exactly(kept: str, typed: str) -> None:
    stored = passwords.hash_of(kept)

    assert stored.startswith("$argon2id$")
    assert passwords.is_right(kept, stored)
    assert not passwords.is_right(typed, stored)


def test_the_list_holds_the_usual_ones() -> None:
    assert len(passwords.common_words()) > 400
    assert {"password", "kodeord", "12345678", "qwerty"} <= set(passwords.common_words())


@pytest.fixture
def mette(session, clock) -> Person:
    person, _email = find_or_add_person(session, address=ADDRESS, name="Mette Eksempel", language="en")
    person.password_hash = passwords.hash_of(GOOD)
    session.commit()
    return person


def sign_in(client: PageClient, password: str, address: str = ADDRESS):
    return client.press("/sign-in/password", email=address, password=password)


def test_the_password_signs_in_under_a_token_of_its_own(browser, mette: Person, session) -> None:
    client = browser()
    with client.session_transaction() as cookies:
        cookies["_user_id"] = "planted"

    assert sign_in(client, GOOD).status_code == 303

    assert client.cookie()["_user_id"] != "planted"
    assert client.get("/learn/my-data").status_code == 200
    assert session.scalars(select(AuditEvent.data).where(AuditEvent.kind == "accounts.signed_in")).one() == {
        "person_id": mette.id,
        "door": "password",
    }


def test_spaces_around_a_password_belong_to_it(browser, mette: Person) -> None:
    assert sign_in(browser(), GOOD + " ").status_code == 200
    assert sign_in(browser(), GOOD).status_code == 303


def test_whoever_is_refused_is_not_told_why(browser, mette: Person, session) -> None:
    find_or_add_person(session, address="without@x.example", name="Uden Kodeord", language="en")
    session.commit()
    answers = set()
    for address in (ADDRESS, "without@x.example", "nobody@x.example"):
        text = sign_in(browser(), "wrong one", address).text.replace(address, "ADDRESS")
        answers.add(text.split("<main")[1].split('name="csrf_token"')[0])

    assert len(answers) == 1


class Counting:
    """A hasher that notes what it was asked to check."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def hash(self, password: str) -> str:
        return passwords_hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        self.asked.append(stored.rsplit("$", 2)[0])
        return passwords_hasher.verify(stored, password)


passwords_hasher = passwords._hasher


def test_an_unknown_address_costs_the_same_check(mette: Person, session, monkeypatch) -> None:
    counting = Counting()
    monkeypatch.setattr(passwords, "_hasher", counting)
    for address in (ADDRESS, "nobody@x.example"):
        claim = count_try(session, address=address, sender="192.0.2.1")
        with pytest.raises(WrongPassword):
            let_in(session, claim, "wrong")

    assert len(counting.asked) == 2
    assert len(set(counting.asked)) == 1, "the same algorithm and parameters"


def test_ten_tries_then_a_pause_of_at_most_15_minutes_and_the_link_works_meanwhile(
    browser, mette: Person, clock, session, installation
) -> None:
    for _ in range(10):
        assert sign_in(browser(), "wrong one").status_code == 200
    refused = sign_in(browser(), GOOD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900

    browser().press("/sign-in", email=ADDRESS)
    run_due(installation)
    assert browser().press(f"/sign-in/{latest_token(session, installation)}").status_code == 303

    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert sign_in(browser(), GOOD).status_code == 303


def test_a_wrong_password_stands_in_the_trail(browser, mette: Person, session) -> None:
    sign_in(browser(), "wrong one")

    events = session.scalars(select(AuditEvent).where(AuditEvent.kind == "accounts.password.wrong")).all()
    assert [event.data for event in events] == [{"person_id": mette.id}]


@pytest.mark.race
def test_the_limit_holds_when_100_guess_at_once(settings, own_database) -> None:
    app = create_app(settings)
    app.extensions["elearn"].database = own_database
    app.test_client_class = PageClient
    with own_database.transaction() as session:
        person, _ = find_or_add_person(session, address=ADDRESS, name="Mette Eksempel", language="en")
        person.password_hash = passwords.hash_of(GOOD)
    clients = [app.test_client() for _ in range(100)]
    tokens = [client.csrf_token() for client in clients]

    def guess(number: int) -> int:
        fields = {"email": ADDRESS, "password": f"guess {number}", "csrf_token": tokens[number]}
        return clients[number].post("/sign-in/password", data=fields).status_code

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(guess, range(100)))

    assert answers.count(200) == 10
    assert answers.count(429) == 90
    with own_database.reader() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_a_password_that_changed_while_it_was_checked_lets_nobody_in(mette: Person, session) -> None:
    claim = count_try(session, address=ADDRESS, sender="192.0.2.1")
    mette.password_hash = passwords.hash_of("another one altogether")
    session.flush()

    with pytest.raises(WrongPassword):
        let_in(session, claim, GOOD)
