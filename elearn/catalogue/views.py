"""The parts of pages that draw courses; a course's public page is billing's, for it names the price."""

from flask import Blueprint

bp = Blueprint("catalogue", __name__, template_folder="templates")
