"""The public pages of buying (price, quote, order, campaign), and the doors that machines knock at."""

from flask import Blueprint

bp = Blueprint("billing", __name__, template_folder="../templates")

# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.billing.views import card, stripe_webhook  # noqa: E402, F401 - as the comment says
