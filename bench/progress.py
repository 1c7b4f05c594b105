"""Progress reports per second and their p99: the product as shipped beside the least that Flask can do.

8 connections, two web workers, the same server and flags, the same durability; runs alternate, so that whatever
else the machine does meets both. `python -m bench.progress [sqlite|postgresql] [rounds] [seconds]`.
"""

import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from itsdangerous import URLSafeTimedSerializer

from bench import load, minimal_app
from bench.places import ENGINES, FILMS, SECRET, Places
from bench.players import Player, players, post, reports
from bench.servers import minimal, product

CONNECTIONS = 8
PEOPLE = 2_000
PLAYERS = 800
TARGET_RATE, TARGET_P99 = 0.6, 1.5


@dataclass
class Pair:
    """One round: both measured one after the other."""

    product: load.Measured
    minimal: load.Measured

    @property
    def rate(self) -> float:
        """The product's rate as a share of the minimal application's."""
        return self.product.per_s / self.minimal.per_s

    @property
    def p99(self) -> float:
        """The product's p99 as a multiple of the minimal application's."""
        return self.product.percentile_ms(99) / self.minimal.percentile_ms(99)


def main(engine: str, rounds: int, seconds: float) -> bool:
    """Measure one engine, print the table, return whether the targets were met."""
    places = Places()
    place = places.place(engine, PEOPLE)
    reference_url = minimal_database(places, engine)
    print(
        f"\nprogress reports, {engine}: {CONNECTIONS} connections, 2 web workers, {rounds} rounds of {seconds:g} s each"
    )
    with product(place) as product_port, minimal(place, reference_url) as minimal_port:
        senders = grouped(players(place, PLAYERS, seed=1))
        ours = [reports(group) for group in senders]
        theirs = [bare_reports(group) for group in senders]
        for port, requests in ((product_port, ours), (minimal_port, theirs)):
            load.run(port, requests, 1.5)  # warm-up
        pairs = []
        for number in range(rounds):
            pairs.append(_round(number, product_port, ours, minimal_port, theirs, seconds))
            _print_round(number, pairs[-1])
    return _print_verdict(engine, pairs)


def _round(
    number: int,
    product_port: int,
    ours: list[Iterator[bytes]],
    minimal_port: int,
    theirs: list[Iterator[bytes]],
    seconds: float,
) -> Pair:
    """Measure both, the other one first in every second round."""
    if number % 2:
        theirs_measured = load.run(minimal_port, theirs, seconds)
        return Pair(load.run(product_port, ours, seconds), theirs_measured)
    return Pair(load.run(product_port, ours, seconds), load.run(minimal_port, theirs, seconds))


def minimal_database(places: Places, engine: str) -> str:
    """Make the minimal application's database anew, return its address."""
    url = places.empty_database(engine, "minimal")
    connection = minimal_app.connect(url)
    connection.execute(minimal_app.TABLE)
    values = ", ".join(f"({person}, {video}, 0)" for person in range(1, PEOPLE + 1) for video in range(1, FILMS + 1))
    connection.execute(f"INSERT INTO progress VALUES {values}")
    connection.close()
    return url


def grouped(everyone: list[Player]) -> list[list[Player]]:
    """Deal players out to the connections."""
    return [everyone[start::CONNECTIONS] for start in range(CONNECTIONS)]


def bare_reports(group: list[Player]) -> Iterator[bytes]:
    """Give the group's reports as the minimal application takes them, for ever."""
    signer = URLSafeTimedSerializer(SECRET)
    cookies = {player.person_id: f"ticket={signer.dumps(player.person_id)}" for player in group}
    position = 0
    while True:
        position = (position + 10) % 1260
        for player in group:
            yield post("/watched/1", json.dumps({"position": position}).encode(), cookies[player.person_id])


def _print_round(number: int, pair: Pair) -> None:
    if number == 0:
        print("round   product/s  p50 ms  p99 ms   minimal/s  p50 ms  p99 ms    rate     p99   generator")
    ours, theirs = pair.product, pair.minimal
    print(
        f"{number + 1:5}  {ours.per_s:10.0f} {ours.percentile_ms(50):7.1f} {ours.percentile_ms(99):7.1f}"
        f"  {theirs.per_s:10.0f} {theirs.percentile_ms(50):7.1f} {theirs.percentile_ms(99):7.1f}"
        f"  {pair.rate:6.2f}  {pair.p99:6.2f}   {ours.generator_share:.0%} / {theirs.generator_share:.0%} of a core",
        flush=True,
    )


def _print_verdict(engine: str, pairs: list[Pair]) -> bool:
    rate, p99 = statistics.median(pair.rate for pair in pairs), statistics.median(pair.p99 for pair in pairs)
    met = rate >= TARGET_RATE and p99 <= TARGET_P99
    print(
        f"{engine}: product {statistics.median(pair.product.per_s for pair in pairs):.0f}/s, "
        f"p99 {statistics.median(pair.product.percentile_ms(99) for pair in pairs):.1f} ms; "
        f"minimal {statistics.median(pair.minimal.per_s for pair in pairs):.0f}/s, "
        f"p99 {statistics.median(pair.minimal.percentile_ms(99) for pair in pairs):.1f} ms; "
        f"ratio {rate:.2f} (target {TARGET_RATE}) at p99 × {p99:.2f} (target {TARGET_P99}): "
        f"{'met' if met else 'MISSED'}"
    )
    return met


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    rounds, seconds = int(numbers[0]) if numbers else 7, numbers[1] if len(numbers) > 1 else 6
    results = [main(engine, rounds, seconds) for engine in wanted]
    sys.exit(0 if all(results) else 1)
