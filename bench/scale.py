"""From one small server to many: what a second web worker brings, 50 readers at once, and a million seats.

Three parts in one run: progress reports with one and two web workers (PostgreSQL, `bench.workers`); the module page for
one reader and for 50 (`bench.page`), on a small installation and on one with 1,000,000 seats and 10,000,000 rows of
progress, in turns; and progress reports on both (`bench.size`), which should do within a fifth of each other.
`python -m bench.scale [sqlite|postgresql] [seats of the large one]`. Filling the large ones takes a while, once.
"""

import sys
from contextlib import ExitStack

from bench import size, workers
from bench.load import Measured
from bench.page import Readers, print_verdict, signed_in
from bench.places import ENGINES, MANY_FILMS, Places
from bench.players import players, reports
from bench.progress import grouped
from bench.servers import product

SMALL, LARGE = 1_000, 1_000_000
"""Seats; ten rows of progress each."""
PLAYERS = {SMALL: 800, LARGE: 20_000}
"""As many as report 2,000 times a second when each reports every ten seconds; all of the small one's, nearly."""
TOLERANCE = 0.20
ROUNDS, REPORTS_S = 3, 4


def main(engine: str, large_seats: int) -> bool:
    """Measure a small and a large installation on one engine; return whether the targets were met."""
    places = Places()
    small, large = (places.place(engine, seats, kind="scale") for seats in (SMALL, large_seats))
    print(
        f"\n{engine}: {SMALL:,} seats with {SMALL * MANY_FILMS:,} rows of progress (small),"
        f" {large_seats:,} with {large_seats * MANY_FILMS:,} (large)",
        flush=True,
    )
    with ExitStack() as stack:
        few, many = (Readers(place, stack.enter_context(product(place)), *signed_in(place)) for place in (small, large))
        served = tuple(
            (
                readers.port,
                [reports(group) for group in grouped(players(readers.place, count, seed=1, done=True))],
            )
            for readers, count in ((few, PLAYERS[SMALL]), (many, min(PLAYERS[LARGE], large_seats // 2)))
        )
        rate = size.compare(*served, ROUNDS, REPORTS_S)
        for readers in (few, many):
            readers.warm_up()
        for number in range(ROUNDS):
            for readers in (many, few) if number % 2 else (few, many):
                readers.read(number)
    met = [print_verdict(few), print_verdict(many)]
    return all([*met, _print_sizes(engine, rate, few, many)])


def _print_sizes(engine: str, rate: float, few: Readers, many: Readers) -> bool:
    """Print the large installation's figures as multiples of the small one's; return whether all are near enough."""
    times = {
        f"{name} p{percent}": _ratio(ours, base, percent)
        for name, base, ours in (("one reader", few.alone, many.alone), ("50 people", few.people, many.people))
        for percent in (50, 99)
    }
    met = rate >= 1 - TOLERANCE and max(times.values()) <= 1 + TOLERANCE
    print(
        f"{engine}, large beside small: reports per second x {rate:.2f} (target {1 - TOLERANCE:.2f}); page, "
        + ", ".join(f"{name} x {ratio:.2f}" for name, ratio in times.items())
        + f" (target {1 + TOLERANCE:.2f}): {'met' if met else 'MISSED'}",
        flush=True,
    )
    return met


def _ratio(ours: Measured, base: Measured, percent: float) -> float:
    return ours.percentile_ms(percent) / base.percentile_ms(percent)


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [int(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    results = [workers.main(rounds=5, seconds=3)] if "postgresql" in wanted else []
    results += [main(engine, numbers[0] if numbers else LARGE) for engine in wanted]
    sys.exit(0 if all(results) else 1)
