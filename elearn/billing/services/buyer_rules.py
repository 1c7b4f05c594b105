"""How a municipality wants the references on its invoices."""

from typing import Any

from sqlalchemy.orm import Session

from elearn.billing.models import BuyerRules
from elearn.core import audit
from elearn.core.db import insert
from elearn.core.scope import MunicipalityScope

CHOSEN = audit.kind("billing.buyer_rules.chosen", "reference_format", "needs_order_number")


def choose_rules(
    session: Session, *, scope: MunicipalityScope, reference_format: str, needs_order_number: bool, by_id: int | None
) -> None:
    """Ask for references of a pattern ('' for any), and for order numbers or not."""
    chosen: dict[str, Any] = {"reference_format": reference_format, "needs_order_number": needs_order_number}
    session.execute(
        insert(session, BuyerRules)
        .values(municipality_id=scope.municipality_id, **chosen)
        .on_conflict_do_update(index_elements=["municipality_id"], set_=chosen)
    )
    audit.record(session, CHOSEN, actor_id=by_id, municipality_id=scope.municipality_id, **chosen)
