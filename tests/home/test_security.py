"""'Sign-in and security': only for who has just shown that it is them, and every change ends the other browsers."""

import pytest
from sqlalchemy import func, select

from elearn.accounts.models import Passkey, Person, SignIn, TotpSecret
from elearn.accounts.services import end_every_sign_in, find_sign_in
from elearn.core.audit import AuditEvent
from elearn.mail.models import Letter
from tests.client import PageClient
from tests.conftest import TestClock
from tests.world import add_app, latest_token

PASSWORD = "fire trætte ænder i regnvejr"


@pytest.fixture
def other(browser, world) -> PageClient:
    """The buyer's second browser."""
    return browser().signed_in_as(world.ours.buyer)


def is_signed_in(client: PageClient) -> bool:
    return client.get("/security").status_code == 200


def add_passkey(session, person: Person) -> int:
    passkey = Passkey(
        person_id=person.id,
        credential_id="a2V5",
        public_key=b"k",
        sign_count=0,
        name="work laptop",
        created_at=person.created_at,
    )
    session.add(passkey)
    session.commit()
    return passkey.id


def begin(buyer: PageClient, session, installation, person: Person) -> str:
    """Let an app read the square; return the digits it shows."""
    from tests.accounts.test_second_step import waiting_code

    assert buyer.press("/security/app").headers["Location"] == "/security/app"
    return waiting_code(session, installation, person)


def change_password(buyer: PageClient, *_others) -> None:
    assert buyer.press("/security/password", password=PASSWORD).status_code == 303


def drop_password(buyer: PageClient, session, _installation, person: Person) -> None:
    session.get_one(Person, person.id).password_hash = "x"
    session.commit()
    assert buyer.press("/security/password/remove").status_code == 303


def add_an_app(buyer: PageClient, session, installation, person: Person) -> None:
    code = begin(buyer, session, installation, person)
    assert buyer.press("/security/app/first-code", code=code).status_code == 303


def remove_the_app(buyer: PageClient, session, installation, person: Person) -> None:
    add_app(session, installation, person)
    session.commit()
    assert buyer.press("/security/app/remove").status_code == 303


def remove_a_passkey(buyer: PageClient, session, _installation, person: Person) -> None:
    assert buyer.press(f"/security/passkeys/{add_passkey(session, person)}/remove").status_code == 303


CHANGES = [change_password, drop_password, add_an_app, remove_the_app, remove_a_passkey]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_ends_the_other_browsers_renews_this_one_and_is_told(
    buyer: PageClient, other: PageClient, browser, world, session, installation, change
) -> None:
    copied = browser()
    with copied.session_transaction() as cookies:
        cookies.update(buyer.cookie())
    letters = session.scalar(select(func.count()).select_from(Letter))

    change(buyer, session, installation, world.ours.buyer)

    assert is_signed_in(buyer)
    assert not is_signed_in(other)
    assert not is_signed_in(copied)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Letter)) == letters + 1
    newest = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert (newest.kind, newest.recipient) == ("accounts/sign_in_changed", "buyer@ours.example")
    kinds = set(session.scalars(select(AuditEvent.kind)))
    assert kinds & {
        "accounts.password.set",
        "accounts.password.removed",
        "accounts.app.added",
        "accounts.app.removed",
        "accounts.passkey.removed",
    }


def test_nothing_changes_more_than_ten_minutes_after_signing_in(buyer: PageClient, world, session, clock) -> None:
    clock.advance(minutes=10)
    buyer.page("/security/password")
    clock.advance(seconds=1)

    for path in ("/security/password", "/security/passkeys/new"):
        assert buyer.get(path).headers["Location"] == f"/sign-in?next={path}"
    for path in ("/security/password", "/security/password/remove", "/security/app", "/security/app/remove"):
        assert buyer.press(path, password=PASSWORD).headers["Location"] == "/sign-in?next=/security"
    assert buyer.send("/security/passkeys/options", {}).status_code == 401
    assert session.get_one(Person, world.ours.buyer.id).password_hash is None


def test_with_a_second_factor_the_link_alone_changes_nothing(browser, world, session, installation) -> None:
    add_app(session, installation, session.merge(world.ours.buyer))
    session.commit()
    fresh = browser().signed_in_as(world.ours.buyer, second_factor=False)

    assert fresh.get("/security/password").headers["Location"] == "/sign-in/second-step?next=/security/password"
    fresh.press("/security/app/remove")

    assert session.scalar(select(TotpSecret.person_id).where(TotpSecret.person_id == world.ours.buyer.id))


