"""One seat: giving it, inviting again, correcting the address, moving, taking it back, undoing."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.core import clock
from elearn.core.errors import TooManyAttempts
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.leaving import leave_if_ticked
from elearn.home.buyer.pages import bp, course_title, licence_row, municipality, render_licence
from elearn.home.buyer.people import people_on_seats
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists, services
from elearn.licensing.errors import (
    AddressTaken,
    AlreadySeated,
    HandoversUsedUp,
    LicenceEnded,
    NoFreeSeat,
    SeatNotHeld,
    TooLateToUndo,
)
from elearn.licensing.forms import AddressForm, DepartmentForm, GiveSeatHereForm
from elearn.licensing.models import Licence, Seat, SeatState
from elearn.licensing.presses import press_of
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session, installation


@bp.route("/licences/<int:licence_id>/give", methods=["GET", "POST"])
@buyer
def give_seat(municipality_id: int, licence_id: int) -> str | AnyResponse | Response:
    """Hold a seat for somebody and mail the invitation; with no seat free, let them wait in line."""
    session, row = current_session(), licence_row(licence_id)
    form = GiveSeatHereForm(
        language="da" if municipality().country == "DK" else "nb", holds_until=services.holds_until(row.licence)
    )
    form.department.choices = _department_options(session)
    if form.validate_on_submit() and _give(session, form, row.licence):
        return redirect(url_for("buyer.licence", licence_id=licence_id), 303)
    page = render_licence(
        "buyer/give-seat.html",
        row,
        "buyer.licence",
        form=form,
        cells=seat_cells(row.counts, given=True),
        today=clock.today(municipality().country),
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/seats/<int:seat_id>")
@buyer
def seat(municipality_id: int, seat_id: int) -> str | AnyResponse:
    """Show a seat somebody holds and what can be done, each with the rule beside its button."""
    found = _seat(seat_id)
    if found.person_id is None:
        return redirect(url_for("buyer.licence", licence_id=found.licence_id), 303)
    return _seat_page(found, AddressForm())


@bp.post("/seats/<int:seat_id>/resend")
@buyer
def resend(municipality_id: int, seat_id: int) -> AnyResponse:
    """Mail a fresh invitation; the one before is dead."""
    session, scope = current_session(), municipality_scope()
    licence_id = _seat(seat_id).licence_id
    try:
        resent = services.resend_invitation(
            session, installation().tokens, scope=scope, seat_id=seat_id, by_id=current_person().id
        )
    except SeatNotHeld:
        flash(_("The invitation has been answered or withdrawn already."), "note")
    except LicenceEnded:
        flash(_("The licence has ended, so nothing was sent."), "note")
    else:
        assert resent.person
        flash(_("A new email to %(name)s is on its way.", name=resent.person.name))
    return redirect(url_for("buyer.licence", licence_id=licence_id), 303)


@bp.post("/seats/<int:seat_id>/address")
@buyer
def correct_address(municipality_id: int, seat_id: int) -> AnyResponse | Response | str:
    """Send an open invitation to another address; the seat stays held."""
    found, form = _seat(seat_id), AddressForm()
    if found.person_id is None or found.state is not SeatState.INVITED:
        flash(_("The invitation has been answered or withdrawn already."), "note")
        return redirect(url_for("buyer.licence", licence_id=found.licence_id), 303)
    if form.validate_on_submit() and _correct(current_session(), form, seat_id):
        flash(_("A new email to %(address)s is on its way. The seat was held all the time.", address=form.email.data))
        return redirect(url_for("buyer.licence", licence_id=found.licence_id), 303)
    return make_response(_seat_page(found, form), 422)


@bp.post("/seats/<int:seat_id>/move")
@buyer
def move_seat(municipality_id: int, seat_id: int) -> AnyResponse:
    """Say in which department the holder works."""
    session, found, form = current_session(), _seat(seat_id), DepartmentForm()
    form.department.choices = _department_options(session)
    if form.validate_on_submit():
        services.place_seats(
            session,
            scope=municipality_scope(),
            seat_ids=[seat_id],
            department_id=form.department.data,
            by_id=current_person().id,
        )
        flash(_("The department is changed."))
    return redirect(url_for("buyer.seat", seat_id=found.id), 303)


@bp.post("/seats/<int:seat_id>/take-back")
@buyer
def take_back_seat(municipality_id: int, seat_id: int) -> AnyResponse:
    """Free a seat. What its holder watched stays theirs."""
    session, scope = current_session(), municipality_scope()
    licence_id = _seat(seat_id).licence_id
    try:
        freed = services.take_back_seat(
            session,
            scope=scope,
            seat_id=seat_id,
            person_id=request.form.get("person", type=int),
            by_id=current_person().id,
        )
    except SeatNotHeld:
        flash(_("The seat was free already."), "note")
    except HandoversUsedUp:
        flash(_("The agreed number of used seats has changed hands already. Ask the course house for more."), "note")
        return redirect(url_for("buyer.seat", seat_id=seat_id), 303)
    else:
        if freed.was is SeatState.CLAIMED:
            leave_if_ticked([freed.person_id])
            return redirect(url_for("buyer.licence", licence_id=licence_id, press=press_of(session, [seat_id])), 303)
        flash(_("The invitation is withdrawn, and the seat is free."))
    return redirect(url_for("buyer.licence", licence_id=licence_id), 303)


@bp.post("/seats/<int:seat_id>/undo")
@buyer
def undo_take_back(municipality_id: int, seat_id: int) -> AnyResponse:
    """Give a seat back that was taken back within the last minutes."""
    licence_id = _seat(seat_id).licence_id
    try:
        restored = services.undo_take_back(
            current_session(), scope=municipality_scope(), seat_id=seat_id, by_id=current_person().id
        )
    except (TooLateToUndo, AlreadySeated, SeatNotHeld):
        flash(_("It is too late to undo. Give a seat instead."), "note")
    else:
        assert restored.person
        flash(_("%(name)s has the seat again, as before.", name=restored.person.name))
    return redirect(url_for("buyer.licence", licence_id=licence_id), 303)


def _seat(seat_id: int) -> Seat:
    return seat_lists.seat(current_session(), municipality_scope(), seat_id)


def _seat_page(found: Seat, form: AddressForm) -> str:
    session, scope = current_session(), municipality_scope()
    row = people_on_seats(session, scope, found.licence, [found.id])[0]
    where = DepartmentForm(formdata=None, department=found.department_id)
    where.department.choices = _department_options(session)
    return render_template(
        "buyer/seat.html",
        row=row,
        licence=found.licence,
        title=course_title(found.licence),
        history=seat_lists.seat_history(session, scope, found.id, row.person.id),
        held_until=services.holds_until(found.licence),
        handovers_left=services.handovers_left(session, found.licence),
        form=form,
        where=where,
        sectors=SECTORS,
    )


def _department_options(session: Session) -> list[SelectChoice]:
    choices = department_choices(session, municipality_scope())
    return [SelectChoice("", _("Not said")), *(SelectChoice(each, name) for each, name in choices)]


def _give(session: Session, form: GiveSeatHereForm, licence: Licence) -> bool:
    """Invite as the form says, or put in line when no seat is free; say in the form why not."""
    today = clock.today(municipality().country)
    if not today <= form.holds_until.data <= licence.ends_on:
        form.holds_until.errors = [
            _("Choose a day from today to %(day)s, the last of the licence.", day=format_day(licence.ends_on))
        ]
        return False
    try:
        services.invite(
            session,
            installation().tokens,
            licence=licence,
            address=form.email.data,
            name=form.name.data,
            language=form.language.data,
            by_id=current_person().id,
            message=form.message.data,
            sector=form.sector.data,
            department_id=form.department.data,
            holds=form.holds_until.data,
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    except AlreadySeated:
        form.email.errors = [_("%(address)s has a seat or an invitation already.", address=form.email.data)]
    except NoFreeSeat:
        return _put_in_line(session, form, licence)
    except LicenceEnded:
        form.email.errors = [_("The licence has ended.")]
    else:
        left = licence_row(licence.id).counts.free
        flash(
            ngettext(
                "The email to %(address)s is on its way. %(num)d seat is free.",
                "The email to %(address)s is on its way. %(num)d seats are free.",
                left,
                address=form.email.data,
            )
        )
    return not form.errors


def _put_in_line(session: Session, form: GiveSeatHereForm, licence: Licence) -> bool:
    if not licence.has_waiting_line:
        form.email.errors = [_("There are no free seats. Take one back first.")]
        return False
    place = services.put_in_line(
        session,
        licence=licence,
        address=form.email.data,
        name=form.name.data,
        language=form.language.data,
        department_id=form.department.data,
        sector=form.sector.data,
        by_id=current_person().id,
    )
    flash(
        _(
            "There are no free seats. %(name)s is number %(number)s in the queue.",
            name=form.name.data,
            number=place,
        )
    )
    return True


def _correct(session: Session, form: AddressForm, seat_id: int) -> bool:
    try:
        services.correct_address(
            session,
            installation().tokens,
            scope=municipality_scope(),
            seat_id=seat_id,
            address=form.email.data,
            by_id=current_person().id,
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    except AddressTaken:
        form.email.errors = [_("%(address)s has a seat or an invitation already.", address=form.email.data)]
    except LicenceEnded:
        form.email.errors = [_("The licence has ended.")]
    except TooManyAttempts:
        form.email.errors = [_("Three emails went out within the hour. Wait a little.")]
    except SeatNotHeld:
        form.email.errors = [_("The invitation has been answered or withdrawn already.")]
    return not form.errors
