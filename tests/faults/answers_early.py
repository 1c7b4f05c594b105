"""The negative control: the product, spoilt so that it answers before what it stored is committed.

Served only by tests/faults/test_kills.py, which has to find it out.
"""

import threading
import time

from flask import g

from elearn.app import create_app
from elearn.web import session

LATE_S = 0.03


def _commit_later() -> None:
    if (opened := g.pop("session", None)) is not None:
        threading.Thread(target=_commit, args=(opened,), daemon=True).start()


def _commit(opened: session.Session) -> None:
    time.sleep(LATE_S)
    opened.commit()
    opened.close()


session.commit = _commit_later
app = create_app()
