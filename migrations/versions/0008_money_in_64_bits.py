"""money in 64 bits, so that an order may pass 21 million kroner

PostgreSQL writes each of these tables anew, once, and lets nobody at it meanwhile. In SQLite an INTEGER has 64 bits as
it is.

Revision: 0008
Follows: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MONEY = {
    "prices": ("seat_year_minor",),
    "discount_codes": ("value",),
    "quotes": ("net_minor", "vat_minor", "total_minor"),
    "orders": ("net_minor", "vat_minor", "total_minor"),
    "invoices": ("net_minor", "vat_minor", "total_minor"),
    "payments": ("amount_minor",),
    "checkouts": ("amount_minor",),
    "refunds": ("amount_minor",),
    "disputes": ("amount_minor",),
}


def upgrade() -> None:
    _write_money_as("bigint")


def downgrade() -> None:
    """PostgreSQL refuses, and changes nothing, while an amount is too large for 32 bits."""
    _write_money_as("integer")


def _write_money_as(kind: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in MONEY.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE {kind}" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
