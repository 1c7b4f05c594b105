"""Two full tenants of one shape, so that what leaks between them shows."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pyotp
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from elearn.accounts import factors
from elearn.accounts.models import Person, TotpSecret
from elearn.accounts.services import confirm_address, find_or_add_person
from elearn.catalogue.models import Course
from elearn.catalogue.queries import CourseOutline, outline
from elearn.catalogue.services import publish_course
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.core.scope import HouseScope, PersonScope
from elearn.licensing.models import Licence, Seat
from elearn.licensing.services import accept_invitation, grant_licence, invite
from elearn.mail.models import Letter
from elearn.organisations.models import CourseHouse, Municipality, Role
from elearn.organisations.services import add_house, add_member, make_owner
from tests.catalogue.course_folder import CourseFolder, RealFilm

SEATS = 5
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the owners' authenticator apps hold."""


@dataclass
class Side:
    """One course house, one municipality, and their people."""

    house: CourseHouse
    owner: Person
    municipality: Municipality
    course: Course
    licence: Licence
    learner: Person
    leader: Person
    buyer: Person
    invited: Person
    open_files: Callable[[], CourseFolder]

    @cached_property
    def files(self) -> CourseFolder:
        """The course's files: they are written when a test first asks, and most never do."""
        return self.open_files()

    @property
    def scope(self) -> PersonScope:
        return PersonScope(self.learner.id)

    @property
    def house_scope(self) -> HouseScope:
        return HouseScope(self.house.id, self.owner.id)

    def outline(self, session: Session) -> CourseOutline:
        return outline(session, self.house_scope, self.course.id)

    def seat(self, session: Session, person: Person | None = None) -> Seat:
        wanted = (person or self.learner).id
        return session.scalars(select(Seat).where(Seat.licence_id == self.licence.id, Seat.person_id == wanted)).one()


@dataclass
class World:
    ours: Side
    theirs: Side


def make_world(session: Session, installation: Installation, folder: Path, film: RealFilm | None = None) -> World:
    return World(
        _side(session, installation, folder / "ours", "ours", "Favrskov Kommune", "hard-talks", film),
        _side(session, installation, folder / "theirs", "theirs", "Horsens Kommune", "other-talks", film),
    )


def read_world(session: Session, made: World) -> World:
    """Return a committed world as a session that knows nothing yet reads it."""
    return World(*(replace(side, **_rows(session, side, _read)) for side in (made.ours, made.theirs)))


def world_again(session: Session, made: World, folder: Path) -> World:
    """Return a world that was read, as one more session would see it, with course files of its own."""
    return World(_side_again(session, made.ours, folder / "ours"), _side_again(session, made.theirs, folder / "theirs"))


def add_learner(session: Session, installation: Installation, licence: Licence, name: str) -> Person:
    """Invite somebody and accept for them."""
    address = f"{name.lower()}@{licence.municipality.code}.example"
    invite(session, installation.tokens, licence=licence, address=address, name=name, language="en", by_id=None)
    person = accept_invitation(session, latest_token(session, installation))
    person.leave_page_explained_at = clock.now()
    session.flush()
    return person


def add_app(session: Session, installation: Installation, person: Person) -> None:
    """Give somebody an authenticator app whose secret tests know."""
    sealed = installation.tokens.seal(factors.SEAL, APP_SECRET)
    session.add(TotpSecret(person_id=person.id, secret=sealed, confirmed_at=clock.now(), last_step=0))
    session.flush()


def app_code(secret: str = APP_SECRET) -> str:
    """Return the digits that an app with this secret shows now."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()))


def latest_token(session: Session, installation: Installation) -> str:
    """Return the token in the newest letter."""
    session.flush()
    letter = session.scalars(select(Letter).where(Letter.token_nonce.is_not(None)).order_by(Letter.id.desc())).first()
    assert letter is not None
    assert letter.token_purpose
    assert letter.token_nonce
    return installation.tokens.reveal(letter.token_purpose, letter.token_nonce)


def _side_again(session: Session, made: Side, folder: Path) -> Side:
    rows = _rows(session, made, lambda session, row: session.merge(row, load=False))
    return replace(made, **rows, open_files=partial(_files_again, made, folder))


def _rows(session: Session, side: Side, again: Callable[[Session, Any], Any]) -> dict[str, Any]:
    parts = {part.name: getattr(side, part.name) for part in fields(side) if part.name != "open_files"}
    return {name: again(session, row) for name, row in parts.items()}


def _read(session: Session, row: Any) -> Any:
    return session.get_one(type(row), inspect(row).identity)


def _files_again(made: Side, folder: Path) -> CourseFolder:
    files = CourseFolder(folder, made.course.slug)
    shutil.copytree(made.files.store.root, files.store.root, dirs_exist_ok=True)  # with what publishing put there
    return files


def _side(
    session: Session,
    installation: Installation,
    folder: Path,
    name: str,
    municipality_name: str,
    slug: str,
    film: RealFilm | None,
) -> Side:
    house = add_house(session, slug=name, name=f"House {name}", country="DK", email=f"{name}@house.example")
    owner = _person(session, f"Owner {name}", f"owner@{name}.example")
    make_owner(session, person=owner, house=house)
    add_app(session, installation, owner)
    municipality = session.scalars(select(Municipality).where(Municipality.name == municipality_name)).one()
    leader = _person(session, f"Leader {name}", f"leader@{name}.example")
    add_member(session, person=leader, municipality=municipality, role=Role.LEADER, by_id=None)
    buyer = _person(session, f"Buyer {name}", f"buyer@{name}.example")
    add_member(session, person=buyer, municipality=municipality, role=Role.BUYER, by_id=None)
    files = CourseFolder(folder, slug, film)
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=owner)
    session.flush()
    course = session.scalars(select(Course).where(Course.slug == slug)).one()
    today = clock.today("DK")
    licence = grant_licence(
        session,
        house=house,
        course=course,
        municipality=municipality,
        seats=SEATS,
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=335),
        reason="Test",
        by_id=owner.id,
    )
    learner = add_learner(session, installation, licence, f"Learner-{name}")
    invited_seat = invite(
        session,
        installation.tokens,
        licence=licence,
        address=f"invited@{name}.example",
        name=f"Invited {name}",
        language="en",
        by_id=owner.id,
    )
    assert invited_seat.person is not None
    session.commit()
    return Side(house, owner, municipality, course, licence, learner, leader, buyer, invited_seat.person, lambda: files)


def _person(session: Session, name: str, address: str) -> Person:
    person, email = find_or_add_person(session, address=address, name=name, language="en")
    confirm_address(session, email)
    person.leave_page_explained_at = clock.now()
    session.flush()
    return person
