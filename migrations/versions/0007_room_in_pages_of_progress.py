"""room in the pages of watched seconds, so that PostgreSQL changes a row in its own page

A row of progress changes every ten seconds while its film plays. In a full page each change would go to another page,
and into the index, which a large installation's log of writes feels most. Pages that are full already stay as they are.

Revision: 0007
Follows: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE video_progress SET (fillfactor = 85)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE video_progress RESET (fillfactor)")
