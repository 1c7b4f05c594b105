from fractions import Fraction

from elearn.media.flashes import SQUARES, count_flashes

RATE = Fraction(25)
DARK, LIGHT = bytes([30] * SQUARES), bytes([220] * SQUARES)


def flashing(every: int, seconds: int = 3, light: bytes = LIGHT) -> list[bytes]:
    return [light if frame // every % 2 else DARK for frame in range(25 * seconds)]


def test_fast_flashes_are_counted() -> None:
    assert count_flashes(flashing(2), RATE) == 6


def test_three_in_a_second_are_counted_as_three() -> None:
    assert count_flashes(flashing(4), RATE) == 3


def test_a_cut_and_slow_changes_are_no_flashes() -> None:
    fade = [bytes([16 + frame * 2] * SQUARES) for frame in range(100)]

    assert count_flashes([DARK] * 25 + [LIGHT] * 25, RATE) == 0
    assert count_flashes(fade + fade[::-1], RATE) <= 1


def test_a_small_spot_may_flash() -> None:
    spot = bytes([220] * (SQUARES // 5) + [30] * (SQUARES - SQUARES // 5))

    assert count_flashes(flashing(2, light=spot), RATE) == 0


def test_small_changes_of_light_do_not_count() -> None:
    assert count_flashes(flashing(2, light=bytes([60] * SQUARES)), RATE) == 0
