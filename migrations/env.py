"""Alembic's environment: runs on the connection that `elearn.core.migrations` hands over."""

from alembic import context
from sqlalchemy import text

import elearn.accounts.models
import elearn.billing.models
import elearn.catalogue.models
import elearn.core.audit
import elearn.core.limits
import elearn.evaluation.models
import elearn.feedback.models
import elearn.jobs.models
import elearn.learning.models
import elearn.licensing.models
import elearn.mail.models
import elearn.media.models
import elearn.operations.models
import elearn.organisations.models
import elearn.personal_data.models
import elearn.training.models  # noqa: F401 - the imports fill the metadata
from elearn.core.db import Base

LOCK = 7_421_001
"""Of two processes that migrate one PostgreSQL database at once, the second waits."""

PLAIN = {"UtcDateTime": "sa.DateTime(timezone=True)", "BitSet": "BITS", "JSON": "JSON"}
"""How a new migration spells our column types, so that it does not change when the product's code does."""


def _spell(kind: str, item: object, _context: object) -> str | bool:
    return PLAIN.get(type(item).__name__, False) if kind == "type" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
    compare_type=True,
    render_item=_spell,
)
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
with context.begin_transaction():
    context.run_migrations()
connection.commit()
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    connection.commit()
