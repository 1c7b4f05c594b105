"""The course owner's pages: courses, films, licences, people."""

from flask import Blueprint

bp = Blueprint("owner", __name__, template_folder="templates")
