"""A PostgreSQL of the test's own, to be hurt and started again."""

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from tests.databases import PostgresDatabases

LIMIT_S = 60


class Server:
    """A server in a folder, and the databases in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.databases = PostgresDatabases(folder)

    def kill(self) -> None:
        """End the main process by signal 9, and wait until the others have noticed."""
        main = psutil.Process(self.databases.server.get_pid())
        everybody = [main, *main.children(recursive=True)]
        os.kill(main.pid, signal.SIGKILL)
        psutil.wait_procs(everybody, timeout=LIMIT_S)

    def kill_one(self, chance: random.Random) -> None:
        """End the process behind one of the connections by signal 9; the server then recovers by itself."""
        main = psutil.Process(self.databases.server.get_pid())
        with suppress(psutil.NoSuchProcess):  # its connection was closed in this moment
            chance.choice([child for child in main.children() if _serves_somebody(child)]).kill()

    def restart(self) -> None:
        """Stop it as an upgrade of the machine does, without waiting for anybody, and start it again."""
        main = psutil.Process(self.databases.server.get_pid())
        everybody = [main, *main.children(recursive=True)]
        main.send_signal(signal.SIGINT)
        psutil.wait_procs(everybody, timeout=LIMIT_S)
        self.start()

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        self.databases.server.ensure_postgres_running()


def _serves_somebody(process: psutil.Process) -> bool:
    """Whether it is a connection's: PostgreSQL writes into its processes' names what they do."""
    return any("[local]" in part for part in process.cmdline())
