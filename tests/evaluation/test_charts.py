"""Where marks stand on a chart: a true scale, always the same for the same numbers."""

import pytest

from elearn.evaluation.charts import EDGE, change_axis, recommendation_bars, scale_axis
from elearn.evaluation.figures import Estimate


def test_a_scale_is_shown_whole_and_evenly():
    axis = scale_axis(1, 5)
    assert axis.ticks == [1, 2, 3, 4, 5]
    assert (axis.at(1), axis.at(3), axis.at(5)) == (EDGE, 50, 100 - EDGE)
    assert axis.at(7) == 100 - EDGE, "an interval that leaves the scale ends with it"


def test_changes_are_measured_from_zero():
    axis = change_axis([Estimate(1.1, 0.9, 1.3), Estimate(0.7, 0.4, 1.0)])
    assert axis.low == 0
    assert axis.ticks[0] == 0
    assert axis.high >= 1.3
    assert change_axis([Estimate(-0.2, -0.4, 0.0)]).low <= -0.4


@pytest.mark.parametrize("ends", [(0, 10), (1, 7), (0, 1000), (1, 200), (-5, 5), (3, 3)])
def test_every_range_has_ticks_from_end_to_end(ends):
    axis = scale_axis(*ends)
    assert (axis.ticks[0], axis.ticks[-1]) == ends
    assert len(axis.ticks) <= 12
    assert EDGE <= axis.at(ends[1]) <= 100 - EDGE


def test_rare_low_answers_are_shown_together_and_none_is_lost():
    few = recommendation_bars({"3": 2, "8": 20, "10": 18})
    assert [bar.label for bar in few] == ["0–5", "6", "7", "8", "9", "10"]
    assert sum(bar.count for bar in few) == 40
    assert [bar.label for bar in few if bar.is_high] == ["9", "10"]
    assert len(recommendation_bars({str(value): 5 for value in range(11)})) == 11
