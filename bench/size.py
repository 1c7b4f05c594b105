"""Progress reports with 1,000 and with 1,000,000 rows of progress: as many per second, within 10 per cent.

Both are served at once and measured in turns. `python -m bench.size [sqlite|postgresql] [rounds] [seconds]`.
"""

import statistics
import sys
from collections.abc import Iterator

from bench import load
from bench.places import ENGINES, FILMS, Places
from bench.players import players, reports
from bench.progress import grouped
from bench.servers import product
from bench.workers import turn

SMALL, LARGE = 167, 166_667
"""People; six rows of progress each."""
PLAYERS = {SMALL: 140, LARGE: 20_000}
TOLERANCE = 0.10
Served = tuple[int, list[Iterator[bytes]]]
"""The port of a place, and the reports for each connection to it."""


def main(engine: str, rounds: int, seconds: float) -> bool:
    """Measure one engine, print the table, return whether the target was met."""
    places = Places()
    small, large = places.place(engine, SMALL), places.place(engine, LARGE)
    print(f"\nprogress reports by size, {engine}: {rounds} rounds of {seconds:g} s each", flush=True)
    with product(small) as small_port, product(large) as large_port:
        few, many = (
            [reports(group) for group in grouped(players(place, PLAYERS[people], seed=1, done=True))]
            for place, people in ((small, SMALL), (large, LARGE))
        )
        ratio = compare((small_port, few), (large_port, many), rounds, seconds)
    met = ratio >= 1 - TOLERANCE
    print(
        f"{engine}: {LARGE * FILMS:,} rows run at {ratio:.2f} of {SMALL * FILMS:,} (target {1 - TOLERANCE:.2f}): "
        f"{'met' if met else 'MISSED'}"
    )
    return met


def compare(small: Served, large: Served, rounds: int, seconds: float) -> float:
    """Measure both in turns and print each round; return how much of the small one's rate the large one has."""
    for port, requests in (small, large):
        load.run(port, requests, 1.5)  # warm-up
    ratios = []
    print("round    small/s    large/s   ratio   processor for one report, small and large: web, database")
    for number in range(rounds):
        order = (large, small) if number % 2 else (small, large)
        turns = {port: turn(port, requests, seconds) for port, requests in order}
        few, many = turns[small[0]], turns[large[0]]
        ratios.append(many.per_s / few.per_s)
        print(
            f"{number + 1:5} {few.per_s:10.0f} {many.per_s:10.0f} {ratios[-1]:7.2f}"
            f"   {few.web_us:.0f} and {many.web_us:.0f} us, {few.database_us:.0f} and {many.database_us:.0f} us",
            flush=True,
        )
    return statistics.median(ratios)


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    rounds, seconds = int(numbers[0]) if numbers else 7, numbers[1] if len(numbers) > 1 else 5
    results = [main(engine, rounds, seconds) for engine in wanted]
    sys.exit(0 if all(results) else 1)
