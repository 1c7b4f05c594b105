"""The owner's pages of lists are the buyer's; only the lists that the owner handed in stand there."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.licensing.models import Seat, SeatList
from elearn.mail.models import Letter
from elearn.organisations.models import Department
from tests.client import PageClient
from tests.world import World

PEOPLE = "Mail;Navn;Afdeling\nbo@listed.dk;Bo;PPR\nmette.listed.dk;Mette;\n"


@pytest.fixture
def hand_in(world: World, session, installation: Installation, browser: Callable[[], PageClient]):
    def hand_in(client: PageClient, base: str) -> str:
        """Upload a list and have it read; returns its address."""
        file = (io.BytesIO(PEOPLE.encode()), "staff.csv")
        answer = client.press(
            f"{base}/licences/{world.ours.licence.id}/list", file=file, language="da", holds_until="2027-01-04"
        )
        assert answer.status_code == 303, answer.text
        while run_due(installation):
            pass
        return answer.location

    return hand_in


def test_an_owner_fills_seats_from_a_list(owner: PageClient, world: World, session, installation, hand_in) -> None:
    licence = f"/owner/licences/{world.ours.licence.id}"
    assert owner.page(licence).find("a", href=f"{licence}/list")
    assert owner.page(f"{licence}/list").find("input", {"type": "file"})
    path = hand_in(owner, "/owner")
    page = owner.page(path)
    assert [figure.text for figure in page.select(".figs b")] == ["0", "0", "2", "3"]
    owner.press(path, do="check", **{"fix-2-department": "new", "fix-3-email": "mette@listed.dk"})
    assert "Your corrections are saved." in owner.page(path).text

    assert owner.press(path, do="invite").location == path
    while run_due(installation):
        pass

    assert "2 people are invited" in owner.page(path).text
    session.expire_all()
    letters = session.scalars(select(Letter).where(Letter.recipient.endswith("@listed.dk"))).all()
    assert [letter.context["inviter"] for letter in letters] == ["Owner ours"] * 2
    department = session.scalars(select(Department).where(Department.name == "PPR")).one()
    assert department.municipality_id == world.ours.municipality.id
    assert session.scalars(select(Seat.id).where(Seat.department_id == department.id)).one()


def test_an_owner_does_not_see_the_lists_of_buyers(owner: PageClient, world: World, browser, session, hand_in) -> None:
    buyer = browser().signed_in_as(world.ours.buyer)
    base = f"/municipalities/{world.ours.municipality.id}"
    hand_in(buyer, base)
    list_id = session.scalars(select(SeatList.id).order_by(SeatList.id.desc()).limit(1)).one()

    assert owner.get(f"/owner/lists/{list_id}").status_code == 404
    assert owner.press(f"/owner/lists/{list_id}", do="invite").status_code == 404
    assert buyer.page(f"{base}/lists/{list_id}").find("button", value="skip")
