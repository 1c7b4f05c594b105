"""The public page of a course: what it is about, whom it is for, what may be watched at once, and what it costs."""

from flask import Response, jsonify, make_response, render_template, request
from flask_login import current_user

from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries, price_panel
from elearn.billing.code_tries import try_code
from elearn.billing.einvoice.wording import why_no_vat
from elearn.billing.price_panel import Panel
from elearn.billing.views import bp
from elearn.billing.words import amount, number, rate
from elearn.catalogue import queries
from elearn.catalogue.models import Course
from elearn.catalogue.queries import CourseOutline, ModuleOutline
from elearn.core.i18n import language
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import written_number
from elearn.organisations.sectors import SECTORS
from elearn.web import access
from elearn.web.session import current_session

bp.add_app_template_filter(amount)
bp.add_app_template_filter(number, "figure")
bp.add_app_template_filter(rate)
bp.add_app_template_filter(why_no_vat)


@bp.get("/courses/<slug>")
@access.anyone
def course(slug: str) -> Response:
    """Show a course to whoever considers it, with its price for the seats that are asked for."""
    outline = queries.public_course(current_session(), slug)
    house = current_session().get_one(CourseHouse, outline.course_house_id)
    panel = _panel(outline, house)
    page = render_template(
        "billing/course.html",
        course=outline,
        content=outline.content,
        open_module=_first_open(outline),
        house=house,
        house_number=written_number(house),
        sectors=[SECTORS[code] for code in outline.content.audience],
        spoken=language(),
        panel=panel,
        campaigns=buyer_queries.public_campaigns(current_session(), outline.id),
    )
    return make_response(page, _status(panel))


@bp.get("/courses/<slug>/price")
@access.anyone
def price(slug: str) -> Response:
    """Tell the price panel alone, as HTML in JSON: what the page's script puts in place as one types."""
    outline = queries.public_course(current_session(), slug)
    house = current_session().get_one(CourseHouse, outline.course_house_id)
    panel = _panel(outline, house)
    if panel is None:
        return make_response("", 204)
    html = render_template("billing/price-panel.html", course=outline, house=house, panel=panel)
    return make_response(jsonify(html=html), _status(panel))


def _panel(outline: CourseOutline, house: CourseHouse) -> Panel | None:
    session = current_session()
    found = session.get_one(Course, outline.id)
    if not price_panel.is_for_sale(session, found):
        return None
    person_id = current_person().id if current_user.is_authenticated else None
    return price_panel.read(
        session, course=found, house=house, person_id=person_id, args=request.args, try_code=try_code
    )


def _status(panel: Panel | None) -> int:
    return 429 if panel is not None and panel.is_limited else 200


def _first_open(outline: CourseOutline) -> ModuleOutline | None:
    return next((module for module in outline.modules if module.content.is_open), None)
