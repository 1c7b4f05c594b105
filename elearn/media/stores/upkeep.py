"""Looking after the films' storage: is all there that somebody names, and is anything there that nobody names?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.media.manifest import read_manifests
from elearn.media.models import Video
from elearn.media.stores.damage import GONE, Damage
from elearn.media.stores.packages import Holding
from elearn.media.stores.storage import MediaStore

LEFT_ALONE = timedelta(days=1)
"""What is younger may be on its way: made, and not named yet."""


@dataclass
class Named:
    """A package that a manifest or a published film needs."""

    by: set[str] = field(default_factory=set)
    """The films' ids."""
    added: set[str] = field(default_factory=set)
    """Files beside its own that published films show: captions, pictures."""


@dataclass(frozen=True)
class Verified:
    """What looking a package over came to."""

    package: str
    named: Named
    damage: list[Damage]


@dataclass(frozen=True)
class Orphan:
    """A package that nothing names."""

    holding: Holding
    may_go: bool
    """False while it is so young that it may be on its way."""


def named_packages(session: Session, manifests: Path) -> dict[str, Named]:
    """Return every package that is needed: by manifests, by films as they are published, and by films they replaced.

    Films that were started over from count: what was seen of them and certificates stand for them. So do those that
    only earlier versions of courses show. A film whose progress was kept has taken the older one's place in all
    versions, and nothing names that. Raises `FileProblems` when a manifest cannot be read, for then nobody knows.
    """
    named: dict[str, Named] = defaultdict(Named)
    for loaded in read_manifests(manifests).values():
        if loaded.value.package:
            named[loaded.value.package].by.add(loaded.value.id)
    for video in session.scalars(select(Video)):
        named[video.package].by.add(video.key)
        shown = [*video.manifest["captions"].values(), video.manifest["poster"], video.manifest.get("thumbnails")]
        named[video.package].added.update(file for file in shown if file)
    return dict(named)


def verify(named: dict[str, Named], store: MediaStore, *, deep: bool) -> Iterator[Verified]:
    """Look over every package that is needed, one after the other. Raises `FilmsOutOfReach`."""
    for package, needed in sorted(named.items()):
        damage = store.damage(package, deep=deep)
        damage += [Damage(file, GONE) for file in sorted(needed.added) if not store.has(package, file)]
        yield Verified(package, needed, damage)


def orphans(named: dict[str, Named], store: MediaStore) -> list[Orphan]:
    """Return the packages, also halves of them, that nothing names, largest first. Raises `FilmsOutOfReach`."""
    oldest = clock.now() - LEFT_ALONE
    unnamed = [holding for holding in store.holdings() if holding.package not in named]
    return [
        Orphan(holding, may_go=holding.newest < oldest)
        for holding in sorted(unnamed, key=lambda each: (-each.size, each.package))
    ]
