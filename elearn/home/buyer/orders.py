"""The municipality's orders, and ordering for a licence: more seats, and its next period."""

from flask import Response, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries, ordering, price_panel
from elearn.catalogue.queries import titles
from elearn.core.errors import NotFound
from elearn.core.i18n import language
from elearn.home.buyer.pages import bp, licence_row, municipality
from elearn.home.lists import page_number
from elearn.licensing import renewals
from elearn.licensing.models import Licence
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("/orders")
@buyer
def orders(municipality_id: int) -> str:
    """List what the municipality has ordered, the newest first."""
    session, scope = current_session(), municipality_scope()
    page = buyer_queries.orders(session, scope, number=page_number())
    for_sale = buyer_queries.courses_for_sale(session, scope)
    courses = {order.course_id for order in page.rows} | {course.id for course in for_sale}
    return render_template(
        "buyer/orders.html",
        orders=page,
        titles=titles(session, scope, courses, language()),
        for_sale=for_sale,
    )


@bp.route("/licences/<int:licence_id>/more-seats", methods=["GET", "POST"])
@buyer
def more_seats(municipality_id: int, licence_id: int) -> Response | AnyResponse:
    """Order more seats of a running licence, for the days left."""
    licence = _licence_for_sale(licence_id)
    if licence.has_ended or not licence.has_begun:
        raise NotFound("it does not run")
    subject = ordering.MoreSeats(licence.course, current_person(), municipality(), licence)
    return _answer(subject, url_for("buyer.more_seats", licence_id=licence_id), licence)


@bp.route("/licences/<int:licence_id>/renewal/order", methods=["GET", "POST"])
@buyer
def order_renewal(municipality_id: int, licence_id: int) -> Response | AnyResponse:
    """Order the period after a licence, for those who stay."""
    licence = _licence_for_sale(licence_id)
    staying = renewals.renewal(current_session(), municipality_scope(), licence).staying
    subject = ordering.Renewal(licence.course, current_person(), municipality(), licence, staying)
    return _answer(subject, url_for("buyer.order_renewal", licence_id=licence_id), licence)


def _licence_for_sale(licence_id: int) -> Licence:
    licence = licence_row(licence_id).licence
    if not price_panel.is_for_sale(current_session(), licence.course):
        raise NotFound("no price")
    return licence


def _answer(subject: ordering.Subject, action: str, licence: Licence) -> Response | AnyResponse:
    back = "buyer.renewal" if isinstance(subject, ordering.Renewal) else "buyer.licence"
    return ordering.answer(
        subject,
        action=action,
        back=url_for(back, licence_id=licence.id),
        base="buyer/layout.html",
        nav="orders",
    )
