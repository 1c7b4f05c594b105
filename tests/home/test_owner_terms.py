"""What a course house agrees with a municipality: terms, renewals, and who manages the seats."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.licensing.models import Licence
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Role
from tests.client import PageClient, check_page
from tests.conftest import TestClock
from tests.world import World


def path(world: World, page: str = "") -> str:
    return f"/owner/licences/{world.ours.licence.id}{page}"


def new_licence(owner: PageClient, world: World, **changed: str):
    fields = {
        "course": str(world.ours.course.id),
        "municipality": "Favrskov Kommune (DK 0710)",
        "seats": "61",
        "starts_on": "2026-11-23",
        "ends_on": "2027-11-22",
        "reason": "Pilot",
        "has_waiting_line": "y",
    }
    return owner.press("/owner/licences/new", **(fields | changed))


def made(session: Session) -> Licence:
    return session.scalars(select(Licence).order_by(Licence.id.desc())).first()


def test_a_licence_has_five_per_cent_handovers_unless_it_says_otherwise(owner, session: Session, world: World) -> None:
    new_licence(owner, world)
    licence = made(session)
    assert (licence.handovers_allowed, licence.seat_days, licence.has_waiting_line) == (4, None, True)

    new_licence(owner, world, handovers_allowed="0", seat_days="180", has_waiting_line="")

    licence = made(session)
    assert (licence.handovers_allowed, licence.seat_days, licence.has_waiting_line) == (0, 180, False)
    page = owner.page(f"/owner/licences/{licence.id}").text
    assert "0 of 0 used" in page
    assert "180 days from when it is accepted" in page


def test_a_button_pressed_twice_gives_one_licence(owner, session: Session, world: World, clock: TestClock) -> None:
    first, second = (new_licence(owner, world) for _press in range(2))
    assert first.location == second.location
    assert len(session.scalars(select(Licence).where(Licence.reason == "Pilot")).all()) == 1

    clock.advance(minutes=2)
    assert new_licence(owner, world).location != first.location, "later it is meant"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"handovers_allowed": "-1"}, "or 0 for none"),
        ({"handovers_allowed": "some"}, "Write a whole number"),
        ({"seat_days": "0"}, "Write a whole number of days"),
    ],
)
def test_terms_that_make_no_sense_are_refused(changed: dict[str, str], told: str, owner, session, world) -> None:
    before = made(session).id

    response = new_licence(owner, world, **changed)

    assert response.status_code == 422
    assert told in check_page("new", response).text
    assert made(session).id == before


def test_a_renewal_begins_where_the_old_one_ends_and_knows_it(owner, session: Session, world: World) -> None:
    old = world.ours.licence
    page = owner.page(f"/owner/licences/new?renews={old.id}")
    assert "It renews the licence that ends on" in page.text
    first = page.find("input", {"name": "starts_on"})["value"]
    assert first == (old.ends_on + timedelta(days=1)).isoformat()
    assert page.find("input", {"name": "seats"})["value"] == "5"

    new_licence(owner, world, renews=str(old.id), starts_on=first, ends_on="2028-12-31")

    assert made(session).previous_id == old.id


def test_only_the_same_municipalitys_licence_of_the_same_house_is_renewed(owner, session, world: World) -> None:
    before = made(session).id

    other = new_licence(owner, world, renews=str(world.ours.licence.id), municipality="Horsens Kommune (DK 0615)")
    assert other.status_code == 422
    assert "A renewal is for the same municipality" in check_page("new", other).text
    assert new_licence(owner, world, renews=str(world.theirs.licence.id)).status_code == 404
    assert owner.get(f"/owner/licences/new?renews={world.theirs.licence.id}").status_code == 404
    assert made(session).id == before


def test_terms_are_changed_with_a_reason_that_is_kept(owner, session: Session, world: World) -> None:
    assert "0 have been used" in owner.page(path(world, "/terms")).text
    refused = owner.press(path(world, "/terms"), handovers_allowed="3", reason="")
    assert refused.status_code == 422

    owner.press(path(world, "/terms"), handovers_allowed="3", reason="Two schools merged")

    assert "0 of 3 used" in owner.page(path(world)).text
    session.expire_all()
    assert not session.get_one(Licence, world.ours.licence.id).has_waiting_line
    kept = session.scalars(select(AuditEvent).where(AuditEvent.kind == "licensing.licence.terms_changed")).one()
    assert kept.data["reason"] == "Two schools merged"
    assert kept.actor_id == world.ours.owner.id


def test_the_first_buyer_gets_a_letter_and_the_console(owner, browser, session: Session, world: World) -> None:
    assert "Buyer ours" in owner.page(path(world)).text

    response = owner.press(path(world, "/buyer"), email="karin@work.example", name="Karin", language="en")

    assert "Karin manages the seats now. An email is on its way." in owner.page(response.location).text
    letter = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter.recipient == "karin@work.example"
    membership = session.scalars(
        select(Membership).where(Membership.role == Role.BUYER).order_by(Membership.id.desc())
    ).first()
    assert membership.person.name == "Karin"
    karin = browser().signed_in_as(membership.person)
    karin.page(f"/municipalities/{world.ours.municipality.id}")
    assert karin.get(f"/municipalities/{world.theirs.municipality.id}").status_code == 404


@pytest.mark.parametrize("changed", [{"email": "karin"}, {"email": ""}, {"name": ""}, {"language": "fr"}])
def test_a_buyer_that_cannot_be_written_to_is_refused(changed: dict[str, str], owner, world: World) -> None:
    fields = {"email": "karin@work.example", "name": "Karin", "language": "da"} | changed

    assert owner.press(path(world, "/buyer"), **fields).status_code == 422


@pytest.mark.parametrize("page", ["/terms", "/buyer"])
def test_another_houses_terms_do_not_exist(page: str, owner, session: Session, world: World) -> None:
    theirs = f"/owner/licences/{world.theirs.licence.id}{page}"
    fields = {"handovers_allowed": "9", "reason": "r", "email": "x@y.example", "name": "X", "language": "da"}

    assert owner.get(theirs).status_code == 404
    assert owner.press(theirs, **fields).status_code == 404
    session.expire_all()
    assert session.get_one(Licence, world.theirs.licence.id).handovers_allowed == 1
