"""PostgreSQL's own programs get the password, and nobody else sees it."""

from pathlib import Path

from sqlalchemy import make_url

from elearn.operations.postgresql import run_tool

PROGRAM = """#!/bin/sh
[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) 15.3"; exit; }
echo "$PGPASSWORD $*" >%s
"""


def test_the_password_is_given_beside_the_command_not_in_it(tmp_path: Path) -> None:
    program, said = tmp_path / "pg_dump", tmp_path / "said"
    program.write_text(PROGRAM % said)
    program.chmod(0o755)

    run_tool("pg_dump", 15, tmp_path, make_url("postgresql+psycopg://elearn:long%2Fone@database/elearn"), "--format=c")

    assert said.read_text() == "long/one --no-password --dbname=postgresql://elearn@database/elearn --format=c\n"
