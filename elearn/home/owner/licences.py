"""The owner's licences: the list, a new one, and one with its seats and people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.models import Person
from elearn.accounts.signing import current_person
from elearn.catalogue import queries
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language, ngettext
from elearn.core.scope import HouseScope
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.pages import bp, house, shown_filter, titles
from elearn.home.owner.terms import buyers_of
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists, services
from elearn.licensing.errors import WrongPeriod
from elearn.licensing.forms import LicenceForm
from elearn.licensing.seat_lists import LicenceRow
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import Municipality
from elearn.organisations.queries import search_municipalities
from elearn.organisations.sectors import SECTORS
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session

MUNICIPALITIES = 1000
MOST_CANDIDATES = 20
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Released:
    """A seat that was taken back a moment ago and can be given back to the same person."""

    seat_id: int
    name: str


@dataclass(frozen=True)
class Match:
    """What a municipality's name as written leads to."""

    found: Municipality | None
    candidates: list[Municipality]
    """Those it could be, when it is not one."""


@bp.get("/licences")
@owner
def licences() -> str:
    """List the house's licences."""
    session, scope = current_session(), house_scope()
    return render_template(
        "owner/licences.html",
        licences=seat_lists.licences(session, scope, text=searched_text(), number=page_number()),
        titles=titles(session, scope),
        text=searched_text(),
        today={country: clock.today(country) for country in clock.ZONES},
        has_courses=bool(queries.courses(session, scope)),
        spoken=language(),
    )


