"""Watching through the endpoints a player calls: tickets, reports, what counts and what does not."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from elearn.learning.models import Certificate, Completion, LessonCompletion, VideoProgress
from elearn.licensing import services as licensing
from elearn.licensing.models import SeatEvent
from elearn.media.tickets import TicketSigner
from tests.client import PageClient
from tests.world import add_learner

LENGTH = 42
"""Seconds in each film of the tests' course (41.5 s)."""


@dataclass
class Player:
    """A player in a browser, as far as its calls go."""

    client: PageClient
    lesson_id: int
    claims: str | None = None
    sequence: int = 0

    def open(self, language: str = "da") -> TestResponse:
        answer = self.client.send(
            f"/learn/lessons/{self.lesson_id}/ticket", {"player": "p", "claims": self.claims, "language": language}
        )
        if answer.status_code == 200:
            self.claims = answer.json["claims"]
        return answer

    def report(self, *ranges: Any, ended: bool = False, **changed: Any) -> TestResponse:
        self.sequence += 1
        body = {
            "claims": self.claims,
            "id": f"report-{self.sequence}",
            "seq": self.sequence,
            "ranges": [list(each) for each in ranges],
            "position": ranges[-1][1] if ranges else 0.0,
            "ended": ended,
        }
        return self.client.post(f"/learn/lessons/{self.lesson_id}/watched", json=body | changed)


@pytest.fixture
def lessons(world, session):
    return [lesson.id for module in world.ours.outline(session).modules for lesson in module.lessons]


@pytest.fixture
def player(learner, lessons, clock) -> Player:
    player = Player(learner, lessons[0])
    assert player.open().status_code == 200
    clock.advance(minutes=5)
    return player


def stored(session, person_id) -> VideoProgress | None:
    session.expire_all()
    return session.scalar(select(VideoProgress).where(VideoProgress.person_id == person_id))


def test_what_was_played_is_stored_and_told(player, world, session):
    answer = player.report((0.0, 10.0))
    assert answer.status_code == 200
    assert answer.json["progress"]["seen"] == [[0, 10]]
    assert answer.json["progress"]["missing"] == [[10, LENGTH]]
    assert answer.json["refused"] == []
    assert stored(session, world.ours.learner.id).seen == 2**10 - 1


def test_the_first_ticket_uses_the_seat_and_opening_the_page_does_not(learner, lessons, world, session):
    module_id = world.ours.outline(session).modules[0].id
    learner.page(f"/learn/modules/{module_id}")
    assert world.ours.seat(session).first_used_at is None
    Player(learner, lessons[0]).open()
    Player(learner, lessons[1]).open()
    session.expire_all()
    assert world.ours.seat(session).first_used_at is not None
    used = session.scalars(select(SeatEvent).where(SeatEvent.what == "used")).all()
    assert len(used) == 1


played = st.tuples(
    st.floats(min_value=0, max_value=LENGTH, width=32), st.floats(min_value=0, max_value=LENGTH, width=32)
).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=st.lists(st.lists(played, max_size=4), min_size=1, max_size=5), chance=st.randoms(use_true_random=False))
def test_any_order_repetition_or_split_gives_the_same_set(player, world, session, reports, chance):
    """Reports reach the server shuffled, doubled and split; what is seen depends on none of it."""
    row = stored(session, world.ours.learner.id)
    if row is not None:
        session.delete(row)
        session.commit()
    expected = {s for report in reports for begin, end in report for s in range(LENGTH) if begin <= s + 0.5 < end}
    sent = [report for report in reports for _ in range(chance.randint(1, 2))]
    chance.shuffle(sent)
    for report in sent:
        parts = [part for begin, end in report for part in ((begin, (begin + end) / 2), ((begin + end) / 2, end))]
        answer = player.report(*parts)
        assert answer.status_code == 200
        assert answer.json["progress"]["seen_s"] <= LENGTH
    seen = stored(session, world.ours.learner.id).seen
    assert {s for s in range(LENGTH) if seen >> s & 1} == expected
    assert seen >> LENGTH == 0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"ranges": [[5, 3]]}, "ends before"),
        ({"ranges": [[-1, 3]]}, "ranges"),
        ({"ranges": [[0, 1e9]]}, "beyond"),
        ({"ranges": [[0, "ten"]]}, "ranges"),
        ({"ranges": [[0]]}, "ranges"),
        ({"ranges": "all"}, "ranges"),
        ({"ranges": [[0, 1]] * 501}, "ranges"),
        ({"position": -1}, "position"),
        ({"position": 500}, "beyond"),
        ({"position": None}, "position"),
        ({"seq": -1}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"seq": 2**60}, "seq"),
        ({"ended": "yes"}, "ended"),
        ({"claims": ""}, "claims"),
        ({"claims": None}, "claims"),
        ({"person": 1}, "person"),
        ({"id": "x" * 100}, "id"),
    ],
)
def test_a_bad_report_is_refused_with_the_reason_and_changes_nothing(player, world, session, changed, reason):
    answer = player.report((0, 5), **changed)
    assert answer.status_code == 400
    assert reason in answer.json["error"]
    assert stored(session, world.ours.learner.id) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"claims": NaN}', b"[" * 5000])
