"""The small demo: two course houses, two municipalities, and people in every state, made through the services."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.catalogue.models import Course
from elearn.catalogue.queries import outline
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.home import demo_shop
from elearn.home.demo_people import DEPARTMENTS, INVITED, PEOPLE, DemoPerson
from elearn.learning import services as learning
from elearn.licensing import services as licensing
from elearn.licensing.models import Licence
from elearn.mail.models import Letter
from elearn.media.tickets import Ticket
from elearn.organisations.models import CourseHouse, Municipality
from elearn.organisations.services import add_department, add_house, add_member, make_owner

HOUSES = {
    "kursushuset": ("Kursushuset", "DK", "kursus@kursushuset.example", "owner"),
    "nordlys": ("Nordlys kurs", "NO", "kurs@nordlys.example", "other-owner"),
}
HOUSE_OF_COURSE = {"kort-om-a-lytte": "nordlys"}
"""Which house a sample course belongs to, by its folder; the others are Kursushuset's."""
MUNICIPALITIES = {"favrskov.example": ("DK", "Favrskov Kommune"), "voss.example": ("NO", "Voss")}
SEATS = 20


def make_houses(session: Session) -> dict[str, CourseHouse]:
    """Add the two course houses and their owners."""
    houses = {}
    for slug, (name, country, email, owner_key) in HOUSES.items():
        houses[slug] = add_house(session, slug=slug, name=name, country=country, email=email)
        owner = next(person for person in PEOPLE if person.key == owner_key)
        make_owner(session, person=_person(session, owner), house=houses[slug])
    return houses


def make(installation: Installation) -> None:
    """Add the demo around each course that is published; what is there already is left alone."""
    with installation.database.transaction() as session:
        make_houses(session)
        demo_shop.make(session)
    with installation.database.transaction() as session:
        if session.scalar(select(Licence.id).limit(1)) is not None:
            return
        departments = _make_departments(session)
        published = select(Course).where(Course.current_version_id.is_not(None))
        for course in session.scalars(published.order_by(Course.id)):
            _fill_course(installation, session, course, departments)


def _make_departments(session: Session) -> dict[str, int]:
    """Add the Danish municipality's departments and who buys and leads there; return the departments' ids by name."""
    favrskov = _municipality(session, *MUNICIPALITIES["favrskov.example"])
    scope = MunicipalityScope(favrskov.id, None)
    ids: dict[str, int] = {}
    for name, above, sector in DEPARTMENTS:
        parent_id = ids[above] if above else None
        ids[name] = add_department(session, scope=scope, name=name, by_id=None, parent_id=parent_id, sector=sector).id
    for person in PEOPLE:
        if person.role is not None:
            department_id = ids[person.department] if person.department else None
            add_member(
                session,
                person=_person(session, person),
                municipality=favrskov,
                role=person.role,
                by_id=None,
                department_id=department_id,
            )
    return ids


def _municipality(session: Session, country: str, name: str) -> Municipality:
    return session.scalars(select(Municipality).where(Municipality.country == country, Municipality.name == name)).one()


def _fill_course(installation: Installation, session: Session, course: Course, departments: dict[str, int]) -> None:
    learners = [person for person in PEOPLE if person.seen_share is not None]
    for domain, (country, name) in MUNICIPALITIES.items():
        municipality = _municipality(session, country, name)
        today = clock.today(country)
        licence = licensing.grant_licence(
            session,
            house=course.course_house,
            course=course,
            municipality=municipality,
            seats=SEATS,
            starts_on=today - timedelta(days=60),
            ends_on=today + timedelta(days=305),
            reason="Demo",
            by_id=None,
        )
        for person in learners:
            if person.address.endswith(domain):
                _seat(installation, session, licence, person, departments)
                _watch(session, course, person)
        for invited_name, address, department in INVITED:
            if address.endswith(domain):
                _invite(installation, session, licence, invited_name, address, "da", None, departments[department])


def _person(session: Session, person: DemoPerson) -> Person:
    found, email = find_or_add_person(session, address=person.address, name=person.name, language=person.language)
    email.confirmed_at = email.confirmed_at or clock.now()
    found.leave_page_explained_at = found.leave_page_explained_at or clock.now()
    return found


def _seat(
    installation: Installation, session: Session, licence: Licence, person: DemoPerson, departments: dict[str, int]
) -> None:
    _person(session, person)
    department_id = departments.get(person.department or "")
    letter = _invite(
        installation, session, licence, person.name, person.address, person.language, person.sector, department_id
    )
    assert letter.token_nonce
    assert letter.token_purpose
    licensing.accept_invitation(session, installation.tokens.reveal(letter.token_purpose, letter.token_nonce))


def _invite(
    installation: Installation,
    session: Session,
    licence: Licence,
    name: str,
    address: str,
    language: str,
    sector: str | None,
    department_id: int | None,
) -> Letter:
    licensing.invite(
        session,
        installation.tokens,
        licence=licence,
        address=address,
        name=name,
        language=language,
        by_id=None,
        sector=sector,
        department_id=department_id,
    )
    session.flush()
    return session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()


def _watch(session: Session, course: Course, person: DemoPerson) -> None:
    """Watch the first part of a course, film by film, as a player would report it."""
    scope = PersonScope(_person(session, person).id)
    outlined = outline(session, scope, course.id)
    films_s = sum(lesson.film(person.language).length_s for module in outlined.modules for lesson in module.lessons)
    to_see = round(films_s * (person.seen_share or 0))
    for module in outlined.modules:
        for lesson in module.lessons:
            length_s = lesson.film(person.language).length_s
            _watch_film(session, scope, lesson.id, person.language, min(to_see, length_s))
            to_see = max(0, to_see - length_s)
            if not to_see:
                return


def _watch_film(session: Session, scope: PersonScope, lesson_id: int, language: str, seconds: int) -> None:
    if not seconds:
        return
    admission = learning.admit(session, scope, lesson_id=lesson_id, language=language, previous=None)
    begun = clock.now() - timedelta(minutes=9)
    ticket = _as_if_issued(admission.ticket, int(begun.timestamp() * 1000))
    played = learning.Played(
        ticket=ticket,
        played_ranges=[(0.0, float(seconds))],
        position_s=float(seconds),
        ended=seconds == ticket.length_s,
        sequence=1,
    )
    learning.record_watched(session, played)


def _as_if_issued(ticket: Ticket, issued_ms: int) -> Ticket:
    return replace(ticket, issued_ms=issued_ms, opened_ms=issued_ms)
