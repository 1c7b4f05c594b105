"""The worker: runs due jobs and periodic tasks until it is told to stop or its parent is gone.

The queues that are kept apart have a worker of their own, which runs their jobs alone.
"""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.jobs.schedule import run_periodic

PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
GIVES_WAY = 10

_log = logging.getLogger(__name__)


def work(installation: Installation, stop: threading.Event, queues: Sequence[str] = ()) -> None:
    """Work until `stop` is set. A database that is away, or has no room, is waited for, longer and longer."""
    pause_s = PAUSE_S
    while not stop.is_set():
        try:
            busy = sum(run_due(installation, queue=queue, stop=stop) for queue in queues or (None,))
            if not queues:
                busy += run_periodic(installation)
        except SQLAlchemyError:
            _log.exception("the database did not answer; trying again in %s s", pause_s)
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            continue
        pause_s = PAUSE_S
        if not busy:
            stop.wait(PAUSE_S)


def work_until_signalled(installation: Installation, queues: Sequence[str] = ()) -> None:
    """Run as a process of its own: SIGTERM and SIGINT end it, and so does the parent's death.

    A short job in hand is brought to its end first, a long one is put back. What is kept apart gives way to the pages.
    """
    if queues:
        os.nice(GIVES_WAY)
    stop = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    parent = os.getppid()

    def _watch_parent() -> None:
        while not stop.wait(PAUSE_S):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=_watch_parent, daemon=True).start()
    work(installation, stop, queues)