def test_what_is_no_report_is_refused(player, body):
    answer = player.client.post(
        f"/learn/lessons/{player.lesson_id}/watched", data=body, content_type="application/json"
    )
    assert answer.status_code == 400


def test_a_report_needs_claims_that_we_signed_for_this_film(player, lessons, tokens):
    assert player.report((0, 5), claims="made up").status_code == 403
    other = tokens.signer("session").sign([1, 2, 3])
    assert player.report((0, 5), claims=other).status_code == 403
    player.lesson_id = lessons[1]
    assert player.report((0, 5)).status_code == 403


def test_nobody_sees_more_than_the_time_allows(learner, lessons, clock):
    player = Player(learner, lessons[0])
    player.open()
    clock.advance(seconds=5)
    answer = player.report((0.0, 40.0))
    assert answer.json["refused"] == [[11, 40]]
    assert answer.json["progress"]["seen"] == [[0, 11]]
    clock.advance(seconds=20)
    again = player.report((11.0, 40.0))
    assert again.json["refused"] == []
    assert again.json["progress"]["seen"] == [[0, 40]]


def test_many_small_reports_bring_no_more_than_one(learner, lessons, clock):
    player = Player(learner, lessons[0])
    player.open()
    clock.advance(seconds=5)
    for second in range(40):
        answer = player.report((float(second), second + 1.0))
    assert answer.json["refused"] == [[39, 40]]
    assert answer.json["progress"]["seen_s"] == 11
    player.open()
    assert player.report((20.0, 40.0)).json["progress"]["seen_s"] == 11, "a fresh ticket brings no time"


def test_what_was_seen_before_costs_nothing_of_the_time(player, clock):
    player.report((0.0, 40.0))
    player.open()
    clock.advance(seconds=1)
    answer = player.report((0.0, 41.0))
    assert answer.json["refused"] == []


def test_the_position_is_that_of_the_player_opened_last(learner, lessons, clock):
    first, second = Player(learner, lessons[0]), Player(learner, lessons[0])
    first.open()
    clock.advance(minutes=1)
    second.open()
    clock.advance(minutes=1)
    second.report((0.0, 5.0))
    late = first.report((0.0, 30.0))
    assert late.json["progress"]["position"] == 5.0
    assert late.json["progress"]["seen"] == [[0, 30]]


def test_the_position_is_that_of_the_latest_report_whatever_arrives_last(player):
    player.report((0.0, 20.0), seq=7)
    assert player.report((0.0, 10.0), seq=6).json["progress"]["position"] == 20.0
    assert player.report((20.0, 25.0), position=3.0, seq=8).json["progress"]["position"] == 3.0


def test_renewing_a_ticket_keeps_the_player_the_same(player, clock, tokens):
    read = TicketSigner(tokens).read
    before = read(player.claims)
    clock.advance(minutes=4)
    player.open()
    after = read(player.claims)
    assert after.opened_ms == before.opened_ms
    assert after.issued_ms > before.issued_ms


def test_a_report_under_an_old_ticket_counts_and_says_renew(player, clock):
    clock.advance(hours=3)
    answer = player.report((0.0, 30.0))
    assert answer.status_code == 200
    assert answer.json["renew"] is True
    assert answer.json["progress"]["seen"] == [[0, 30]]


def test_what_was_played_before_the_seat_was_taken_back_counts_a_day_later(player, world, session, clock):
    licensing.take_back_seat(
        session, scope=world.ours.house_scope, seat_id=world.ours.seat(session).id, by_id=world.ours.owner.id
    )
    session.commit()
    clock.advance(days=1)
    answer = player.report((0.0, 40.0))
    assert answer.status_code == 200
    assert answer.json["progress"]["seen"] == [[0, 40]]


def test_what_cannot_have_been_played_before_the_seat_ended_does_not_count(learner, lessons, world, session, clock):
    player = Player(learner, lessons[0])
    player.open()
    clock.advance(seconds=5)
    licensing.take_back_seat(
        session, scope=world.ours.house_scope, seat_id=world.ours.seat(session).id, by_id=world.ours.owner.id
    )
    session.commit()
    clock.advance(days=1)
    answer = player.report((0.0, 40.0))
    assert answer.json["refused"] == [[11, 40]]


