"""each line of a seat's history knows its licence, so that a licence's newest lines are read from their end

In SQLite the page of a licence's history put every line of it in order, each time: with 100,000 seats, a tenth of a
second. The table is written anew there; PostgreSQL lets nobody at it while the numbers are filled in.

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FILL = "UPDATE seat_events SET licence_id = (SELECT licence_id FROM seats WHERE seats.id = seat_events.seat_id)"


def upgrade() -> None:
    op.add_column("seat_events", sa.Column("licence_id", sa.Integer(), nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("seat_events") as batch_op:
        batch_op.alter_column("licence_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(op.f("fk_seat_events_licence_id"), "licences", ["licence_id"], ["id"])
        batch_op.create_index(op.f("ix_seat_events_licence_id_id"), ["licence_id", "id"])


def downgrade() -> None:
    with op.batch_alter_table("seat_events") as batch_op:
        batch_op.drop_index(op.f("ix_seat_events_licence_id_id"))
        batch_op.drop_constraint(op.f("fk_seat_events_licence_id"), type_="foreignkey")
        batch_op.drop_column("licence_id")
