"""Progress reports per second with one and with two web workers on PostgreSQL, and what they cost in processor time.

Beside the product the minimal application is measured with one and with two workers, in turns: it shows what this
machine, which PostgreSQL and the load's sender share with the workers, leaves to be gained.
`python -m bench.workers [rounds] [seconds]`.
"""

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from bench import load
from bench.places import Places
from bench.players import players, reports
from bench.progress import bare_reports, grouped, minimal_database
from bench.servers import database_processor_s, minimal, processor_s, product

SEATS, PLAYERS = 1_000, 800
TARGET = 1.5
ONE, TWO = "1", "2"


@dataclass(frozen=True)
class Turn:
    """One application under load with so many workers: reports per second, and microseconds of a processor for each."""

    per_s: float
    web_us: float
    database_us: float
    sender_us: float


def main(rounds: int, seconds: float) -> bool:
    """Measure, print the table, return whether the target was met."""
    places = Places()
    place = places.place("postgresql", SEATS, kind="scale")
    reference_url = minimal_database(places, "postgresql")
    senders = grouped(players(place, PLAYERS, seed=1, done=True))
    ours, theirs = [reports(group) for group in senders], [bare_reports(group) for group in senders]
    with ExitStack() as stack:
        served = {}
        for workers in (ONE, TWO):
            ours_port = stack.enter_context(product(place, ELEARN_WEB_WORKERS=workers))
            theirs_port = stack.enter_context(minimal(place, reference_url, ELEARN_WEB_WORKERS=workers))
            served["product", workers], served["minimal", workers] = (ours_port, ours), (theirs_port, theirs)
        for port, requests in served.values():
            load.run(port, requests, 1)  # warm-up
        measured = [_round(served, seconds, is_turned=number % 2 == 1) for number in range(rounds)]
    print(f"\nprogress reports by workers, postgresql: {rounds} rounds of {seconds:g} s each, {os.cpu_count()} cores")
    ratios = {name: _print_ratio(name, measured) for name in ("product", "minimal")}
    met = ratios["product"] >= TARGET
    print(
        f"two workers beside one: x {ratios['product']:.2f} (target {TARGET}): {'met' if met else 'MISSED'}", flush=True
    )
    return met


Served = dict[tuple[str, str], tuple[int, list[Iterator[bytes]]]]
Round = dict[tuple[str, str], Turn]


def _round(served: Served, seconds: float, *, is_turned: bool) -> Round:
    """Measure all four, the other way round in every second round."""
    order = list(served)[::-1] if is_turned else list(served)
    return {each: turn(*served[each], seconds) for each in order}


def turn(port: int, requests: list[Iterator[bytes]], seconds: float) -> Turn:
    """Measure what is served on a port once."""
    web, database = processor_s(port), database_processor_s()
    measured = load.run(port, requests, seconds)
    web, database = processor_s(port) - web, database_processor_s() - database
    each_us = [1e6 * cost / len(measured.latencies_s) for cost in (web, database, measured.generator_cpu_s)]
    return Turn(measured.per_s, *each_us)


def _print_ratio(name: str, measured: list[Round]) -> float:
    """Print what one application came to, with one worker and with two; return how much more two do."""
    ratios = [each[name, TWO].per_s / each[name, ONE].per_s for each in measured]
    for workers in (ONE, TWO):
        turns = [each[name, workers] for each in measured]
        web, database, sender = (
            statistics.median(getattr(turn, part) for turn in turns) for part in ("web_us", "database_us", "sender_us")
        )
        print(
            f"  {name}, {workers} web worker{'s' if workers != ONE else ''}:"
            f" {statistics.median(turn.per_s for turn in turns):6.0f}/s;"
            f" processor for one report: {web:.0f} us web, {database:.0f} us database, {sender:.0f} us sender"
        )
    ratio = statistics.median(ratios)
    print(f"  {name}: x {ratio:.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f})")
    return ratio


if __name__ == "__main__":
    numbers = [float(argument) for argument in sys.argv[1:]]
    sys.exit(0 if main(int(numbers[0]) if numbers else 5, numbers[1] if len(numbers) > 1 else 4) else 1)
