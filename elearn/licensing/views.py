"""The invitation: a page that says what is offered, and the answer to it."""

from flask import Blueprint

bp = Blueprint("licensing", __name__, template_folder="templates")
