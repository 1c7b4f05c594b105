"""troubles that the installation's operator was told of

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_troubles",
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("trouble", name=op.f("pk_open_troubles")),
    )


def downgrade() -> None:
    op.drop_table("open_troubles")
