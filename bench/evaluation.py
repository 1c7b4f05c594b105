"""An evaluation of a million answers: release, taking in, publishing, then the owner's page and its files.

`python -m bench.evaluation [sqlite|postgresql] [respondents ...]`. Each respondent answers 20 questions. Everything is
done first with few respondents, then with many, so that the growth shows.
"""

import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bench.places import ENGINES, Place, Places
from bench.players import session_cookie
from bench.statements import statements_of
from elearn.accounts.services import find_or_add_person, open_sign_in
from elearn.app import create_app
from elearn.catalogue.models import Course, CourseVersion
from elearn.core import clock, migrations
from elearn.core.bulk import add_rows
from elearn.core.installation import Installation
from elearn.evaluation.services import publish_tables, take_in
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackBatch, FeedbackForm, FeedbackRound, SpooledResponse, VersionSource
from elearn.feedback.services import releasing
from elearn.feedback.services.publishing import open_round, publish_form
from elearn.home.demo_feedback import SECTORS
from elearn.organisations.models import Municipality
from elearn.organisations.reference import load_reference_data
from elearn.organisations.services import add_house, make_owner

QUESTIONS, TOWNS = 20, 50
RESPONDENTS = (500, 50_000)
TARGETS_S = {"sqlite": 3.0, "postgresql": 1.0}
"""For the page and for the files, each."""
WORDS = dict.fromkeys(("da", "nb", "nn", "en"), "Words")
TURNS = 5
PAGES = {
    "page": "/owner/evaluation/{round}",
    "CSV": "/owner/evaluation/{round}/figures.csv",
    "XLSX": "/owner/evaluation/{round}/figures.xlsx",
}
"""Held to the target."""


@dataclass
class Measured:
    """How long each step took, in seconds, and how many statements."""

    seconds: dict[str, float]
    statements: dict[str, int]


def main() -> int:
    """Print what each step takes with few and with many; return 1 when a target was missed."""
    engines = [each for each in sys.argv[1:] if each in ENGINES] or list(ENGINES)
    sizes = [int(each) for each in sys.argv[1:] if each not in ENGINES] or list(RESPONDENTS)
    places, is_met = Places(), True
    for engine in engines:
        found = {size: _measure(places, engine, size) for size in sizes}
        few, many = found[sizes[0]], found[sizes[-1]]
        for step, seconds in many.seconds.items():
            is_held = step in PAGES
            is_kept = seconds <= TARGETS_S[engine] and few.statements[step] == many.statements[step]
            is_met &= is_kept or not is_held
            print(
                f"{engine}, {step}: {sizes[0] * QUESTIONS:,} answers {few.seconds[step]:.3f} s,"
                f" {few.statements[step]} statements; {sizes[-1] * QUESTIONS:,} answers {seconds:.3f} s,"
                f" {many.statements[step]} statements"
                + (f" (target {TARGETS_S[engine]} s): {'met' if is_kept else 'MISSED'}" if is_held else ""),
                flush=True,
            )
    return 0 if is_met else 1


def _measure(places: Places, engine: str, respondents: int) -> Measured:
    place = Place(engine, f"evaluation{respondents}", places.empty_database(engine, f"evaluation{respondents}"))
    held = Installation(place.settings())
    migrations.upgrade(held.database)
    with held.database.transaction() as session:
        load_reference_data(session)
        round_id, token = _open(session)
    with held.database.transaction() as session:
        _fill(session, session.get_one(FeedbackRound, round_id), respondents)
    found = Measured({}, {})
    steps: dict[str, Callable[[Session, FeedbackRound, Any], Any]] = {
        "release": lambda session, round_, _batch: releasing.release(session, round_=round_),
        "take in": take_in,
        "publish": publish_tables,
    }
    for name, step in steps.items():
        with held.database.transaction() as session, _timed(held, found, name):
            step(session, session.get_one(FeedbackRound, round_id), session.scalar(select(FeedbackBatch)))
    with held.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    held.database.dispose()
    seen = int(clock.now().timestamp())
    cookie = session_cookie(place, {"_user_id": token, "_fresh": True, "language": "da", "seen": seen})
    client = create_app(place.settings()).test_client(use_cookies=False)
    for name, path in PAGES.items():
        address = path.format(round=round_id)
        found.statements[name] = statements_of(place, address, cookie)
        found.seconds[name] = statistics.median(_seconds(client, address, cookie) for _ in range(TURNS))
    return found


@contextmanager
def _timed(held: Installation, found: Measured, name: str) -> Iterator[None]:
    said: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(held.database.engine, "before_cursor_execute", count)
    begun = time.monotonic()
    yield
    found.seconds[name], found.statements[name] = time.monotonic() - begun, len(said)
    event.remove(held.database.engine, "before_cursor_execute", count)


def _seconds(client: Any, address: str, cookie: str) -> float:
    begun = time.monotonic()
    answer = client.get(address, headers={"Cookie": cookie})
    assert answer.status_code == 200, answer.status
    answer.get_data()
    return time.monotonic() - begun


def _open(session: Session) -> tuple[int, str]:
    """Return the open round of a course that asks 20 questions, and its owner's session."""
    house = add_house(session, slug="bench", name="Bench", country="DK", email="bench@example.com")
    owner, _email = find_or_add_person(session, address="owner@bench.example", name="Owner", language="da")
    make_owner(session, person=owner, house=house)
    course = Course(course_house=house, slug="bench")
    session.add(course)
    session.flush()
    about = {"id": "bench", "languages": ["da"], "audience": [], "modules": []}
    about["completion"] = {"share": 90, "own_word": False}
    course.current_version = CourseVersion(
        course_id=course.id,
        number=1,
        content={"course": about, "texts": {"da": {"title": "Bench", "summary": "Bench"}}},
        content_hash="",
        published_at=clock.now(),
    )
    scale = {"type": "scale", "text": WORDS, "labels": [WORDS] * 5}
    questions = [{"id": f"q{number}", **scale} for number in range(QUESTIONS)]
    fields = {"id": "end", "title": WORDS, "audience": ["staff"], "moment": "completion"}
    form = FormFile.model_validate(
        fields | {"sections": [{"id": "all", "title": WORDS, "level": "learning", "questions": questions}]}
    )
    publish_form(session, course=course, form=form, source=VersionSource.FILE, by=None)
    opened = open_sign_in(session, person=owner, door="link")
    opened.sign_in.second_factor_at = clock.now()
    round_ = open_round(session, course)
    assert round_
    return round_.id, opened.token


def _fill(session: Session, round_: FeedbackRound, respondents: int) -> None:
    chance = random.Random(1)
    towns = list(session.scalars(select(Municipality.id).order_by(Municipality.id).limit(TOWNS)))
    form = session.scalars(select(FeedbackForm).where(FeedbackForm.course_id == round_.course_id)).one()
    shared = {"round_id": round_.id, "form_id": form.id, "form_version_id": form.current_version_id}
    shared |= {"about": "", "audience": "staff", "pseudonym": None, "may_quote": False}
    add_rows(
        session,
        SpooledResponse,
        (
            {"id": uuid.UUID(int=chance.getrandbits(128)).hex, "municipality_id": towns[each % TOWNS]}
            | {"sector": SECTORS[each % 7 % len(SECTORS)]}
            | {"answers": {f"q{number}": chance.choice((1, 2, 3, 3, 4, 4, 5)) for number in range(QUESTIONS)}}
            | shared
            for each in range(respondents)
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
