"""Being signed in: a new secret each time, ended on the server, and not for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.models import SignIn
from elearn.accounts.services import open_sign_in
from tests.client import PageClient
from tests.conftest import TestClock
from tests.world import latest_token


def is_signed_in(client: PageClient) -> bool:
    return client.get("/learn/my-data").status_code == 200


def test_every_sign_in_has_a_secret_of_its_own(world, installation) -> None:
    with installation.database.transaction() as session:
        person = session.merge(world.ours.learner)
        tokens = {open_sign_in(session, person=person, door="test").token for _ in range(5)}

    assert len(tokens) == 5
    assert min(map(len, tokens)) >= 32, "192 bits"


def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(browser, world, session, installation) -> None:
    """Fixation: the attacker's own sign-in in the victim's browser ends when the victim signs in there."""
    victim = browser().signed_in_as(world.theirs.leader)
    planted = victim.cookie()["_user_id"]

    victim.press(f"/invitations/{latest_token(session, installation)}")

    assert victim.cookie()["_user_id"] != planted
    attacker = browser()
    with attacker.session_transaction() as cookies:
        cookies["_user_id"] = planted
    assert not is_signed_in(attacker)


def test_signing_out_ends_a_copied_cookie_too(browser, learner: PageClient) -> None:
    copy = browser()
    kept = learner.cookie()
    with copy.session_transaction() as cookies:
        cookies.update(kept)
    assert is_signed_in(copy)

    response = learner.press("/sign-out")

    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert not is_signed_in(learner)
    assert not is_signed_in(copy)


def test_signing_out_everywhere_ends_every_browser(browser, learner: PageClient, world) -> None:
    other = browser().signed_in_as(world.ours.learner)

    learner.press("/learn/my-data/sign-out-everywhere")

    assert not is_signed_in(learner)
    assert not is_signed_in(other)


def test_a_forged_cookie_signs_nobody_in(browser, session, world) -> None:
    sign_in = session.scalars(select(SignIn)).first()
    for forged in ("1", str(sign_in.id if sign_in else 1), "", "' OR 1=1 --", "x" * 5000):
        client = browser()
        with client.session_transaction() as cookies:
            cookies["_user_id"] = forged
        assert not is_signed_in(client)


def test_a_learner_stays_signed_in_for_30_days(learner: PageClient, clock: TestClock) -> None:
    clock.advance(days=29, hours=23)
    assert is_signed_in(learner)

    clock.advance(hours=1)

    assert not is_signed_in(learner)


def test_an_owner_who_was_away_for_half_an_hour_signs_in_again(owner: PageClient, clock: TestClock) -> None:
    clock.advance(minutes=30)
    assert owner.get("/owner/people").status_code == 200
    clock.advance(minutes=30, seconds=1)

    response = owner.get("/owner/people")

    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in?next=/owner/people")


def test_an_owner_at_work_signs_in_every_12_hours(owner: PageClient, clock: TestClock) -> None:
    for _ in range(12 * 60 // 25):
        clock.advance(minutes=25)
        assert owner.get("/owner/people").status_code == 200
    clock.advance(minutes=25)

    assert owner.get("/owner/people").status_code == 303


@pytest.mark.parametrize("away", [timedelta(minutes=31), timedelta(hours=13)])
def test_what_an_owner_sends_too_late_is_not_done(owner: PageClient, world, session, clock, away: timedelta) -> None:
    seat = world.ours.seat(session)
    token = owner.csrf_token()
    clock.set(clock() + away)

    response = owner.post(f"/owner/seats/{seat.id}/take-back", data={"csrf_token": token})

    assert response.status_code == 401
    session.refresh(seat)
    assert seat.claimed_at is not None


def test_taking_the_role_away_works_at_once(owner: PageClient, session, world, clock) -> None:
    from elearn.organisations.models import Membership

    membership = session.scalars(
        select(Membership).where(Membership.person_id == world.ours.owner.id, Membership.role == "owner")
    ).one()
    membership.ended_at = clock()
    session.commit()

    assert owner.get("/owner/people").status_code == 404


def test_leaving_forgets_the_browser(learner: PageClient) -> None:
    response = learner.get("/leave")

    assert response.headers["Location"].startswith("https://")
    assert not is_signed_in(learner)


def test_the_beacon_of_leaving_ends_it_on_the_server(browser, learner: PageClient) -> None:
    copy = browser()
    kept = learner.cookie()
    with copy.session_transaction() as cookies:
        cookies.update(kept)

    assert learner.post("/leave", json={"csrf": learner.csrf_token()}).status_code == 200

    assert not is_signed_in(copy)


def test_a_beacon_without_token_signs_nobody_out(learner: PageClient) -> None:
    for body in ({}, {"csrf": "wrong"}, {"csrf": None}, [], "text"):
        assert learner.post("/leave", json=body).status_code == 400

    assert is_signed_in(learner)


class TestATokenServesOnePurpose:
    """Whatever is signed or mailed for one door opens no other."""

    @pytest.fixture
    def secrets(self, learner: PageClient, world, session, installation) -> dict[str, str]:
        invitation = latest_token(session, installation)
        lesson = world.ours.outline(session).modules[0].lessons[0].id
        claims = learner.send(f"/learn/lessons/{lesson}/ticket", {"player": "p"}).json["claims"]
        from elearn.jobs.queue import run_due

        learner.press("/sign-in", email="leader@ours.example")
        run_due(installation)
        return {
            "sign-in link": latest_token(session, installation),
            "invitation": invitation,
            "ticket": claims,
            "cookie": learner.cookie()["_user_id"],
            "csrf": learner.csrf_token(),
        }

    @pytest.mark.parametrize("other", ["invitation", "ticket", "cookie", "csrf"])
    def test_only_a_link_signs_in(self, browser, secrets: dict[str, str], other: str) -> None:
        assert browser().press(f"/sign-in/{secrets[other]}").status_code in (404, 410)

    @pytest.mark.parametrize("other", ["sign-in link", "ticket", "cookie", "csrf"])
    def test_only_an_invitation_gives_a_seat(self, browser, secrets: dict[str, str], other: str) -> None:
        assert browser().press(f"/invitations/{secrets[other]}").status_code in (404, 410)
        assert browser().press(f"/invitations/{secrets[other]}/decline").status_code in (404, 410)

    @pytest.mark.parametrize("other", ["sign-in link", "invitation", "ticket", "csrf"])
    def test_only_a_session_is_a_session(self, browser, secrets: dict[str, str], other: str) -> None:
        client = browser()
        with client.session_transaction() as cookies:
            cookies["_user_id"] = secrets[other]
        assert not is_signed_in(client)
        client.set_cookie("session", secrets[other])
        assert not is_signed_in(client)

    @pytest.mark.parametrize("other", ["sign-in link", "invitation", "cookie", "csrf", "session"])
    def test_only_claims_report(self, learner: PageClient, secrets: dict[str, str], world, session, other: str) -> None:
        lesson = world.ours.outline(session).modules[0].lessons[0].id
        cookie = learner.get_cookie("session")
        assert cookie is not None
        claims = secrets.get(other, cookie.value)
        report = {"claims": claims, "id": "a", "seq": 1, "ranges": [[0, 1]], "position": 1.0}

        assert learner.post(f"/learn/lessons/{lesson}/watched", json=report).status_code == 403

    @pytest.mark.parametrize("other", ["sign-in link", "invitation", "cookie", "csrf"])
    def test_only_a_ticket_opens_a_film(self, browser, secrets: dict[str, str], world, session, other: str) -> None:
        film = world.ours.outline(session).modules[0].lessons[0].film("da")
        client = browser()
        client.set_cookie("ticket", secrets[other], path="/media/")

        assert client.get(f"/media/{film.video_id}/{film.package}/master.m3u8").status_code == 403
