"""Who may call an order's own pages: its sender, and whoever buys for its municipality now."""

from flask import request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries
from elearn.organisations.access import ask_buyer, person_scope
from elearn.web.access import ask_to_sign_in, rule
from elearn.web.session import current_session


def _order_party() -> Response | None:
    """Let the sender in by any door: they wrote it themselves. A buyer is asked what their console asks."""
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    order = buyer_queries.order(current_session(), person_scope(), (request.view_args or {})["order_id"])
    return None if order.person_id == current_person().id else ask_buyer(page_of(order.id))


def page_of(order_id: int) -> str:
    """Return the address of an order's page."""
    return url_for("billing.order_page", order_id=order_id)


order_party = rule("order_party", _order_party)
"""The sender of the order whose id stands in the URL, or a buyer of its municipality."""
