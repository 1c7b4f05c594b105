"""The blueprint that all of these pages belong to."""

from flask import Blueprint

bp = Blueprint("accounts", "elearn.accounts", template_folder="templates")
