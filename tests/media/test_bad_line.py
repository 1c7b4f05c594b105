"""A bad line to the bucket: what is sent goes on where it was, wrong bytes make no package, pages do not wait."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from elearn.config import Settings
from elearn.core.installation import Installation
from elearn.media.errors import FilmsOutOfReach, WrongBytes
from elearn.media.stores import bucket as bucket_module
from elearn.media.stores import sending
from elearn.media.stores.bucket import Bucket, connection
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import MASTER
from elearn.media.stores.storage import MediaStore, known_missing, open_store
from tests.conftest import settings_in
from tests.faults.served import ROOT, wait_for
from tests.media.made import PACKAGE, make_package
from tests.media.test_cli import run
from tests.peers.line import UNLIKE_A_PRESS_S, Fault, Line, line_to
from tests.peers.s3 import S3Service

# botocore leaves the sockets of cut lines to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

BAD_ANSWERS = [
    (Fault.DOWN, 0),
    (Fault.SILENT, 0),
    (Fault.DRIPPING, 0),
    (Fault.HALF, 10),
    (Fault.HALF, 100),
    (Fault.HALF, 300),
    (Fault.HALF, 600),
    (Fault.CHANGES_ANSWERS, 0),
]


@pytest.fixture
def line(swift: S3Service) -> Iterator[Line]:
    with line_to(swift.url) as line:
        yield line


@pytest.fixture
def bucket(swift: S3Service) -> str:
    return swift.new_bucket()


@pytest.fixture
def over_line(swift: S3Service, line: Line, bucket: str, tmp_path: Path) -> Settings:
    return settings_in(
        tmp_path / "data", ELEARN_MANIFESTS=str(tmp_path / "manifests"), **swift.settings(bucket, line.url)
    )


@pytest.fixture
def direct(swift: S3Service, bucket: str, tmp_path: Path) -> Settings:
    """Another machine of the installation, with a line of its own."""
    return settings_in(tmp_path / "other", **swift.settings(bucket))


@pytest.fixture(autouse=True)
def _less_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_module, "WORK_TRIES", 2)
    monkeypatch.setattr(bucket_module, "SILENCE_S", 0.3)
    monkeypatch.setattr(sending, "PAUSES_S", (0.01, 0.01, 0.01))


def test_bringing_films_over_goes_on_where_the_line_was_cut(
    over_line: Settings, direct: Settings, line: Line, swift: S3Service, bucket: str
) -> None:
    make_package(LocalStore(over_line.media), content="x" * 50_000)
    line.cut_after = 150_000

    stopped = run(Installation(over_line), "sync", "--to", "s3")

    assert stopped.exit_code == 1
    assert "goes on where it was" in stopped.output
    there = swift.keys(bucket)
    assert 0 < len(there) < 8
    assert not open_store(direct, patient=True).has(PACKAGE)
    line.mend()
    second, third = (run(Installation(over_line), "sync", "--to", "s3").output for _ in range(2))
    assert f"{PACKAGE}: {8 - len(there)} files brought over" in second
    assert "1 packages, 0 files brought over" in third
    assert open_store(direct, patient=True).damage(PACKAGE, deep=True) == []


def test_a_killed_run_leaves_no_package_and_the_next_ends_it(
    over_line: Settings, direct: Settings, line: Line, swift: S3Service, bucket: str
) -> None:
    make_package(LocalStore(over_line.media), content="x" * 400_000)
    line.fault = Fault.SLOW
    environment = os.environ | swift.settings(bucket, line.url) | {"ELEARN_DATA": str(over_line.data)}
    running = subprocess.Popen(
        [sys.executable, "-m", "elearn", "media", "sync", "--to", "s3"], cwd=ROOT, env=environment
    )
    wait_for(lambda: line.sent > 500_000, 60)

    running.send_signal(signal.SIGKILL)
    running.wait()

    assert not open_store(direct, patient=True).has(PACKAGE)
    line.cut(Fault.NONE)
    assert run(Installation(over_line), "sync", "--to", "s3").exit_code == 0
    assert open_store(direct, patient=True).damage(PACKAGE, deep=True) == []


def test_bytes_that_change_on_the_way_are_sent_again(over_line: Settings, direct: Settings, line: Line) -> None:
    make_package(LocalStore(over_line.media))
    line.fault, line.changes_left = Fault.CHANGES_WHAT_IS_SENT, 3

    assert run(Installation(over_line), "sync", "--to", "s3").exit_code == 0

    assert line.changes_left == 0
    assert open_store(direct, patient=True).damage(PACKAGE, deep=True) == []


def test_a_line_that_always_changes_bytes_makes_no_package(over_line: Settings, direct: Settings, line: Line) -> None:
    make_package(LocalStore(over_line.media))
    line.fault = Fault.CHANGES_WHAT_IS_SENT

    assert run(Installation(over_line), "sync", "--to", "s3").exit_code == 1

    assert not open_store(direct, patient=True).has(PACKAGE)


def test_what_was_sent_is_looked_at_before_it_becomes_a_package(
    direct: Settings, swift: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file = Bucket.put_file

    def and_another_writes_it_too(self: Bucket, key: str, path: Path, *more: Any) -> None:
        put_file(self, key, path, *more)
        if key.endswith("180-00001.m4s"):
            swift.put(bucket, key, b"x" * path.stat().st_size)

    monkeypatch.setattr(Bucket, "put_file", and_another_writes_it_too)

    with pytest.raises(WrongBytes, match=r"180-00001\.m4s holds other bytes"):
        make_package(open_store(direct, patient=True))

    assert not open_store(direct, patient=True).has(PACKAGE)


def test_wrong_bytes_on_the_way_back_make_no_package(over_line: Settings, direct: Settings, line: Line) -> None:
    make_package(open_store(direct, patient=True))
    line.fault = Fault.CHANGES_ANSWERS

    assert run(Installation(over_line), "sync", "--to", "local").exit_code == 1

    store = LocalStore(over_line.media)
    assert not store.has(PACKAGE)
    line.mend()
    assert run(Installation(over_line), "sync", "--to", "local").exit_code == 0
    assert store.damage(PACKAGE, deep=True) == []


def test_a_package_that_cannot_be_sent_stays_and_is_sent_later(over_line: Settings, line: Line) -> None:
    line.fault = Fault.DOWN
    with pytest.raises(FilmsOutOfReach):
        make_package(open_store(over_line, patient=True))
    line.mend()

    store = open_store(over_line, patient=True)
    store.finish(PACKAGE)

    assert (store.missing_files(PACKAGE), store.damage(PACKAGE, deep=True)) == ([], [])
    assert not (over_line.data / "media-outgoing" / PACKAGE).exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets that botocore left open
@pytest.mark.parametrize(("fault", "half"), BAD_ANSWERS)
def test_a_page_waits_half_a_second_in_all_and_later_reads_again(
    over_line: Settings, direct: Settings, line: Line, fault: Fault, half: int
) -> None:
    make_package(open_store(direct, patient=True))
    connection(over_line)  # as in a process that has answered before
    line.fault, line.half = fault, half
    page = open_store(over_line)

    begun = time.monotonic()
    with pytest.raises(FilmsOutOfReach):
        page.read(PACKAGE, "180.m3u8")
    calls = line.calls
    with pytest.raises(FilmsOutOfReach):
        page.missing_files(PACKAGE)

    assert line.calls == calls or fault is Fault.HALF, "it waited twice; for an answer that is cut nobody waits"
    assert time.monotonic() - begun < UNLIKE_A_PRESS_S
    line.cut(Fault.NONE)
    wait_for(lambda: can_be_read(open_store(over_line), "180.m3u8"), 20)
    wait_for(lambda: known_missing(open_store(over_line), PACKAGE) == [], 20)


def test_while_s3_is_away_pages_do_not_even_ask(
    over_line: Settings, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "SILENCE_S", 60)
    line.fault = Fault.DOWN
    assert not can_be_read(open_store(over_line), MASTER)
    asked = line.calls

    assert not can_be_read(open_store(over_line), MASTER)

    assert line.calls == asked


def test_who_asks_for_much_is_not_taken_for_a_silent_s3(over_line: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a long list of films, looked over for the first time, would keep every page of the process waiting."""
    monkeypatch.setattr(bucket_module, "PAGE_WAITS_S", 0.05)
    here, goes_on = connection(over_line), threading.Event()
    page = here.for_page()
    assert page._run(lambda: "answered") == "answered"
    with pytest.raises(FilmsOutOfReach):
        page._run(goes_on.wait)

    assert here.for_page()._run(lambda: "answered") == "answered"
    with pytest.raises(FilmsOutOfReach):
        here.for_page()._run(goes_on.wait)
    with pytest.raises(FilmsOutOfReach):
        here.for_page()._run(lambda: "asked again")
    goes_on.set()


def can_be_read(store: MediaStore, file: str) -> bool:
    with suppress(FilmsOutOfReach):
        return store.read(PACKAGE, file) is not None
    return False
