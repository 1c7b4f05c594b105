"""All packages of an installation, from this machine to its bucket or back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from elearn.config import Settings
from elearn.core.errors import DomainError
from elearn.media.errors import PackageDamaged, WrongBytes
from elearn.media.stores.bucket import connection
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import Tell
from elearn.media.stores.s3_store import S3Store
from elearn.media.stores.sending import fetch_package, send_package

Watch = Callable[[str], Tell]
"""Gives, for a package's name, whoever is to hear of it."""


@dataclass(frozen=True)
class Synced:
    """What bringing a package over came to."""

    package: str
    moved: int
    """How many files had to be moved."""
    problem: DomainError | None = None
    """Why it stays as it was there; the others go on."""


def to_s3(settings: Settings, watch: Watch) -> Iterator[Synced]:
    """Bring every whole package of this machine into the bucket. Raises `FilmsOutOfReach` when it is away."""
    bucket = connection(settings).for_work()
    store = LocalStore(settings.media)
    for package in store.packages():
        yield _moved(package, lambda name: send_package(store.root / name, bucket, watch(name)))
    outgoing = S3Store(bucket, bucket, settings.data, trusts=False)
    for package in outgoing.unsent():
        yield _moved(package, lambda name: outgoing.send(name, watch(name)))


def to_this_machine(settings: Settings, watch: Watch) -> Iterator[Synced]:
    """Bring every whole package of the bucket to this machine. Raises `FilmsOutOfReach` when it is away."""
    bucket = connection(settings).for_work()
    store = LocalStore(settings.media)
    for holding in S3Store(bucket, bucket, settings.data, trusts=False).holdings():
        if holding.is_whole:
            yield _moved(holding.package, lambda name: fetch_package(name, bucket, store, watch(name)))


def _moved(package: str, move: Callable[[str], int]) -> Synced:
    try:
        return Synced(package, move(package))
    except (PackageDamaged, WrongBytes) as problem:
        return Synced(package, 0, problem)
