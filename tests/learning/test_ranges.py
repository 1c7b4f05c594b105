"""The pure rules of watched seconds."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from elearn.learning import ranges
from elearn.learning.progress_rows import beyond_the_time, seconds_within

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


def test_what_is_needed_is_a_whole_number_of_seconds_rounded_up():
    assert [repr(ranges.needed(41, share)) for share in (95, 50)] == ["39", "21"]


def test_everything_lacks_of_a_film_nobody_began():
    assert ranges.missing(0, 3) == 0b111


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


def test_a_film_skipped_but_for_one_second_still_has_that_to_be_seen():
    for second in (0, 4, 9):
        others = ranges.between(0, 10) & ~(1 << second)
        assert not ranges.is_complete(0, 10, 95, others)
        assert ranges.is_complete(1 << second, 10, 95, others)


def test_time_lets_twice_as_much_film_be_seen_and_a_second_more():
    assert seconds_within(1_000, 11_000) == 21
    assert seconds_within(1_000, 11_499) == 21
    assert seconds_within(1_000, 11_500) == 22


def test_no_time_lets_one_second_be_seen_also_when_clocks_disagree():
    assert [seconds_within(5_000, until_ms) for until_ms in (5_000, 5_499, 4_000, 0)] == [1, 1, 1, 1]


def refused(reported: int, known: int = 0, *, issued_s: int = 0, first_s: int = 0, until_s: int) -> int:
    return beyond_the_time(
        reported, known, issued_ms=issued_s * 1000, first_ticket_ms=first_s * 1000, until_ms=until_s * 1000
    )


def test_the_latest_of_the_new_seconds_are_refused_when_the_time_is_short():
    assert refused(ranges.between(0, 40), until_s=5) == ranges.between(11, 40)
    assert refused(ranges.between(0, 11), until_s=5) == 0


def test_seconds_seen_before_cost_none_of_the_tickets_time():
    assert refused(ranges.between(0, 31), ranges.between(0, 20), issued_s=95, until_s=100) == 0
    assert refused(ranges.between(0, 32), ranges.between(0, 20), issued_s=95, until_s=100) == 1 << 31


def test_a_fresh_ticket_brings_no_time_beyond_that_since_the_first():
    known = ranges.between(0, 19)
    assert refused(ranges.between(30, 34), known, issued_s=10, until_s=10) == ranges.between(31, 34)
    assert refused(ranges.between(30, 34), known, issued_s=0, until_s=10) == ranges.between(32, 34)


@given(sets, sets, st.integers(0, 40), st.integers(0, 40))
def test_nothing_is_refused_that_was_seen_and_no_more_is_stored_than_fits(reported, known, waited, played_for):
    until_s = waited + played_for
    beyond = refused(reported, known, issued_s=waited, until_s=until_s)
    assert beyond & ~(reported & ~known) == 0
    stored = reported & ~beyond
    assert (stored & ~known).bit_count() <= 2 * played_for + 1
    assert (stored | known).bit_count() <= max(known.bit_count(), 2 * until_s + 1)