def test_an_invitations_link_changes_nothing(browser, world, session, installation) -> None:
    client = browser()
    client.press(f"/invitations/{latest_token(session, installation)}")
    assert is_signed_in(client)

    assert client.get("/security/password").headers["Location"] == "/sign-in?next=/security/password"


def test_learners_and_leaders_add_no_second_factor(browser, world) -> None:
    for person in (world.ours.learner, world.ours.leader):
        client = browser().signed_in_as(person)
        assert client.get("/security/passkeys/new").status_code == 404
        assert client.press("/security/app").status_code == 404
        assert "second step" not in client.page("/security").main.text


def test_another_persons_browser_and_passkey_are_nowhere(buyer: PageClient, browser, world, session, clock) -> None:
    stranger = browser().signed_in_as(world.theirs.buyer)
    theirs = session.scalars(select(SignIn.id).where(SignIn.person_id == world.theirs.buyer.id)).one()
    passkey = add_passkey(session, world.theirs.buyer)

    assert buyer.press(f"/security/browsers/{theirs}/end").status_code == 404
    assert buyer.press(f"/security/passkeys/{passkey}/remove").status_code == 404

    assert is_signed_in(stranger)
    assert session.get(Passkey, passkey)


def test_browsers_are_listed_and_ended(buyer: PageClient, other: PageClient, world, session) -> None:
    text = buyer.page("/security").main.text
    assert text.count("This browser") == 1
    assert text.count("Another browser") == 1
    ids = session.scalars(select(SignIn.id).where(SignIn.person_id == world.ours.buyer.id).order_by(SignIn.id)).all()

    buyer.press(f"/security/browsers/{ids[-1]}/end")

    assert not is_signed_in(other)
    assert is_signed_in(buyer)
    buyer.press(f"/security/browsers/{ids[0]}/end")
    assert not is_signed_in(buyer)


def test_everywhere_else_is_ended_with_the_links_in_the_mail(
    buyer: PageClient, other: PageClient, browser, session, installation
) -> None:
    from elearn.jobs.queue import run_due

    browser().press("/sign-in", email="buyer@ours.example")
    run_due(installation)
    link = f"/sign-in/{latest_token(session, installation)}"

    buyer.press("/security/browsers/end-others")

    assert is_signed_in(buyer)
    assert not is_signed_in(other)
    assert browser().press(link).status_code == 410


def test_a_request_in_flight_revives_nothing(buyer: PageClient, world, session, installation, monkeypatch) -> None:
    """SecureDrop's race: the sign-in is ended while its browser's request is under way."""
    from elearn.home.security import passwords as view

    rightly = view.password_door.set_password

    def ended_meanwhile(session, person, **given) -> None:
        rightly(session, person, **given)
        end_every_sign_in(session, person_id=person.id)

    monkeypatch.setattr(view.password_door, "set_password", ended_meanwhile)
    before = buyer.cookie()["_user_id"]

    assert buyer.press("/security/password", password=PASSWORD).status_code == 401

    assert buyer.cookie()["_user_id"] == before, "no new token"
    session.expire_all()
    assert session.get_one(Person, world.ours.buyer.id).password_hash is None, "nor anything else"


def test_a_refused_password_says_why_and_keeps_nothing(buyer: PageClient, world, session) -> None:
    for password, said in (
        ("short", "at least 8 characters"),
        ("password123", "Many people use this one"),
        ("Favrskov-2026", "where you work"),
        ("Kursushuset-26", "where you work"),
    ):
        answer = buyer.press("/security/password", password=password)
        assert answer.status_code == 200
        assert said in answer.text, password
        assert password not in answer.text
    assert session.get_one(Person, world.ours.buyer.id).password_hash is None


def test_removing_the_last_one_asks_an_owner_for_a_new_one(owner: PageClient, clock: TestClock) -> None:
    owner.page("/owner/people")

    owner.press("/security/app/remove")

    assert owner.get("/owner/people").headers["Location"] == "/security?next=/owner/people"


def test_the_square_is_shown_until_its_first_code_only(buyer: PageClient, world, session, installation) -> None:
    add_an_app(buyer, session, installation, world.ours.buyer)

    assert buyer.get("/security/app").headers["Location"] == "/security"
    assert buyer.press("/security/app").headers["Location"] == "/security", "no second one over the first"


def test_a_token_of_before_finds_nobody(buyer: PageClient, session, installation) -> None:
    before = buyer.cookie()["_user_id"]

    change_password(buyer)

    assert find_sign_in(session, before) is None
