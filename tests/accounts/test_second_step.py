"""The second step: demanded of owners, asked for after every door, and no code works twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from elearn.accounts import factors, passwords, totp
from elearn.accounts.errors import CodeNotValid
from elearn.accounts.models import Passkey, Person, SignIn, TotpSecret
from elearn.accounts.services import find_or_add_person
from elearn.app import create_app
from elearn.cli import main
from elearn.core.audit import AuditEvent
from elearn.core.installation import Installation
from elearn.core.tokens import Tokens
from elearn.jobs.queue import run_due
from elearn.mail.models import Letter
from tests.client import PageClient
from tests.conftest import TestClock, settings_in
from tests.world import add_app, app_code, latest_token

PASSWORD = "fire trætte ænder i regnvejr"


@pytest.fixture
def half(browser, world) -> PageClient:
    """The owner's browser after the first door."""
    return browser().signed_in_as(world.ours.owner, second_factor=False)


def by_link(client: PageClient, session, installation, address: str) -> None:
    client.press("/sign-in", email=address)
    run_due(installation)
    assert client.press(f"/sign-in/{latest_token(session, installation)}").status_code == 303


def by_password(client: PageClient, session, _installation, address: str) -> None:
    person = session.scalars(select(Person).where(Person.name == "Owner ours")).one()
    person.password_hash = passwords.hash_of(PASSWORD)
    session.commit()
    assert client.press("/sign-in/password", email=address, password=PASSWORD).status_code == 303


@pytest.mark.parametrize("door", [by_link, by_password])
def test_every_door_leads_to_the_second_step(browser, world, session, installation, door) -> None:
    client = browser()
    door(client, session, installation, "owner@ours.example")

    asked = client.get("/owner/people")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in/second-step?next=/owner/people")
    assert client.press("/owner/licences/new").status_code == 401
    assert client.get("/learn").status_code == 200, "course pages open without it"

    answer = client.press("/sign-in/second-step", code=app_code(), next="/owner/people")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/owner/people")
    client.page("/owner/people")


def test_the_second_step_gives_a_new_token(browser, half: PageClient) -> None:
    copy = browser()
    before = half.cookie()
    with copy.session_transaction() as cookies:
        cookies.update(before)

    half.press("/sign-in/second-step", code=app_code())

    assert half.cookie()["_user_id"] != before["_user_id"]
    assert copy.get("/owner").headers["Location"].startswith("/sign-in?"), "a copied cookie opens nothing"


def test_a_code_works_once(browser, half: PageClient, world, clock: TestClock) -> None:
    code = app_code()
    assert half.press("/sign-in/second-step", code=code).status_code == 303

    other = browser().signed_in_as(world.ours.owner, second_factor=False)
    assert other.press("/sign-in/second-step", code=code).status_code == 200
    assert other.get("/owner").status_code == 303
    clock.advance(seconds=30)
    assert other.press("/sign-in/second-step", code=app_code()).status_code == 303


@pytest.mark.parametrize(("seconds", "works"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_code_works_for_a_step_around(half: PageClient, clock: TestClock, seconds: int, works: bool) -> None:
    code = app_code()
    clock.advance(seconds=-seconds)

    assert half.press("/sign-in/second-step", code=code[:3] + " " + code[3:]).status_code == (303 if works else 200)


@pytest.mark.parametrize("code", ["", "000000", "１２３４５６", "abcdef", "'", "-1", "9" * 20, "12345", "🙂🙂🙂🙂🙂🙂"])
def test_a_wrong_code_opens_nothing(half: PageClient, code: str) -> None:
    assert half.press("/sign-in/second-step", code=code).status_code == 200
    assert half.get("/owner").status_code == 303


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '{"id": 1}', "x" * 30_000, '{"id":"a2V5","rawId":"a2V5"}', "[" * 9000]
)
def test_no_forged_passkey_opens_anything(half: PageClient, world, session, clock, credential: str) -> None:
    passkey = Passkey(
        person_id=world.ours.owner.id, credential_id="a2V5", public_key=b"k", sign_count=0, name="k", created_at=clock()
    )
    session.add(passkey)
    session.commit()
    assert half.send("/sign-in/second-step/options", {}).json["allowCredentials"]

    assert half.press("/sign-in/second-step/passkey", credential=credential).status_code == 200
    assert half.get("/owner").status_code == 303


def test_five_tries_then_a_pause_and_a_stolen_password_does_not_lock_the_link(
    browser, world, session, installation, clock: TestClock
) -> None:
    thief = browser()
    by_password(thief, session, installation, "owner@ours.example")
    for _ in range(5):
        assert thief.press("/sign-in/second-step", code="000000").status_code == 200
    refused = thief.press("/sign-in/second-step", code=app_code())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 900

    owner = browser()
    by_link(owner, session, installation, "owner@ours.example")
    assert owner.press("/sign-in/second-step", code=app_code()).status_code == 303


