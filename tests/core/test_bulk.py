"""Rows written past the ORM read as those that it writes."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from elearn.accounts.models import Person
from elearn.core.bulk import add_rows, move_sequences
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Seat
from elearn.media.models import Video

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_bits_days_instants_and_json_come_back_as_they_were_given(session, world):
    licence = world.ours.licence
    film = {"id": 9_001, "course_house_id": world.ours.house.id, "key": "bulk", "generation": 1, "language": "da"}
    film |= {"package": "p", "duration_ms": 12_000, "length_s": 12, "manifest": {"title": "Ærø\t\\N\n"}}
    person = {"created_at": AT, "language": "da", "name": "Tab\tand \\ and\nline", "id": 9_001}  # in any order
    seat = {"licence_id": licence.id, "person_id": 9_001, "claimed_at": AT, "valid_until": date(2027, 1, 31)}
    seen = {"person_id": 9_001, "video_id": 9_001, "seen": (0b1011, 12), "position_ms": 3_000, "opened_ms": 2**40}
    add_rows(session, Video, [film | {"published_at": AT, "replaced_at": None}])
    add_rows(session, Person, iter([person]))
    add_rows(session, Seat, [seat | {"sort_name": None}])
    add_rows(session, VideoProgress, [seen | {"sequence": 1, "first_ticket_ms": 0, "updated_at": AT}])

    found = session.scalars(select(Seat).where(Seat.person_id == 9_001)).one()
    assert (found.claimed_at, found.valid_until, found.sort_name) == (AT, date(2027, 1, 31), None)
    assert (found.reminders, found.wants_no_reminders) == (0, False), "the database's defaults"
    assert (found.person.name, found.person.created_at) == (person["name"], AT)
    watched = session.get_one(VideoProgress, (9_001, 9_001))
    assert (watched.seen, watched.opened_ms, watched.updated_at) == (0b1011, 2**40, AT)
    assert session.get_one(Video, 9_001).manifest == film["manifest"]

    move_sequences(session, "people")
    after = Person(name="After", language="da", created_at=AT)
    session.add(after)
    session.flush()
    assert after.id == 9_002


def test_no_rows_are_no_statement(session):
    add_rows(session, Person, [])


def test_what_the_database_refuses_is_refused_as_everywhere(session):
    with pytest.raises(DBAPIError):
        add_rows(session, Seat, [{"licence_id": 1, "person_id": None, "claimed_at": AT}])
