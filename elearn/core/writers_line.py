"""The line in which a process's SQLite writers wait for their turn."""

import sqlite3
import threading
import time
from collections.abc import Mapping
from typing import Any

BUSY_TIMEOUT_S = 15
ASKS_EVERY_S = 0.0005
"""How often the first in line asks whether another process still writes; a commit takes longer than this."""


class WritersLine:
    """Lets the writers of one process go one at a time, and the first of them ask SQLite often.

    SQLite lets waiting writers sleep longer and longer, up to 100 ms, and whoever wakes first wins: under load most
    of the time nobody writes and a few wait for seconds. So the threads of a process take turns by a lock, and only
    the first in line asks SQLite.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def take_turn(self) -> None:
        """Wait until the others of this process have written. Raises `sqlite3.OperationalError` after a while."""
        if not self._turn.acquire(timeout=BUSY_TIMEOUT_S):
            raise sqlite3.OperationalError("database is locked")

    def leave(self) -> None:
        """Let the next in line write."""
        self._turn.release()

    def run_when_free(self, driver: sqlite3.Connection, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run a statement that writes as soon as no other process does; the caller has the turn.

        Returns its rows. Raises `sqlite3.OperationalError` when others write for too long.
        """
        until = time.monotonic() + BUSY_TIMEOUT_S
        driver.execute("PRAGMA busy_timeout=0")
        try:
            while True:
                try:
                    return driver.execute(sql, values or {}).fetchall()
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                time.sleep(ASKS_EVERY_S)
        finally:
            driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
