"""The start page for everybody, and what the product says about itself: accessibility and privacy."""

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.catalogue.queries import public_courses
from elearn.core.i18n import language
from elearn.organisations.access import person_scope
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import written_number
from elearn.organisations.queries import course_houses, owned_house
from elearn.web import access
from elearn.web.session import current_session, installation

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@access.anyone
def start() -> str | Response:
    """Lead everybody to where they belong: owners to their house, learners to their courses, others to the courses."""
    if current_user.is_authenticated:
        owns = owned_house(current_session(), person_scope()) is not None
        return redirect(url_for("owner.start" if owns else "learning.my_courses"), 303)
    houses = {house.id: house for house in course_houses(current_session())}
    return render_template(
        "home/start.html", courses=public_courses(current_session()), houses=houses, spoken=language()
    )


@bp.get("/accessibility")
@access.anyone
def accessibility() -> str:
    """Say how accessible the product is, what does not work yet, and whom to tell."""
    return render_template("home/accessibility.html", contacts=_contacts(), site=installation().settings.public_url)


@bp.get("/privacy")
@access.anyone
def privacy() -> str:
    """Say in plain words what is held about people, who sees it, and for how long."""
    return render_template("home/privacy.html", contacts=_contacts())


def _contacts() -> list[tuple[CourseHouse, str]]:
    return [(house, written_number(house)) for house in course_houses(current_session())]
