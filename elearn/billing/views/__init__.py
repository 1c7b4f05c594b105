"""The public pages of buying (price, quote, order, campaign), and the doors that machines knock at."""

from flask import Blueprint

bp = Blueprint("billing", __name__, template_folder="../templates")
