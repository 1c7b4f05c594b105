from datetime import UTC, datetime

import pytest

from elearn.licensing.history import Holding, Replayed, replay, undoable
from elearn.licensing.models import SeatEvent


def at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def events(*happened: tuple[str, int, int]) -> list[SeatEvent]:
    return [SeatEvent(what=what, person_id=person_id, at=at(day)) for what, person_id, day in happened]


LISE = Holding(1, invited_at=at(1), claimed_at=at(2), first_used_at=at(3))
WHOLE = (("invited", 1, 1), ("claimed", 1, 2), ("used", 1, 3))


def test_a_seat_nothing_happened_to_is_free() -> None:
    assert replay([]) == Replayed(now=None, before=None)


def test_a_holder_who_left_for_good_is_not_remembered() -> None:
    assert replay(events(*WHOLE, ("left", 1, 4))) == Replayed(now=None, before=None)


def test_the_holder_and_the_days_come_from_the_history() -> None:
    assert replay(events(*WHOLE)).now == LISE


def test_a_second_invitation_moves_the_day() -> None:
    assert replay(events(("invited", 1, 1), ("invited", 1, 5))).now == Holding(1, invited_at=at(5))


@pytest.mark.parametrize("ending", ["declined", "lapsed", "released"])
def test_an_ending_frees_the_seat_and_remembers_who_held_it(ending: str) -> None:
    replayed = replay(events(*WHOLE, (ending, 1, 4)))

    assert (replayed.now, replayed.before) == (None, LISE)


def test_undoing_brings_the_holding_back_also_a_second_time() -> None:
    twice = (("released", 1, 4), ("restored", 1, 4), ("released", 1, 5), ("restored", 1, 5))

    assert replay(events(*WHOLE, *twice)).now == LISE


def test_the_next_holder_owes_nothing_to_the_one_before() -> None:
    replayed = replay(events(*WHOLE, ("released", 1, 4), ("invited", 2, 5)))

    assert (replayed.now, replayed.before) == (Holding(2, invited_at=at(5)), None)


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="knows no 'stolen'"):
        replay(events(("stolen", 1, 1)))


RELEASED = (*WHOLE, ("released", 1, 4))


@pytest.mark.parametrize(("since", "brought_back"), [(3, LISE), (4, LISE), (5, None)])
def test_a_release_is_undone_when_it_is_not_too_long_ago(since: int, brought_back: Holding | None) -> None:
    assert undoable(events(*RELEASED), since=at(since)) == brought_back


@pytest.mark.parametrize(
    "happened",
    [
        (),
        WHOLE,
        (("invited", 1, 1), ("released", 1, 4)),
        (*RELEASED, ("restored", 1, 5)),
        (*RELEASED, ("invited", 2, 5)),
        (*WHOLE, ("left", 1, 4)),
    ],
    ids=["free", "held", "only invited", "undone already", "given on", "left for good"],
)
def test_nothing_else_is_undone(happened: tuple[tuple[str, int, int], ...]) -> None:
    assert undoable(events(*happened), since=at(1)) is None
