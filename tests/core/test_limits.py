"""Limits and the audit trail."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.audit import AuditEvent
from elearn.core.errors import TooManyAttempts
from elearn.core.limits import AttemptCount, Limit, check_attempts, count_attempt, forget_old_attempts

THREE = Limit("test.three", attempts=3, window_s=60)


def use_up(session: Session, key: str = "someone") -> None:
    for _ in range(THREE.attempts):
        count_attempt(session, THREE, key)


def test_a_limit_closes_when_it_is_used_up_and_opens_in_the_next_window(session, clock) -> None:
    use_up(session)
    with pytest.raises(TooManyAttempts) as refused:
        count_attempt(session, THREE, "someone")

    clock.advance(seconds=refused.value.retry_after_s)

    count_attempt(session, THREE, "someone")


def test_looking_counts_nothing(session, clock) -> None:
    for _ in range(10):
        check_attempts(session, THREE, "someone")
    use_up(session)

    with pytest.raises(TooManyAttempts):
        check_attempts(session, THREE, "someone")


def test_limits_of_others_are_their_own(session, clock) -> None:
    use_up(session)

    count_attempt(session, THREE, "another")
    count_attempt(session, Limit("test.other", 1, 60), "someone")


def test_nobody_can_be_read_from_the_table(session, clock) -> None:
    count_attempt(session, THREE, "mette@x.example")

    assert "mette" not in session.scalars(select(AttemptCount.bucket)).one()


def test_old_counts_are_forgotten_after_a_day(session, clock) -> None:
    use_up(session)
    clock.advance(hours=23)
    forget_old_attempts(session)
    assert session.scalars(select(AttemptCount)).all()

    clock.advance(hours=2)
    forget_old_attempts(session)

    assert not session.scalars(select(AttemptCount)).all()


def test_an_event_carries_its_declared_keys_and_no_others(session) -> None:
    kind = audit.kind("test.happened", "person_id")
    for data in ({}, {"person_id": 1, "note": "secret"}, {"note": "secret"}):
        with pytest.raises(ValueError, match="carries"):
            audit.record(session, kind, actor_id=None, **data)

    audit.record(session, kind, actor_id=None, person_id=1)

    session.flush()
    assert session.scalars(select(AuditEvent.data)).one() == {"person_id": 1}


def test_no_kind_of_event_has_room_for_what_people_write() -> None:
    free = {"text", "note", "answer", "token", "message", "name", "address", "email", "code"}

    assert not {kind.name: kind.keys & free for kind in audit.KINDS.values() if kind.keys & free}
