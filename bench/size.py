"""Progress reports with 1,000 and with 1,000,000 rows of progress: as many per second, within 10 per cent.

Both are served at once and measured in turns. `python -m bench.size [sqlite|postgresql] [rounds] [seconds]`.
"""

import statistics
import sys

from bench import load
from bench.places import ENGINES, FILMS, Places
from bench.players import players, reports
from bench.progress import grouped
from bench.servers import product

SMALL, LARGE = 167, 166_667
"""People; six rows of progress each."""
PLAYERS = {SMALL: 140, LARGE: 20_000}
TOLERANCE = 0.10


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
        load.run(small_port, few, 1.5)  # warm-up
        load.run(large_port, many, 1.5)
        ratios = []
        print(f"round   {SMALL * FILMS:,} rows/s   {LARGE * FILMS:,} rows/s   ratio")
        for number in range(rounds):
            first, second = (small_port, few), (large_port, many)
            if number % 2:
                first, second = second, first
            rates = {port: load.run(port, requests, seconds).per_s for port, requests in (first, second)}
            ratios.append(rates[large_port] / rates[small_port])
            print(f"{number + 1:5} {rates[small_port]:14.0f} {rates[large_port]:18.0f} {ratios[-1]:7.2f}", flush=True)
    ratio = statistics.median(ratios)
    met = ratio >= 1 - TOLERANCE
    print(
        f"{engine}: a million rows run at {ratio:.2f} of a thousand (target {1 - TOLERANCE:.2f}): "
        f"{'met' if met else 'MISSED'}"
    )
    return met


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    rounds, seconds = int(numbers[0]) if numbers else 7, numbers[1] if len(numbers) > 1 else 5
    results = [main(engine, rounds, seconds) for engine in wanted]
    sys.exit(0 if all(results) else 1)
