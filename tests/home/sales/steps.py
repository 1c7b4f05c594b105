"""What tests of the owner's pages about selling begin with: a house that sells, and an order from a stranger."""

from typing import Any

from sqlalchemy.orm import Session

from elearn.billing.models import Order
from elearn.billing.services.orders import confirm_order
from elearn.core.installation import Installation
from tests.billing.shop import municipality
from tests.billing.shop import order as place
from tests.world import Side, latest_token


def stranger_orders(session: Session, installation: Installation, side: Side, **changed: Any) -> Order:
    """Let somebody from Aarhus, whose address is confirmed, order; it waits for the house's answer."""
    place(
        session,
        installation.tokens,
        side,
        municipality=municipality(session, "Aarhus"),
        **{"email": "boss@aarhus.example", "name": "Bo Boss", **changed},
    )
    confirmed = confirm_order(session, latest_token(session, installation))
    session.commit()
    return confirmed
