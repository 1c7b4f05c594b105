"""The leader's start page."""

from flask import render_template

from elearn.home.leader.pages import bp
from elearn.organisations.access import leader


@bp.get("")
@leader
def start(municipality_id: int) -> str:
    """Show how the department gets through."""
    return render_template("leader/start.html")
