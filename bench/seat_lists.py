"""A list of 10,000 people: seconds to read, show and invite, and memory. `python -m bench.seat_lists [engine]`."""

import io
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import openpyxl
from sqlalchemy import func, select

from bench.places import ENGINES, Place, Places
from bench.players import session_cookie
from elearn.accounts.models import Person
from elearn.accounts.services import confirm_address, find_or_add_person, open_sign_in
from elearn.app import create_app
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.licensing.list_jobs import invite_list, read_list
from elearn.licensing.models import Invitation, Licence, Seat, SeatList, SeatListState
from elearn.licensing.services import from_list, grant_licence
from elearn.organisations.models import Department, Municipality, Role
from elearn.organisations.services import add_department, add_member

ROWS = 10_000
PEOPLE = 20
MOST_S = 10.0
MOST_MB = 200
DEPARTMENTS = ("PPR", "Sundhedsplejen", "Dagtilbud Nord", "Tandplejen")


def main(engine: str, kind: str) -> None:
    """Measure one engine and one kind of file, and print its line; leaves with 1 when a target is missed."""
    place = Places().place(engine, PEOPLE)
    installation = Installation(place.settings())
    person_id, municipality_id, licence_id = _licence(installation)
    scope = MunicipalityScope(municipality_id, person_id)
    content = MADE[kind](f"{kind}{time.time_ns()}")
    shown = _page(place, installation, person_id)
    before = _memory_mb()
    with installation.database.transaction() as session:
        list_id = from_list.hand_in_list(
            session,
            licence=session.get_one(Licence, licence_id),
            content=content,
            file_name=f"list.{kind}",
            language="da",
            message="Vi ses",
            holds=None,
            by_id=person_id,
        ).id
    read_s = _seconds(lambda: read_list(installation, list_id=list_id))
    preview_s = _seconds(lambda: shown(f"/municipalities/{municipality_id}/lists/{list_id}"))

    def confirm() -> None:
        with installation.database.transaction() as session:
            from_list.confirm_list(session, scope=scope, list_id=list_id, by_id=person_id)
        invite_list(installation, list_id=list_id, by_id=person_id)

    confirm_s = _seconds(confirm)
    memory = _memory_mb() - before
    with installation.database.reader() as session:
        state = session.get_one(SeatList, list_id).state
        invited = select(func.count()).select_from(Invitation).join(Seat, Seat.id == Invitation.seat_id)
        number = session.scalar(invited.where(Seat.licence_id == licence_id))
    assert (state, number) == (SeatListState.DONE, ROWS), (state, number)
    print(
        f"list of {ROWS} people, {kind} of {len(content) / 1e6:.1f} MB, {engine}: read {read_s:.1f} s, "
        f"preview page {preview_s:.2f} s, confirmed and {number} letters written {confirm_s:.1f} s; "
        f"{memory:.0f} MB more memory at the most",
        flush=True,
    )
    sys.exit(read_s + preview_s > MOST_S or confirm_s > MOST_S or memory > MOST_MB)


def _licence(installation: Installation) -> tuple[int, int, int]:
    """Return a buyer, the municipality and a new licence with a free seat for everybody."""
    today = clock.today("DK")
    with installation.database.transaction() as session:
        course = session.scalars(select(Course).order_by(Course.id).limit(1)).one()
        municipality = session.scalars(select(Municipality).where(Municipality.country == "DK").limit(1)).one()
        person, email = find_or_add_person(session, address="buyer@bench.example", name="Buyer", language="da")
        confirm_address(session, email)
        add_member(session, person=person, municipality=municipality, role=Role.BUYER, by_id=None)
        known = set(session.scalars(select(Department.name).where(Department.municipality_id == municipality.id)))
        for name in set(DEPARTMENTS) - known:
            add_department(session, scope=MunicipalityScope(municipality.id, person.id), name=name, by_id=None)
        licence = grant_licence(
            session,
            house=course.course_house,
            course=course,
            municipality=municipality,
            seats=ROWS,
            starts_on=today,
            ends_on=today + timedelta(days=364),
            reason="Bench",
            by_id=None,
        )
        return person.id, municipality.id, licence.id


def _rows(name: str) -> list[list[str]]:
    """Return a list of people whom nobody knows, as an HR system would write it."""
    heading = ["Fulde navn", "Mail", "Enhed", "Fagområde"]
    sectors = ("Skole", "Sundhedspleje", "PPR")
    return [heading] + [
        [f"Bo Ærø {n}", f"p{n}.{name}@listed.example", DEPARTMENTS[n % 4], sectors[n % 3]] for n in range(ROWS)
    ]


def _csv(name: str) -> bytes:
    return "\r\n".join(";".join(row) for row in _rows(name)).encode("cp1252")


def _xlsx(name: str) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in _rows(name):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


MADE: dict[str, Callable[[str], bytes]] = {"csv": _csv, "xlsx": _xlsx}


def _page(place: Place, installation: Installation, person_id: int) -> Callable[[str], None]:
    """Return what opens a page as the buyer."""
    with installation.database.transaction() as session:
        token = open_sign_in(session, person=session.get_one(Person, person_id), door="bench").token
    seen = int(clock.now().timestamp())
    cookie = session_cookie(place, {"_user_id": token, "_fresh": True, "language": "da", "seen": seen})
    client = create_app(place.settings()).test_client(use_cookies=False)

    def open_page(path: str) -> None:
        answer = client.get(path, headers={"Cookie": cookie})
        assert answer.status_code == 200, answer.status_code

    open_page(f"/municipalities/{_first_municipality(installation)}")
    return open_page


def _first_municipality(installation: Installation) -> int:
    with installation.database.reader() as session:
        return session.scalars(select(Municipality.id).where(Municipality.country == "DK").limit(1)).one()


def _seconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    if len(sys.argv) > 2:
        main(sys.argv[1], sys.argv[2])
    wanted = sys.argv[1:] or ENGINES
    runs = [[sys.executable, "-m", "bench.seat_lists", engine, kind] for engine in wanted for kind in MADE]
    missed = [subprocess.run(run, check=False).returncode for run in runs]  # each with a memory of its own
    sys.exit(any(missed))
