"""Lists of people handed in, looked at and confirmed: everybody on one gets one seat, one invitation, one letter."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from elearn.accounts.models import EmailAddress
from elearn.core import clock
from elearn.licensing.models import Invitation, Seat, SeatList, SeatListState
from elearn.licensing.services import add_seats
from elearn.mail.models import Letter
from tests.faults.browser import form_fields
from tests.faults.works.base import Ground, Work

PEOPLE = 10
SEATS = 8_000


class Lists(Work):
    """A buyer who fills seats from lists."""

    name = "lists of people"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        side = ground.site.world.ours
        self._confirmed: list[tuple[int, list[str]]] = []
        self._path = f"/municipalities/{side.municipality.id}"
        self._licence_id = side.licence.id
        with ground.site.database.transaction() as session:
            add_seats(session, licence=session.merge(side.licence), seats=SEATS, by_id=None)
        self._cookie = ground.browser(side.buyer).cookie

    def once(self) -> None:
        browser = self.ground.browser()
        browser.cookie = self._cookie
        number = self.ground.number()
        addresses = [f"list{number}-{each}@field.example" for each in range(PEOPLE)]
        rows = "\n".join(["Name\tEmail", *(f"Person {each}\t{address}" for each, address in enumerate(addresses))])
        path = f"{self._path}/licences/{self._licence_id}/list"
        last = clock.today("DK") + timedelta(days=30)
        fields = form_fields(browser.get(path).page) | {"rows": rows, "holds_until": last.isoformat()}
        handed_in = browser.post(path, fields)
        assert handed_in.status == 303, handed_in.text[:2000]
        list_id = int(handed_in.location.rsplit("/", 1)[-1])
        self._wait(list_id, SeatListState.READY)
        fields = form_fields(browser.get(handed_in.location).page) | {"do": "invite"}
        confirmed = browser.post(handed_in.location, fields)
        assert confirmed.status == 303, confirmed.text[:500]
        self._confirmed.append((list_id, addresses))
        self.note(PEOPLE)
        self._wait(list_id, SeatListState.DONE)
        for address in addresses:
            self.ground.wait_for(f"a letter to {address}", lambda address=address: self.ground.box.to(address))

    def lost(self) -> list[str]:
        everybody = [address for _list, addresses in self._confirmed for address in addresses]
        found = self.ground.look(
            lambda session: (
                Counter(
                    session.scalars(
                        select(EmailAddress.address)
                        .join(Seat, Seat.person_id == EmailAddress.person_id)
                        .where(EmailAddress.address.like("list%"))
                    )
                ),
                Counter(
                    session.scalars(
                        select(EmailAddress.address)
                        .join(Invitation, Invitation.email_address_id == EmailAddress.id)
                        .where(EmailAddress.address.like("list%"))
                    )
                ),
                Counter(
                    session.scalars(
                        select(Letter.recipient).where(
                            Letter.recipient.like("list%"), Letter.kind == "licensing/invitation"
                        )
                    )
                ),
            )
        )
        states = self.ground.look(
            lambda session: session.scalars(
                select(SeatList.state).where(SeatList.id.in_([number for number, _addresses in self._confirmed]))
            ).all()
        )
        return [
            *(
                f"{name} of {address}: {counted[address]}"
                for name, counted in zip(("seats", "invitations", "letters"), found, strict=True)
                for address in everybody
                if counted[address] != 1
            ),
            *(f"a confirmed list is still {state}" for state in states if state != SeatListState.DONE),
        ]

    def _wait(self, list_id: int, state: SeatListState) -> None:
        self.ground.wait_for(
            f"list {list_id} {state}",
            lambda: self.ground.look(lambda session: session.get_one(SeatList, list_id).state) == state,
        )
