"""Statements that SQLAlchemy builds once, and the database's driver runs: for the few that run thousands of times."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg


class DriverStatement:
    """A statement compiled for both engines. Building it anew costs ten times more than running it."""

    def __init__(self, build: Callable[[Any], Executable]) -> None:
        """`build` gets `sqlalchemy.dialects.sqlite` or `.postgresql`, for the INSERT that knows ON CONFLICT."""
        self._statements = {"sqlite": build(sqlite), "postgresql": build(postgresql)}
        self._compiled = {
            "sqlite": _Compiled(self._statements["sqlite"], sqlite.dialect(paramstyle="named")),
            "postgresql": _Compiled(self._statements["postgresql"], psycopg.dialect()),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        }

    def in_dialect(self, name: str) -> Executable:
        """Return it for a SQLAlchemy session of this dialect."""
        return self._statements[name]

    def bind(self, dialect: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return its text, and the values as the dialect's driver takes them."""
        compiled = self._compiled[dialect]
        bound = compiled.constants | values
        for name, process in compiled.processors.items():
            bound[name] = process(bound[name])
        return compiled.sql, bound


class _Compiled:
    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self.processors = {
            name: process
            for name, bind in compiled.binds.items()
            if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
