"""The public pages of buying (price, quote, order, campaign), and the doors that machines knock at."""

from flask import Blueprint

bp = Blueprint("billing", __name__, template_folder="../templates")

# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.billing.views import (  # noqa: E402 - as the comment says
    campaigns,
    card,
    course,
    orders,
    quotes,
    stripe_webhook,
)

__all__ = ["bp", "campaigns", "card", "course", "orders", "quotes", "stripe_webhook"]
