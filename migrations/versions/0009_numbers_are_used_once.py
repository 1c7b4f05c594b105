"""numbers of people and departments are used once

SQLite gave the number of whoever was deleted last to whoever came next: with it what stays of the deleted in numbers,
the history of their seats and the trail. PostgreSQL's sequences never go back.

Revision: 0009
Follows: 0008
"""

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HIGHEST_LEFT = {
    "people": (
        "SELECT max(number) FROM (SELECT person_id AS number FROM seat_events UNION ALL SELECT by_id FROM seat_events"
        " UNION ALL SELECT actor_id FROM audit_events UNION ALL SELECT json_extract(data, '$.person_id') FROM audit_events)"
    ),
    "departments": "SELECT max(department_id) FROM seat_events",
}
"""The highest number that still stands somewhere, by table: whose it was may be gone already."""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for table, highest_left in HIGHEST_LEFT.items():
        _make_anew(table, is_used_once=True)
        left = connection.scalar(text(highest_left)) or 0
        used = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}) or 0
        # A table whose rows are all gone has no line there yet.
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        raised = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)")
        connection.execute(raised, {"name": table, "highest": max(left, used)})


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in HIGHEST_LEFT:
            _make_anew(table, is_used_once=False)


def _make_anew(table: str, *, is_used_once: bool) -> None:
    with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": is_used_once}):
        pass