@bp.route("/licences/new", methods=["GET", "POST"])
@owner
def new_licence() -> str | AnyResponse | Response:
    """Give a municipality seats in a course."""
    session, scope = current_session(), house_scope()
    today = clock.today(house().country)
    renewed = _renewed(session, scope, request.values.get("renews", type=int))
    form = LicenceForm(**_suggested(today, renewed))
    titled = titles(session, scope)
    form.course.choices = [SelectChoice(course_id, title) for course_id, title in titled.items()]
    known = search_municipalities(session, scope, "", limit=MUNICIPALITIES)
    candidates: list[Municipality] = []
    if form.validate_on_submit():
        match = match_municipality(form.municipality_id.data, form.municipality.data, known)
        candidates = match.candidates
        if match.found is None:
            form.municipality.errors = [_not_one_municipality(form.municipality.data, candidates)]
        else:
            try:
                return _grant(session, form, match.found, renewed)
            except WrongPeriod:
                form.ends_on.errors = [_("The last day lies before the first. Choose a later one.")]
            except NotFound:
                form.municipality.errors = [_("A renewal is for the same municipality and the same course.")]
    page = render_template(
        "owner/new-licence.html",
        form=form,
        municipalities=[municipality_label(municipality) for municipality in known],
        renewed=renewed.licence if renewed else None,
        candidates=[(municipality.id, municipality_label(municipality)) for municipality in candidates],
        titles=titled,
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/licences/<int:licence_id>")
@owner
def licence(licence_id: int) -> str:
    """Show a licence: its seats drawn and counted, and the people on them."""
    session, scope = current_session(), house_scope()
    row = seat_lists.licence(session, scope, licence_id)
    show = shown_filter(request.args.get("state"))
    country = row.licence.municipality.country
    return render_template(
        "owner/licence.html",
        licence=row.licence,
        counts=row.counts,
        cells=seat_cells(row.counts),
        days_left=(row.licence.ends_on - clock.today(country)).days + 1,
        people=seat_lists.held_seats(
            session, scope, licence_id=licence_id, text=searched_text(), show=show, number=page_number()
        ),
        handovers_used=services.handovers_used(session, row.licence),
        buyers=buyers_of(session, scope, row.licence),
        released=_released_just_now(session, scope, request.args.get("freed", type=int)),
        title=titles(session, scope)[row.licence.course_id],
        form=ButtonForm(),
        text=searched_text(),
        show=show,
        sectors=SECTORS,
        spoken=language(),
    )


@bp.get("/licences/<int:licence_id>/history")
@owner
def licence_history(licence_id: int) -> str:
    """Show what happened to a licence's seats, and by whom."""
    session, scope = current_session(), house_scope()
    row = seat_lists.licence(session, scope, licence_id)
    return render_template(
        "owner/history.html",
        licence=row.licence,
        counts=row.counts,
        lines=seat_lists.history(session, scope, licence_id, number=page_number()),
        title=titles(session, scope)[row.licence.course_id],
    )


def municipality_label(municipality: Municipality) -> str:
    """Return a municipality as it is offered and understood, 'Favrskov Kommune (DK 0710)': names repeat.

    A customer that is no municipality goes by its organisation number.
    """
    number = municipality.code or municipality.org_number
    return f"{municipality.official_name} ({municipality.country} {number})"


def match_municipality(chosen_id: str | None, written: str, known: list[Municipality]) -> Match:
    """Return the municipality that was chosen or written; when several fit, all of them.

    Compared in Python: SQLite knows only the small letters of ASCII, and there are Ærø and Østre Toten.
    """
    wanted = written.strip().casefold()
    rules: list[Callable[[Municipality], bool]] = [
        lambda m: str(m.id) == chosen_id,
        lambda m: municipality_label(m).casefold() == wanted,
        lambda m: wanted in (m.name.casefold(), m.official_name.casefold(), m.code),
        lambda m: wanted in m.official_name.casefold(),
    ]
    for is_it in rules:
        fitting = [municipality for municipality in known if is_it(municipality)]
        if len(fitting) == 1:
            return Match(fitting[0], [])
        if fitting:
            return Match(None, fitting[:MOST_CANDIDATES])
    return Match(None, [])


def _not_one_municipality(written: str, candidates: list[Municipality]) -> str:
    if candidates:
        return _("More than one municipality fits “%(name)s”. Choose one of them.", name=written)
    return _("We know no municipality called “%(name)s”. Check the spelling.", name=written)


def _renewed(session: Session, scope: HouseScope, licence_id: int | None) -> LicenceRow | None:
    return None if licence_id is None else seat_lists.licence(session, scope, licence_id)


def _suggested(today: date, renewed: LicenceRow | None) -> dict[str, object]:
    """Return what a new licence begins with: a year from today, or from the day after the one it renews."""
    if renewed is None:
        return {
            "starts_on": today,
            "ends_on": today + YEAR - timedelta(days=1),
            "course": request.args.get("course"),
        }
    old = renewed.licence
    first = max(today, old.ends_on + timedelta(days=1))
    return {
        "renews": old.id,
        "starts_on": first,
        "ends_on": first + YEAR - timedelta(days=1),
        "course": old.course_id,
        "municipality": municipality_label(old.municipality),
        "seats": renewed.counts.all,
        "seat_days": old.seat_days,
        "has_waiting_line": old.has_waiting_line,
    }


def _grant(session: Session, form: LicenceForm, municipality: Municipality, renewed: LicenceRow | None) -> AnyResponse:
    """Give the licence. Raises `WrongPeriod`, and `NotFound` when it renews one of another municipality or course."""
    wanted = (form.course.data, municipality.id)
    if renewed is not None and wanted != (renewed.licence.course_id, renewed.licence.municipality_id):
        raise NotFound("not the same licence")
    granted: dict[str, Any] = {
        "course": _course(session, house_scope(), form.course.data),
        "municipality": municipality,
        "seats": form.seats.data,
        "starts_on": form.starts_on.data,
        "ends_on": form.ends_on.data,
        "reason": form.reason.data,
        "by_id": current_person().id,
        "handovers_allowed": form.handovers_allowed.data,
        "seat_days": form.seat_days.data,
        "has_waiting_line": form.has_waiting_line.data,
    }
    licence = services.granted_a_moment_ago(session, **granted) or services.grant_licence(
        session,
        house=house(),
        **granted,
        previous=renewed.licence if renewed else None,
    )
    flash(
        ngettext(
            "%(municipality)s has %(num)d seat.",
            "%(municipality)s has %(num)d seats.",
            form.seats.data,
            municipality=municipality.official_name,
        )
    )
    return redirect(url_for("owner.licence", licence_id=licence.id), 303)


def _course(session: Session, scope: HouseScope, course_id: int) -> Course:
    return session.get_one(Course, queries.course(session, scope, course_id).id)


def _released_just_now(session: Session, scope: HouseScope, seat_id: int | None) -> Released | None:
    """Return the seat that was taken back a moment ago, while that can be undone."""
    if seat_id is None:
        return None
    holding = services.undoable(session, seat_lists.seat(session, scope, seat_id))
    person = session.get(Person, holding.person_id) if holding else None
    return Released(seat_id, person.name) if person else None
