"""PostgreSQL's own programs: found in the server's version or a later one, and run without a password in sight."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from elearn.operations.errors import ToolFailed

DEBIAN = Path("/usr/lib/postgresql")
ENDING_S = 1.0


def run_tool(name: str, server: int, folder: Path | None, url: URL, *arguments: str) -> None:
    """Run pg_dump or pg_restore, of a server's version or a later one, on a database. Raises `ToolFailed`."""
    plain = url.set(drivername="postgresql")._replace(password=None).render_as_string()  # `set` leaves what is None
    environment = {**os.environ, "PGPASSWORD": url.password or ""} if url.password else dict(os.environ)
    done = subprocess.run(
        [_find(name, server, folder), "--no-password", f"--dbname={plain}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolFailed(f"{name} did not do it: {done.stderr.strip()[-1000:]}")


def connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """Open a connection on which each statement counts at once."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


def server_version(url: URL) -> int:
    """Return the server's major version."""
    with connect(url) as connection:
        return connection.info.server_version // 10_000


def is_anybody_connected(url: URL, but: int = 0) -> bool:
    """Say whether there are more connections to the database than `but`; one that ends just now is waited for."""
    until = time.monotonic() + ENDING_S
    with connect(url) as connection:
        while True:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            ).fetchone()
            assert found is not None
            if int(str(found[0])) <= but:
                return False
            if time.monotonic() > until:
                return True
            time.sleep(ENDING_S / 10)


def empty(url: URL) -> None:
    """Remove everything from a database."""
    with connect(url) as connection, connection.transaction():
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def create_database(url: URL, name: str) -> URL:
    """Make an empty database beside another, in the place of one of that name. Raises `ToolFailed`."""
    drop_database(url, name)
    try:
        with connect(url) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ToolFailed(
            f"The database's user may not make a database to practise in. Let it: ALTER ROLE {url.username} CREATEDB."
        ) from error
    return url.set(database=name)


def drop_database(url: URL, name: str) -> None:
    """Remove a database, where there is one."""
    with connect(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _find(name: str, server: int, folder: Path | None) -> str:
    """Return the program that is nearest to the server's version, and not older: an older one refuses."""
    if folder is not None:
        places = [folder / name]
    else:
        places = [Path(shutil.which(name) or "/nowhere"), *DEBIAN.glob(f"*/bin/{name}")]
    versions = [(version, str(place)) for place in places if (version := _version(place)) >= server]
    if not versions:
        raise ToolFailed(
            f"There is no {name} of version {server} or later. Install postgresql-client-{server}, or set "
            "ELEARN_POSTGRESQL_TOOLS to the folder it is in."
        )
    return min(versions)[1]


def _version(place: Path) -> int:
    if not place.is_file():
        return 0
    said = subprocess.run([str(place), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0
