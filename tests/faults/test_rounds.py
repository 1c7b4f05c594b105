"""Every process killed while people order, confirm lists, complete courses, send films, and letters leave (P3)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import ENGINE, Databases
from tests.faults.forked import everything, forked_ground
from tests.faults.postgresql import Server
from tests.faults.rounds import blows, films_in, ground, rounds
from tests.faults.strikes import (
    STRIKES,
    STRIKES_AT_POSTGRESQL,
    Strike,
    everything_at_once,
)
from tests.faults.works import (
    ByCard,
    Certificates,
    Ground,
    Lists,
    Orders,
    Progress,
    Releases,
    SignInLetters,
    Work,
)

ALL: list[Callable[[Ground], Work]] = [Progress, Orders, ByCard, Lists, Certificates, Releases, SignInLetters]
TELLING: list[Callable[[Ground], Work]] = [Orders, Lists, Certificates, Releases, SignInLetters]
"""What is killed in the suite; progress and Stripe's events are by tests of their own."""
BLOWS = 4
ROUNDS = 6
HERE = [*STRIKES, *(STRIKES_AT_POSTGRESQL if ENGINE == "postgresql" else []), everything_at_once]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server | None]:
    """A PostgreSQL that may be killed."""
    if ENGINE != "postgresql":
        yield None
        return
    made = Server(tmp_path_factory.mktemp("server") / "server")
    yield made
    made.databases.close()


@pytest.mark.race
def test_killed_in_the_middle_of_everything_nothing_acknowledged_is_lost_or_doubled(
    databases: Databases, tmp_path: Path
) -> None:
    with forked_ground(databases, tmp_path) as on:
        result = blows(on, TELLING, everything, BLOWS)

    result.show(f"everything in one process, {BLOWS} times", 1)
    assert not result.wrong, "\n".join(result.wrong)


@pytest.mark.soak
@pytest.mark.parametrize("strike", HERE, ids=lambda strike: strike.__name__)
def test_whatever_is_killed_nothing_acknowledged_is_lost_or_doubled(
    databases: Databases, server: Server | None, tmp_path: Path, strike: Strike
) -> None:
    with ground(server.databases if server else databases, tmp_path) as on:
        result = rounds(on, [*ALL, films_in(tmp_path)], strike, ROUNDS, server)

    result.show(strike.__name__.replace("_", " "), ROUNDS)
    assert not result.wrong, "\n".join(result.wrong)
