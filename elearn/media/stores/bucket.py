"""The only door to S3: one bucket, any supplier. What comes out are plain values or `FilmsOutOfReach`.

Three ways of asking: work waits and tries again for a minute or some, whoever pressed a button waits for seconds, and a
page for half a second in all; both are told when that was not enough.
Whatever is sent is signed with its checksum, so S3 itself refuses bytes that changed on the way.
"""

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from elearn.config import Settings
from elearn.media.errors import FilmsOutOfReach, WrongBytes
from elearn.media.stores.inventory import PART_BYTES, Entry, entry_of_bytes
from elearn.media.stores.packages import CACHE_CONTROL, TYPES

PAGE_WAITS_S = 0.5
PRESS_WAITS_S = 8.0
"""Who presses a button that has a bucket looked over waits longer than who opens a page."""
SILENCE_S = 2.0
"""After a failure pages do not ask again for so long."""
PAGE_THREADS = 8
WORK_TRIES = 8
"""Of work, with growing pauses between them: about a minute in all while nobody answers."""
SMALL_FILE_BYTES = 8 * 1024 * 1024
_WHOLE_OR_PARTS = TransferConfig(
    multipart_threshold=PART_BYTES + 1,
    multipart_chunksize=PART_BYTES,
    use_threads=False,
    preferred_transfer_client="classic",
)
_AWAY = (BotoCoreError, ClientError, Boto3Error, ResponseParserError, ValueError, LookupError)
"""An answer cut within its headers makes botocore raise whatever its parsers come upon."""
_NOT_THERE = {"404", "NoSuchKey"}
_CHANGED_ON_THE_WAY = {"BadDigest", "IncompleteBody", "InvalidDigest", "XAmzContentSHA256Mismatch"}
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Stored:
    """An object as a listing names it."""

    key: str
    size: int
    etag: str
    at: datetime


@dataclass(frozen=True)
class Got:
    """A small object's bytes, and the checksum that whoever sent it wrote on it."""

    content: bytes
    sha256: str | None


class Runner(Protocol):
    """Does what asks S3, and gives up when its patience ends."""

    def __call__(self, work: Callable[[], T]) -> T:
        """Return what the work returns. Raises `FilmsOutOfReach`."""


