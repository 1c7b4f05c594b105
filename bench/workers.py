"""Progress reports per second with one and with two web workers on PostgreSQL, and what they cost in processor time.

PostgreSQL and the load's sender share this machine's cores with the workers. So the same is measured, in turns, with
the minimal application: it shows what the machine leaves to be gained. And with workers of the product that are each
held to a share of a core, as on small machines of their own: it shows whether they hinder each other.
`python -m bench.workers [rounds] [seconds]`.
"""

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields

from bench import load
from bench.places import Places
from bench.players import players, reports
from bench.progress import bare_reports, grouped, minimal_database
from bench.quota import is_there, quotas
from bench.servers import database_processor_s, minimal, processor_s, product, workers_on

SEATS, PLAYERS = 1_000, 800
TARGET = 1.5
ONE, TWO = "1", "2"
SHARE = 0.4
"""Of a core: two such workers, PostgreSQL and the sender leave half of two cores idle."""
PRODUCT, MINIMAL, HELD = "product", "minimal", f"product, each worker held to {SHARE} of a core"


@dataclass(frozen=True)
class Turn:
    """One application under load with so many workers: reports per second, and microseconds of a processor for each."""

    per_s: float
    web_us: float
    database_us: float
    sender_us: float

    @property
    def sum_us(self) -> float:
        """What one report costs on all sides."""
        return self.web_us + self.database_us + self.sender_us


def main(rounds: int, seconds: float) -> bool:
    """Measure, print the table, return whether the target was met."""
    places = Places()
    place = places.place("postgresql", SEATS, kind="scale")
    reference_url = minimal_database(places, "postgresql")
    senders = grouped(players(place, PLAYERS, seed=1, done=True))
    ours, theirs = [reports(group) for group in senders], [bare_reports(group) for group in senders]
    with ExitStack() as stack:
        hold = stack.enter_context(quotas(SHARE)) if is_there() else None
        served = {}
        for workers in (ONE, TWO):
            free = stack.enter_context(product(place, ELEARN_WEB_WORKERS=workers))
            served[PRODUCT, workers] = (free, ours)
            least = stack.enter_context(minimal(place, reference_url, ELEARN_WEB_WORKERS=workers))
            served[MINIMAL, workers] = (least, theirs)
            if hold:
                held = stack.enter_context(product(place, ELEARN_WEB_WORKERS=workers))
                served[HELD, workers] = (held, ours)
        for port, requests in served.values():
            load.run(port, requests, 1)  # warm-up
        if hold:
            for pid in (*workers_on(served[HELD, ONE][0]), *workers_on(served[HELD, TWO][0])):
                hold(pid)
        measured = [_round(served, seconds, is_turned=number % 2 == 1) for number in range(rounds)]
    print(f"\nprogress reports by workers, postgresql: {rounds} rounds of {seconds:g} s each, {os.cpu_count()} cores")
    ratios = {name: _print_ratio(name, measured) for name in (PRODUCT, MINIMAL, HELD) if (name, ONE) in served}
    met = ratios[PRODUCT] >= TARGET
    print(
        f"two workers beside one: x {ratios[PRODUCT]:.2f} (target {TARGET}): {'met' if met else 'MISSED'}", flush=True
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
    one, two = (_middle([each[name, workers] for each in measured]) for workers in (ONE, TWO))
    for turn, said in ((one, "one worker: "), (two, "two workers:")):
        print(
            f"  {name}, {said} {turn.per_s:5.0f}/s; processor for one report:"
            f" {turn.web_us:.0f} us web, {turn.database_us:.0f} us database, {turn.sender_us:.0f} us sender"
        )
    ratios = [each[name, TWO].per_s / each[name, ONE].per_s for each in measured]
    ratio, most_per_s = statistics.median(ratios), (os.cpu_count() or 1) * 1e6 / two.sum_us
    print(
        f"  {name}: x {ratio:.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f});"
        f" all cores, wholly busy, would do {most_per_s:.0f}/s at that cost, x {most_per_s / one.per_s:.2f}"
    )
    return ratio


def _middle(turns: list[Turn]) -> Turn:
    return Turn(*(statistics.median(getattr(turn, part.name) for turn in turns) for part in fields(Turn)))


if __name__ == "__main__":
    numbers = [float(argument) for argument in sys.argv[1:]]
    sys.exit(0 if main(int(numbers[0]) if numbers else 5, numbers[1] if len(numbers) > 1 else 4) else 1)