def test_taking_a_seat_back_ends_viewing(player, world, session, clock):
    module_id = world.ours.outline(session).modules[0].id
    licensing.take_back_seat(
        session, scope=world.ours.house_scope, seat_id=world.ours.seat(session).id, by_id=world.ours.owner.id
    )
    session.commit()
    sent_on = player.client.get(f"/learn/modules/{module_id}")
    assert sent_on.status_code == 303
    assert sent_on.headers["Location"] == f"/learn/{world.ours.course.id}", "the page that says what happened"
    refused = player.open()
    assert refused.status_code == 403
    assert refused.json["code"] == "seat_ended"


def test_what_was_watched_comes_back_with_a_later_seat_and_the_next_person_starts_fresh(
    player, world, session, installation, browser, clock
):
    player.report((0.0, 20.0))
    licensing.take_back_seat(
        session, scope=world.ours.house_scope, seat_id=world.ours.seat(session).id, by_id=world.ours.owner.id
    )
    replacing = add_learner(session, installation, world.ours.licence, "Replacing")
    again = add_learner(session, installation, world.ours.licence, world.ours.learner.name)
    session.commit()
    assert again.id == world.ours.learner.id

    first, second = player.open(), Player(browser().signed_in_as(replacing), player.lesson_id).open()

    assert (first.json["progress"]["seen"], second.json["progress"]["seen"]) == ([[0, 20]], [])


def test_the_ticket_ends_ten_minutes_after_it_was_issued(player, world, session, clock):
    film = world.ours.outline(session).modules[0].lessons[0].film("da")
    master = f"/media/{film.video_id}/{film.package}/master.m3u8"
    clock.advance(minutes=4, seconds=59)
    assert player.client.get(master).status_code != 403
    clock.advance(seconds=2)
    assert player.client.get(master).status_code == 403


def test_a_licence_that_ended_yesterday_lets_nobody_in(learner, lessons, world, session):
    world.ours.licence.ends_on = world.ours.licence.starts_on
    session.merge(world.ours.licence)
    session.commit()
    assert Player(learner, lessons[0]).open().status_code == 403


def test_watching_enough_completes_the_lesson_once_with_its_version(player, world, session):
    assert player.report((0.0, 37.0)).json["progress"]["complete"] is False
    answer = player.report((37.0, 38.0))
    assert answer.json["progress"]["complete"] is True
    assert answer.json["completed"] == {"module": True, "course": False}
    again = player.report((38.0, 39.0))
    assert again.json["completed"] == {"module": False, "course": False}
    row = session.scalars(select(LessonCompletion)).one()
    assert (row.how, row.course_version_id) == ("watched", world.ours.outline(session).version_id)


def test_the_last_lesson_completes_the_course_and_makes_one_certificate(learner, lessons, clock, session):
    for lesson_id in lessons:
        player = Player(learner, lesson_id)
        player.open()
        clock.advance(minutes=5)
        answer = player.report((0.0, 41.0))
        player.report((0.0, 41.5), ended=True)
    assert answer.json["completed"] == {"module": True, "course": True}
    assert len(session.scalars(select(Completion)).all()) == 1
    assert len(session.scalars(select(Certificate)).all()) == 1


def test_a_skipped_passage_does_not_cost_the_lesson(player, learner):
    player.report((0.0, 20.0), (31.0, 41.0))
    answer = learner.press(f"/learn/lessons/{player.lesson_id}/passages/memory/skip")
    assert answer.status_code in (302, 303)
    progress = player.open().json["progress"]
    assert progress["skipped"] == [[20, 31]]
    assert progress["missing"] == [[41, LENGTH]]
    assert progress["complete"] is True


def test_the_learners_word_is_taken_where_the_course_takes_it(player, learner, session):
    assert learner.press(f"/learn/lessons/{player.lesson_id}/read").status_code in (302, 303)
    assert session.scalars(select(LessonCompletion)).one().how == "read"


def test_strangers_and_the_signed_out_get_no_ticket(stranger, anonymous, lessons, world, session):
    refused = Player(stranger, lessons[0]).open()
    assert refused.status_code in (403, 404)
    assert Player(anonymous, lessons[0]).open().status_code == 401


def test_an_open_module_is_for_anyone_and_records_nothing(anonymous, world, session):
    module = world.ours.outline(session).modules[0]
    ticket_url = f"/courses/hard-talks/modules/{module.id}/lessons/{module.lessons[0].id}/ticket"
    answer = anonymous.send(ticket_url, {})
    assert answer.status_code == 200
    assert answer.json["progress"] is None
    report = Player(anonymous, module.lessons[0].id, claims=answer.json["claims"]).report((0, 5))
    assert report.status_code == 403
    assert stored(session, world.ours.learner.id) is None


def test_a_closed_module_is_not_open(anonymous, world, session):
    module = world.ours.outline(session).modules[1]
    ticket_url = f"/courses/hard-talks/modules/{module.id}/lessons/{module.lessons[0].id}/ticket"
    assert anonymous.send(ticket_url, {}).status_code == 404