def test_an_owner_without_second_factor_adds_one_first(browser, world, session, installation, clock) -> None:
    session.delete(session.get_one(TotpSecret, world.ours.owner.id))
    session.commit()
    client = browser()
    by_link(client, session, installation, "owner@ours.example")

    led = client.get("/owner/people")
    assert (led.status_code, led.headers["Location"]) == (303, "/security?next=/owner/people")
    assert "One more thing" in client.page(led.headers["Location"]).text
    client.press("/security/app")
    assert client.page("/security/app").find("svg", class_="qr")
    code = waiting_code(session, installation, world.ours.owner)
    done = client.press("/security/app/first-code", code=code)

    assert (done.status_code, done.headers["Location"]) == (303, "/owner/people")
    client.page("/owner/people")


def test_the_demo_demands_nothing(world, session, database, tmp_path) -> None:
    session.delete(session.get_one(TotpSecret, world.ours.owner.id))
    session.commit()
    app = create_app(settings_in(tmp_path / "data", ELEARN_DEMO="1"))
    app.extensions["elearn"].database = database
    app.test_client_class = PageClient
    client = app.test_client().signed_in_as(world.ours.owner, second_factor=False)

    client.page("/owner/people")


def test_a_buyer_is_asked_once_they_have_one(browser, world, session, installation) -> None:
    buyer = browser().signed_in_as(world.ours.buyer, second_factor=False)
    path = f"/municipalities/{world.ours.municipality.id}"
    buyer.page(path)

    add_app(session, installation, session.merge(world.ours.buyer))
    session.commit()

    assert buyer.get(path).headers["Location"].startswith("/sign-in/second-step?")


def test_the_secret_lies_encrypted(world, session, installation) -> None:
    kept = session.get_one(TotpSecret, world.ours.owner.id).secret

    assert "JBSWY3DP" not in kept
    assert installation.tokens.unseal("another purpose", kept) is None


@pytest.mark.race
def test_one_code_pressed_by_many_at_once_works_once(settings, own_database, clock) -> None:
    installation = Installation(settings)
    with own_database.transaction() as session:
        person, _ = find_or_add_person(session, address="o@x.example", name="O", language="en")
        add_app(session, installation, person)
    code = app_code()

    def show(_number: int) -> bool:
        try:
            with own_database.transaction() as session:
                me = session.scalars(select(Person).where(Person.name == "O")).one()
                factors.show_code(session, installation.tokens, me, code=code)
        except CodeNotValid:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(show, range(16))).count(True) == 1


def test_whoever_lost_it_is_helped_on_the_server(browser, half, world, session, installation, monkeypatch) -> None:
    monkeypatch.setattr("elearn.cli.Installation", lambda _settings: installation)
    result = CliRunner().invoke(main, ["accounts", "reset-second-factor", "OWNER@ours.example"])
    assert result.exit_code == 0, result.output

    assert half.get("/owner").headers["Location"].startswith("/sign-in?"), "signed out everywhere"
    client = browser()
    by_link(client, session, installation, "owner@ours.example")
    assert client.get("/owner").headers["Location"] == "/security?next=/owner"
    session.expire_all()
    assert session.scalars(select(AuditEvent).where(AuditEvent.kind == "accounts.second_factor.reset")).one()
    kinds = session.scalars(select(Letter.kind)).all()
    assert "accounts/sign_in_changed" in kinds


def test_the_command_says_when_nobody_is_known(installation, session, monkeypatch) -> None:
    monkeypatch.setattr("elearn.cli.Installation", lambda _settings: installation)

    result = CliRunner().invoke(main, ["accounts", "reset-second-factor", "nobody@x.example"])

    assert result.exit_code == 1
    assert "Nobody has the address" in result.output


def test_showing_it_lasts_as_long_as_the_sign_in(half: PageClient, session, world, clock: TestClock) -> None:
    half.press("/sign-in/second-step", code=app_code())
    for _ in range(10):
        clock.advance(minutes=25)
        half.page("/owner/people")
    sign_in = session.scalars(select(SignIn).where(SignIn.second_factor_at.is_not(None))).one()
    assert clock() - sign_in.second_factor_at > timedelta(hours=4)


def waiting_code(session, installation, person: Person) -> str:
    """Return the digits of an app that has just read the square."""
    session.expire_all()
    address = factors.app_address(session, installation.tokens, session.merge(person), issuer="x")
    assert address
    return app_code(totp.secret_in(address).replace(" ", ""))


def test_an_app_works_through_a_change_of_keys(settings, session, world, clock) -> None:
    owner, key = session.merge(world.ours.owner), "the key of this year, long enough"
    both, alone = Tokens(key, [settings.secret_key]), Tokens(key)
    factors.show_code(session, both, owner, code=app_code())
    clock.advance(minutes=1)
    with pytest.raises(CodeNotValid):
        factors.show_code(session, alone, owner, code=app_code())

    factors.seal_anew(session, both)

    session.expire_all()
    factors.show_code(session, alone, owner, code=app_code())
