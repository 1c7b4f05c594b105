"""The negative control: the product, spoilt so that it answers before what it stored is committed.

Served only by tests/faults/test_kills.py, which has to find it out.
"""

import threading
import time
from typing import Any

from sqlalchemy import Connection

from elearn.app import create_app
from elearn.core.db import Database
from elearn.core.driver_statement import DriverStatement

LATE_S = 0.03


def _committed_later(database: Database, statement: DriverStatement, values: dict[str, Any]) -> Any:
    connection = database.engine.execution_options(is_writer=True).connect()
    connection.begin()
    sql, bound = statement.bind(database.engine.name, values)
    row = connection.connection.driver_connection.execute(sql, bound).fetchone()  # type: ignore[union-attr]  # open
    threading.Thread(target=_commit, args=(connection,), daemon=True).start()
    return row


def _commit(connection: Connection) -> None:
    time.sleep(LATE_S)
    connection.commit()
    connection.close()


Database.run_at_once = _committed_later  # type: ignore[method-assign]  # spoilt on purpose
app = create_app()
