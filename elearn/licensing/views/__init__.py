"""The screens by which people come to a seat: invitations, join links, asking and waiting."""

from flask import Blueprint

bp = Blueprint("licensing", __name__, template_folder="../templates")

# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.licensing.views import invitations, join_links, requests  # noqa: E402, F401 - as the comment says
