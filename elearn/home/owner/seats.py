"""One seat after another: giving it, inviting again, taking it back, undoing."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language, ngettext
from elearn.core.scope import HouseScope
from elearn.home.owner.pages import bp, titles
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists, services
from elearn.licensing.errors import (
    AlreadySeated,
    HandoversUsedUp,
    LicenceEnded,
    NoFreeSeat,
    SeatNotHeld,
    TooLateToUndo,
)
from elearn.licensing.forms import GiveSeatForm
from elearn.licensing.models import Licence, SeatState
from elearn.organisations.access import house_scope, owner
from elearn.organisations.sectors import SECTORS
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation


@bp.route("/licences/<int:licence_id>/give", methods=["GET", "POST"])
@owner
def give_seat(licence_id: int) -> str | AnyResponse | Response:
    """Hold a seat for somebody and mail the invitation."""
    session, scope = current_session(), house_scope()
    row = seat_lists.licence(session, scope, licence_id)
    form = GiveSeatForm(language="da" if row.licence.municipality.country == "DK" else "nb")
    if form.validate_on_submit() and _invite(session, form, row.licence):
        left = row.counts.free - 1
        flash(
            ngettext(
                "The email to %(address)s is on its way. %(num)d seat is free.",
                "The email to %(address)s is on its way. %(num)d seats are free.",
                left,
                address=form.email.data,
            )
        )
        return redirect(url_for("owner.licence", licence_id=licence_id), 303)
    page = render_template(
        "owner/give-seat.html",
        form=form,
        licence=row.licence,
        counts=row.counts,
        cells=seat_cells(row.counts, given=True),
        held_until=services.holds_until(row.licence),
        title=titles(session, scope)[row.licence.course_id],
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/seats/<int:seat_id>")
@owner
def seat(seat_id: int) -> str | AnyResponse:
    """Show a seat somebody holds and what can be done, each with the rule beside its button."""
    session, scope = current_session(), house_scope()
    held = seat_lists.held_seat(session, scope, seat_id)
    if held is None:
        return redirect(url_for("owner.licence", licence_id=_licence_id(session, scope, seat_id)), 303)
    return render_template(
        "owner/seat.html",
        held=held,
        licence=held.seat.licence,
        history=seat_lists.seat_history(session, scope, seat_id, held.person.id),
        title=titles(session, scope)[held.seat.licence.course_id],
        held_until=services.holds_until(held.seat.licence),
        form=ButtonForm(),
        sectors=SECTORS,
        spoken=language(),
    )


@bp.post("/seats/<int:seat_id>/resend")
@owner
def resend(seat_id: int) -> AnyResponse:
    """Mail a fresh invitation; the one before is dead."""
    session, scope = current_session(), house_scope()
    licence_id = _licence_id(session, scope, seat_id)
    try:
        resent = services.resend_invitation(
            session, installation().tokens, scope=scope, seat_id=seat_id, by_id=current_person().id
        )
    except SeatNotHeld:
        flash(_("The invitation has been answered or withdrawn meanwhile. Nothing was sent."), "note")
    except LicenceEnded:
        flash(_("The licence has ended. Nothing was sent."), "note")
    else:
        assert resent.person
        flash(_("A new email to %(name)s is on its way. The link before it no longer works.", name=resent.person.name))
    return redirect(url_for("owner.licence", licence_id=licence_id), 303)


@bp.post("/seats/<int:seat_id>/take-back")
@owner
def take_back_seat(seat_id: int) -> AnyResponse:
    """Free the seat that a person has claimed, or that an invitation holds."""
    session, scope = current_session(), house_scope()
    licence_id = _licence_id(session, scope, seat_id)
    try:
        freed = services.take_back_seat(
            session,
            scope=scope,
            seat_id=seat_id,
            by_id=current_person().id,
            person_id=request.form.get("person", -1, type=int),
        )
    except SeatNotHeld:
        flash(_("The seat was free already. Nothing has changed."), "note")
        return redirect(url_for("owner.licence", licence_id=licence_id), 303)
    except HandoversUsedUp:
        flash(_("The agreed number of used seats has changed hands already. Change the terms to allow more."), "note")
        return redirect(url_for("owner.terms", licence_id=licence_id), 303)
    if freed.was is SeatState.CLAIMED:
        return redirect(url_for("owner.licence", licence_id=licence_id, freed=seat_id), 303)
    flash(_("The invitation is withdrawn, and the seat is free."))
    return redirect(url_for("owner.licence", licence_id=licence_id), 303)


@bp.post("/seats/<int:seat_id>/undo")
@owner
def undo_take_back(seat_id: int) -> AnyResponse:
    """Give a seat back that was taken back within the last minutes."""
    session, scope = current_session(), house_scope()
    licence_id = _licence_id(session, scope, seat_id)
    try:
        restored = services.undo_take_back(session, scope=scope, seat_id=seat_id, by_id=current_person().id)
    except (TooLateToUndo, AlreadySeated, SeatNotHeld):
        flash(_("It is too late to undo. Give a seat instead."), "note")
    else:
        assert restored.person
        flash(_("%(name)s has the seat again, as before.", name=restored.person.name))
    return redirect(url_for("owner.licence", licence_id=licence_id), 303)


def _licence_id(session: Session, scope: HouseScope, seat_id: int) -> int:
    return seat_lists.seat(session, scope, seat_id).licence_id


def _invite(session: Session, form: GiveSeatForm, licence: Licence) -> bool:
    """Invite as the form says; say in the form why not."""
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
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    except AlreadySeated:
        form.email.errors = [_("%(address)s has a seat or an invitation already.", address=form.email.data)]
    except NoFreeSeat:
        form.email.errors = [_("There are no free seats. Take one back first, or give a new licence.")]
    except LicenceEnded:
        form.email.errors = [_("The licence has ended. Give a new one first.")]
    return not form.errors
