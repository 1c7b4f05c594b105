"""The start page for everybody, and what the product says about itself: accessibility and privacy."""

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.catalogue.queries import public_courses
from elearn.core import clock
from elearn.core.i18n import language
from elearn.home.lists import language_name, local_day
from elearn.learning.help_lines import of_country, phone_link
from elearn.organisations.access import person_scope
from elearn.organisations.models import CourseHouse, Role
from elearn.organisations.numbers import written_number
from elearn.organisations.queries import course_houses, municipalities_as, owned_house
from elearn.web import access
from elearn.web.session import current_session, installation

bp = Blueprint("home", __name__, template_folder="templates")
bp.add_app_template_filter(local_day)
bp.add_app_template_filter(language_name)


@bp.get("/")
@access.anyone
def start() -> str | Response:
    """Lead everybody to where they belong: owners to their house, buyers to their seats, others to the courses."""
    if current_user.is_authenticated:
        return redirect(_own_start(), 303)
    houses = {house.id: house for house in course_houses(current_session())}
    return render_template(
        "home/start.html", courses=public_courses(current_session()), houses=houses, spoken=language()
    )


@bp.get("/accessibility")
@access.anyone
def accessibility() -> str:
    """Say how accessible the product is, what does not work yet, and whom to tell."""
    return render_template("home/accessibility.html", contacts=_contacts(), site=installation().settings.public_url)


@bp.get("/help-lines")
@access.anyone
def help_lines() -> str:
    """Show the help lines of both countries, to anybody."""
    lines = {country: of_country(country, language()) for country in clock.ZONES}
    return render_template("home/help-lines.html", lines=lines, phone_link=phone_link)


@bp.get("/privacy")
@access.anyone
def privacy() -> str:
    """Say in plain words what is held about people, who sees it, and for how long."""
    return render_template("home/privacy.html", contacts=_contacts(), keep=installation().settings)


def _own_start() -> str:
    """A buyer or leader who is a learner, too, finds the courses in the menu."""
    if owned_house(current_session(), person_scope()) is not None:
        return url_for("owner.start")
    for role, endpoint in ((Role.BUYER, "buyer.start"), (Role.LEADER, "leader.start")):
        municipalities = municipalities_as(current_session(), person_scope(), role)
        if municipalities:
            return url_for(endpoint, municipality_id=municipalities[0].id)
    return url_for("learning.my_courses")


def _contacts() -> list[tuple[CourseHouse, str]]:
    return [(house, written_number(house)) for house in course_houses(current_session())]
