"""What the tests of seats share."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core import clock
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.scope import HouseScope
from elearn.core.tokens import Tokens
from elearn.licensing.models import Invitation, Licence, Seat, SeatEvent
from elearn.licensing.seat_lists import SeatCounts, licence
from elearn.licensing.services import grant_licence, invite
from tests.world import World, latest_token, make_world


@dataclass
class Field:
    """A licence to try things on, with everything its services want."""

    session: Session
    installation: Installation
    world: World
    licence: Licence

    @property
    def tokens(self) -> Tokens:
        return self.installation.tokens

    @property
    def scope(self) -> HouseScope:
        return self.world.ours.house_scope

    @property
    def owner_id(self) -> int:
        return self.world.ours.owner.id

    def invite(self, name: str, **more: str) -> Seat:
        return invite(
            self.session,
            self.tokens,
            licence=self.licence,
            address=f"{name.lower()}@work.example",
            name=name,
            language="en",
            by_id=self.owner_id,
            **more,
        )

    def token(self) -> str:
        """The token in the newest letter."""
        return latest_token(self.session, self.installation)

    def counts(self) -> SeatCounts:
        return licence(self.session, self.scope, self.licence.id).counts

    def seats(self) -> list[Seat]:
        """The licence's rows, free ones too."""
        return list(self.session.scalars(select(Seat).where(Seat.licence_id == self.licence.id).order_by(Seat.id)))

    def words(self, seat: Seat) -> list[str]:
        """The seat's history, oldest first."""
        return list(
            self.session.scalars(select(SeatEvent.what).where(SeatEvent.seat_id == seat.id).order_by(SeatEvent.id))
        )

    def open_invitations(self, seat: Seat) -> int:
        open_ones = select(Invitation.id).where(Invitation.seat_id == seat.id, Invitation.answered_at.is_(None))
        return len(self.session.scalars(open_ones).all())


def new_licence(session: Session, world: World, seats: int, *, days: int = 3650) -> Licence:
    """A licence that began today, with free seats only."""
    side, today = world.ours, clock.today("DK")
    return grant_licence(
        session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=seats,
        starts_on=today,
        ends_on=today + timedelta(days=days),
        reason="Test",
        by_id=side.owner.id,
    )


def own_installation(settings: Settings, database: Database) -> Installation:
    """An installation on a database of the test's own."""
    installation = Installation(settings)
    installation.database = database
    return installation


def own_world(installation: Installation, folder: Path) -> World:
    """The two tenants, committed."""
    with installation.database.writer() as session:
        return make_world(session, installation, folder)