class Bucket:
    """The bucket, asked with the patience of `run`. Every method raises `FilmsOutOfReach`."""

    def __init__(self, client: Any, name: str, run: Runner) -> None:
        self._client = client
        self._name = name
        self._run = run

    def get(self, key: str) -> Got | None:
        """Return a small object, or None when it is not there."""
        return self._run(lambda: self._get(key))

    def has(self, key: str) -> bool:
        """Whether there is such an object."""
        return self._run(lambda: self._head(key)) is not None

    def sha256(self, key: str) -> str | None:
        """Return the checksum that S3 itself counted, where it keeps one."""
        head = self._run(lambda: self._head(key))
        counted = (head or {}).get("ChecksumSHA256")
        return base64.b64decode(counted).hex() if counted else None

    def list(self, prefix: str = "") -> list[Stored]:
        """Return the objects whose keys begin so, in order."""
        return self._run(lambda: list(self._list(prefix)))

    def put(self, key: str, content: bytes) -> None:
        """Put a small object in place."""
        said = _described(key, entry_of_bytes(content))
        self._run(lambda: self._client.put_object(Bucket=self._name, Key=key, Body=content, **said))

    def put_file(self, key: str, path: Path, entry: Entry, tell: Callable[[int], None]) -> None:
        """Put a file in place, a large one in parts; `tell` hears how many more bytes are on their way."""
        said = _described(key, entry)
        self._run(
            lambda: self._client.upload_file(
                str(path), self._name, key, ExtraArgs=said, Callback=tell, Config=_WHOLE_OR_PARTS
            )
        )

    def fetch(self, key: str, path: Path) -> None:
        """Bring an object into a file; whoever wants it checks what it holds."""
        self._run(lambda: self._client.download_file(self._name, key, str(path), Config=_WHOLE_OR_PARTS))

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is fine."""
        self._run(lambda: self._client.delete_object(Bucket=self._name, Key=key))

    def signed_url(self, key: str, seconds: int, method: str) -> str:
        """Return an address that answers GET, or HEAD, for one object for so long; nothing is asked."""
        url: str = self._client.generate_presigned_url(
            f"{method.lower()}_object", Params={"Bucket": self._name, "Key": key}, ExpiresIn=seconds
        )
        return url

    def _get(self, key: str) -> Got | None:
        try:
            found = self._client.get_object(Bucket=self._name, Key=key)
        except ClientError as error:
            if _code(error) in _NOT_THERE:
                return None
            raise
        with found["Body"] as body:
            content = body.read(SMALL_FILE_BYTES)
        return Got(content, found.get("Metadata", {}).get("sha256"))

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.head_object(Bucket=self._name, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if _code(error) in _NOT_THERE:
                return None
            raise
        return found

    def _list(self, prefix: str) -> Iterator[Stored]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix):
            for each in page.get("Contents", []):
                yield Stored(each["Key"], each["Size"], each["ETag"].strip('"'), each["LastModified"])


class Connection:
    """What a process keeps to speak to the bucket: clients are slow to make and serve all threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        keys = {}
        if settings.s3_key_id:
            keys = {"aws_access_key_id": settings.s3_key_id, "aws_secret_access_key": settings.s3_secret}
        # One for all: it reads its description of S3 once, which takes longer than the clients do.
        self._session = boto3.session.Session(region_name=settings.s3_region, **keys)
        self._quick = self._client(connect_timeout=0.3, read_timeout=0.4, tries=1)
        self._pressed = self._client(connect_timeout=2, read_timeout=3, tries=2)
        self._patient = self._client(connect_timeout=10, read_timeout=60, tries=WORK_TRIES)
        self._threads = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="s3")
        self._silent_until = 0.0

    def for_work(self) -> Bucket:
        """Return the bucket for jobs and commands, which wait."""
        return Bucket(self._patient, self._settings.s3_bucket, _waiting)

    def for_page(self) -> Bucket:
        """Return the bucket for one page: whatever it asks of it, it waits half a second in all."""
        return self._for_request(self._quick, PAGE_WAITS_S)

    def for_press(self) -> Bucket:
        """Return the bucket for what a button does: some seconds in all."""
        return self._for_request(self._pressed, PRESS_WAITS_S)

    def _for_request(self, client: Any, left_s: float) -> Bucket:
        has_answered = False

        def run(work: Callable[[], T]) -> T:
            nonlocal left_s, has_answered
            began = time.monotonic()
            if left_s <= 0 or began < self._silent_until:
                raise FilmsOutOfReach
            try:
                # In a thread, for S3 may answer a byte now and a byte then, and no timeout of a socket sees that.
                found = self._threads.submit(_waiting, work).result(timeout=left_s)
            except (TimeoutError, FilmsOutOfReach) as error:
                # Who has had answers and runs out of time has asked for much: S3 is not silent.
                if not (has_answered and isinstance(error, TimeoutError)):
                    self._silent_until = time.monotonic() + SILENCE_S
                raise FilmsOutOfReach from error
            finally:
                left_s -= time.monotonic() - began
            has_answered = True
            return found

        return Bucket(client, self._settings.s3_bucket, run)

    def _client(self, *, connect_timeout: float, read_timeout: float, tries: int) -> Any:
        settings = self._settings
        return self._session.client(
            "s3",
            endpoint_url=settings.s3_endpoint or None,
            config=Config(
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries={"mode": "standard", "total_max_attempts": tries},
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                s3={
                    "payload_signing_enabled": True,
                    "addressing_style": "path" if settings.s3_endpoint else "virtual",
                    "us_east_1_regional_endpoint": "regional",
                },
            ),
        )


_making = threading.Lock()


def connection(settings: Settings) -> Connection:
    """Return this process's connection."""
    with _making:
        return _connection(settings)


@lru_cache(maxsize=4)
def _connection(settings: Settings) -> Connection:
    return Connection(settings)


def _waiting(work: Callable[[], T]) -> T:
    try:
        return work()
    except _AWAY as error:
        _log.warning("S3: %s", error)
        # S3's own words say more to an operator than ours; a page has its own sentence.
        told = error.__context__ if isinstance(error, Boto3Error) else error
        changed = isinstance(told, ClientError) and _code(told) in _CHANGED_ON_THE_WAY
        raise (WrongBytes if changed else FilmsOutOfReach)(str(error).rstrip(".")) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _described(key: str, entry: Entry) -> dict[str, Any]:
    """What is said of an object when it is sent."""
    said = {
        "ContentType": TYPES[Path(key).suffix],
        "CacheControl": CACHE_CONTROL,
        "Metadata": {"sha256": entry.sha256},
    }
    if entry.size <= PART_BYTES:
        said["ChecksumAlgorithm"] = "SHA256"
        said["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(entry.sha256)).decode()
    return said
