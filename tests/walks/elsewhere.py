"""The product with its films elsewhere: in a bucket, or behind a CDN."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from elearn.config import Settings
from elearn.media.stores.bucket import connection
from elearn.media.stores.packages import PACKAGE
from elearn.media.stores.sending import send_package
from tests.conftest import TestClock, settings_in
from tests.peers.cdn_server import cdn_server, key_pair
from tests.peers.cors_proxy import cors_proxy
from tests.peers.s3 import S3Service


class Front(Protocol):
    """Where the browser gets segments."""

    url: str
    page_origin: str
    holds_back: Callable[[str], bool]
    sent: list[str]


Running = Iterator[tuple[Front, dict[str, str]]]
"""A front, and what the product must be told."""


@contextmanager
def from_bucket(swift: S3Service, bucket: str, _folder: Path, _clock: TestClock) -> Running:
    with cors_proxy(swift.url) as front:
        yield front, swift.settings(bucket, front.url)


@contextmanager
def from_cdn(swift: S3Service, bucket: str, folder: Path, clock: TestClock) -> Running:
    with cdn_server(folder / "films") as front:
        front.now = lambda: clock().timestamp()
        front.keys["K1"] = key_pair(folder / "key.pem")
        cdn = {
            "ELEARN_CDN_URL": front.url,
            "ELEARN_CDN_KEY_ID": "K1",
            "ELEARN_CDN_KEY_FILE": str(folder / "key.pem"),
        }
        yield front, swift.settings(bucket) | cdn


def send_films(settings: Settings, swift: S3Service, kept: Path) -> None:
    """Bring every package to the bucket; what lay on this machine is moved out of the product's reach."""
    straight = settings_in(settings.data, **swift.settings(settings.s3_bucket))
    for folder in settings.media.iterdir():
        if PACKAGE.fullmatch(folder.name):
            send_package(folder, connection(straight).for_work())
    shutil.move(settings.media, kept)
