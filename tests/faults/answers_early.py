"""The negative control: the product, spoilt so that it answers before what it stored is committed.

Served only by tests/faults/test_kills.py, which has to find it out.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from elearn.app import create_app
from elearn.core.db import Database

LATE_S = 0.03


@contextmanager
def _committed_later(database: Database) -> Iterator[Connection]:
    connection = database.engine.execution_options(is_writer=True).connect()
    connection.begin()
    yield connection
    threading.Thread(target=_commit, args=(connection,), daemon=True).start()


def _commit(connection: Connection) -> None:
    time.sleep(LATE_S)
    connection.commit()
    connection.close()


Database.at_once = _committed_later  # type: ignore[method-assign, assignment]  # spoilt on purpose
app = create_app()
