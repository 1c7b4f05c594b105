"""Rates in steps that tell of nobody."""

from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.evaluation.steps import Step, step


def test_of_a_hundred_there_are_ten_steps_less_the_few_at_both_ends() -> None:
    assert step(4, 100) is None
    assert step(5, 100) == Step(5, 9, 100)
    assert step(64, 100) == Step(60, 69, 100)
    assert step(95, 100) == Step(90, 95, 100)
    assert step(96, 100) == Step(96, 100, 100, is_nearly_all=True)


def test_of_forty_a_step_is_a_fifth() -> None:
    found = step(20, 40)
    assert found == Step(16, 23, 40)
    assert found
    assert found.tenth == 4


def test_of_a_few_it_is_only_said_that_nearly_all_answered() -> None:
    assert step(12, 20) is None
    assert step(17, 20) == Step(16, 20, 20, is_nearly_all=True)
    assert step(8, 8) is None


def test_of_nine_it_can_be_said_that_nearly_all_answered_and_of_25_there_are_fifths() -> None:
    assert step(9, 9) == Step(5, 9, 9, is_nearly_all=True)
    assert step(13, 13) == Step(9, 13, 13, is_nearly_all=True)
    assert step(12, 25) == Step(10, 14, 25)
    assert step(12, 50) == Step(10, 14, 50)


def test_what_the_few_at_both_ends_leave_of_a_step_joins_them_when_it_is_fewer_than_five() -> None:
    assert step(5, 30) is None
    assert step(6, 30) == Step(6, 11, 30)
    assert step(23, 30) == Step(18, 23, 30)
    assert step(24, 30) == Step(24, 30, 30, is_nearly_all=True)
    assert step(8, 44) is None


@settings(deadline=None)
@given(st.integers(0, 400), st.data())
def test_every_step_leaves_five_numbers_open(of: int, data: st.DataObject) -> None:
    """Also where nothing is said: whoever knows how many were asked cannot tell how few answered, or were missing."""
    answered = data.draw(st.integers(0, of))
    found = step(answered, of)
    as_little_said = [other for other in range(of + 1) if step(other, of) == found]

    assert answered in as_little_said
    assert len(as_little_said) >= min(5, of + 1)
    if found:
        assert found.first <= answered <= found.last
        assert found.first >= 5
