"""Municipalities that leave: started, called off, and the receipt."""

from datetime import timedelta
from io import BytesIO

from flask import Response, flash, make_response, redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.i18n import format_day, language
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import Municipality
from elearn.personal_data import departures, municipal_export, receipts
from elearn.personal_data.errors import AlreadyLeaving, WrongDay
from elearn.personal_data.forms import DepartureForm
from elearn.web.session import current_session


@bp.get("/departures")
@owner
def departures_list() -> str:
    """List the house's municipalities, and which of them leave or have left."""
    session, scope = current_session(), house_scope()
    latest = departures.latest_of_all(session, scope)
    rows = [(municipality, latest.get(municipality.id)) for municipality in departures.customers(session, scope)]
    return render_template("owner/departures.html", rows=rows)


@bp.get("/municipalities/<int:municipality_id>/departure")
@owner
def departure(municipality_id: int) -> str:
    """Say what a departure deletes and keeps; or which day it waits for; or what it came to."""
    municipality = departures.customer(current_session(), house_scope(), municipality_id)
    day = clock.today(municipality.country) + departures.LONGEST
    return _page(current_session(), municipality, DepartureForm(formdata=None, delete_on=day))


@bp.post("/municipalities/<int:municipality_id>/departure")
@owner
def start_departure(municipality_id: int) -> str | AnyResponse | Response:
    """Start a departure."""
    session, scope = current_session(), house_scope()
    municipality = departures.customer(session, scope, municipality_id)
    form = DepartureForm()
    if form.validate_on_submit():
        try:
            departures.start(
                session, scope, municipality=municipality, delete_on=form.delete_on.data, reason=form.reason.data
            )
            return redirect(url_for("owner.departure", municipality_id=municipality.id), 303)
        except WrongDay:
            first, last = _days(municipality)
            form.delete_on.errors = [_("Choose a day from %(first)s to %(last)s.", first=first, last=last)]
        except AlreadyLeaving:
            return redirect(url_for("owner.departure", municipality_id=municipality.id), 303)
    return make_response(_page(session, municipality, form), 422)


@bp.post("/municipalities/<int:municipality_id>/departure/call-off")
@owner
def call_off_departure(municipality_id: int) -> AnyResponse:
    """Call a departure off that waits for its day."""
    departures.customer(current_session(), house_scope(), municipality_id)
    departures.call_off(current_session(), house_scope(), municipality_id=municipality_id)
    flash(_("The municipality stays. Nothing has been deleted."))
    return redirect(url_for("owner.departure", municipality_id=municipality_id), 303)


@bp.post("/municipalities/<int:municipality_id>/departure/export")
@owner
def export_municipality(municipality_id: int) -> Response:
    """Give the owner what is to be handed to the municipality before it is deleted."""
    session, scope = current_session(), house_scope()
    municipality = departures.customer(session, scope, municipality_id)
    response = make_response(municipal_export.hand_over(session, scope, municipality))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="data.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/municipalities/<int:municipality_id>/departure/receipt.pdf")
@owner
def departure_receipt(municipality_id: int) -> AnyResponse:
    """Draw the receipt of a departure that is done."""
    municipality = departures.customer(current_session(), house_scope(), municipality_id)
    done = departures.latest(current_session(), house_scope(), municipality.id)
    if done is None or done.done_at is None:
        raise NotFound("no receipt")
    drawn = receipts.render(done, language=language(), house=house().name)
    response = send_file(BytesIO(drawn), "application/pdf", as_attachment=True, download_name="receipt.pdf", etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(session: Session, municipality: Municipality, form: DepartureForm) -> str:
    scope = house_scope()
    return render_template(
        "owner/departure.html",
        municipality=municipality,
        departure=departures.latest(session, scope, municipality.id),
        goes=receipts.lines(departures.what_goes(session, scope, municipality)),
        receipt=receipts.lines,
        is_shared=departures.is_shared(session, scope.course_house_id, municipality.id),
        form=form,
    )


def _days(municipality: Municipality) -> tuple[str, str]:
    today = clock.today(municipality.country)
    return format_day(today + timedelta(days=1)), format_day(today + departures.LONGEST)
