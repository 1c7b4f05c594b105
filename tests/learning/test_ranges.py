"""The pure rules of watched seconds."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from elearn.learning import ranges

LENGTH = 60
places = st.floats(min_value=0, max_value=LENGTH, allow_nan=False)
played = st.tuples(places, places).map(lambda pair: (min(pair), max(pair)))
several = st.lists(played, max_size=12)
sets = st.integers(min_value=0, max_value=2**LENGTH - 1)


def middles(begin: float, end: float) -> set[int]:
    return {second for second in range(LENGTH) if begin <= second + 0.5 < end}


@given(several)
def test_a_second_is_seen_when_a_played_range_holds_its_middle(reported):
    seen = ranges.seconds_in(reported, LENGTH)
    assert {s for s in range(LENGTH) if seen >> s & 1} == set().union(*(middles(*each) for each in reported))


@given(several, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(reported, chance: random.Random):
    shuffled = reported + chance.choices(reported, k=3) if reported else []
    chance.shuffle(shuffled)
    assert ranges.seconds_in(shuffled, LENGTH) == ranges.seconds_in(reported, LENGTH)


@given(played, st.lists(places, max_size=6))
def test_splitting_a_range_anywhere_changes_nothing(whole, cuts):
    begin, end = whole
    marks = [begin, *sorted(cut for cut in cuts if begin < cut < end), end]
    assert ranges.seconds_in(itertools.pairwise(marks), LENGTH) == ranges.seconds_in([whole], LENGTH)


@given(several)
def test_nothing_beyond_the_film_is_seen(reported):
    assert ranges.seconds_in(reported, 20) >> 20 == 0


def test_the_end_marks_the_last_second():
    assert ranges.seconds_in([], 10, ended=True) == 1 << 9


def test_a_range_of_no_length_holds_nothing():
    assert ranges.seconds_in([(3.5, 3.5)], LENGTH) == 0


@given(sets)
def test_stretches_and_sets_say_the_same(bits):
    stretches = ranges.stretches(bits)
    assert ranges.all_of(stretches) == bits
    assert all(first < after for first, after in stretches)
    assert all(before[1] < later[0] for before, later in itertools.pairwise(stretches))


@given(sets, st.integers(min_value=-3, max_value=LENGTH))
def test_the_first_of_a_set_are_its_earliest(bits, count):
    kept = ranges.first_of(bits, count)
    assert kept & ~bits == 0
    assert kept.bit_count() == max(0, min(count, bits.bit_count()))
    left = bits & ~kept
    assert not kept or not left or kept.bit_length() <= (left & -left).bit_length()


@given(sets, sets)
def test_seen_skipped_and_missing_make_up_the_film(seen, skipped):
    lacking = ranges.missing(seen, LENGTH, skipped)
    assert lacking | seen | skipped == ranges.between(0, LENGTH)
    assert lacking & (seen | skipped) == 0


@given(st.integers(min_value=2, max_value=5000), st.integers(min_value=50, max_value=100))
def test_one_second_may_always_lack(length, share):
    needed = ranges.needed(length, share)
    assert needed <= length - 1
    assert needed >= min(length - 1, length * share / 100)


def test_ninety_five_per_cent_of_a_film_of_forty_seconds_are_thirty_eight():
    assert ranges.needed(40, 95) == 38
    assert ranges.is_complete(ranges.between(0, 38), 40, 95)
    assert not ranges.is_complete(ranges.between(0, 37), 40, 95)


def test_a_skipped_passage_leaves_the_denominator():
    skipped = ranges.between(10, 30)
    assert ranges.needed(40, 95, skipped) == 19
    assert ranges.is_complete(ranges.between(0, 10) | ranges.between(30, 39), 40, 95, skipped)
    assert not ranges.is_complete(ranges.between(0, 28), 40, 95, skipped)


def test_a_film_of_one_second_has_to_be_seen():
    assert not ranges.is_complete(0, 1, 95)
    assert ranges.is_complete(1, 1, 95)


def test_a_film_skipped_whole_by_choice_lacks_nothing():
    assert ranges.is_complete(0, 10, 95, ranges.between(0, 10))
