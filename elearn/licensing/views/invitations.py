"""The invitation: a page that says what is offered, and the answer to it."""

from flask import Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts import signing
from elearn.catalogue.queries import outline
from elearn.core.clock import day_of
from elearn.core.i18n import format_day
from elearn.core.i18n import gettext as _
from elearn.core.scope import PersonScope
from elearn.licensing import queries, services
from elearn.licensing.errors import InvitationNotValid
from elearn.licensing.views import bp
from elearn.licensing.views.landing import first_page
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session
from elearn.web.wrong_links import refuse_many_wrong_links, wrong_link


@bp.get("/invitations/<token>")
@access.anyone
def invitation(token: str) -> str | Response:
    """Say what is offered and who sees what; mail scanners open links, so opening alone does nothing."""
    refuse_many_wrong_links()
    offered = queries.open_invitation(current_session(), token)
    if offered is None:
        return wrong_link(was_ours=queries.was_invitation_ours(current_session(), token))
    licence, inviter = offered.seat.licence, offered.invited_by
    return render_template(
        "licensing/invitation.html",
        form=ButtonForm(),
        token=token,
        invitation=offered,
        licence=licence,
        stands_for=queries.inviting_for(current_session(), PersonScope(inviter.id), licence) if inviter else "",
        works_until=day_of(offered.expires_at, licence.municipality.country),
        minutes=outline(current_session(), PersonScope(offered.person_id), licence.course_id).content.minutes,
    )


@bp.post("/invitations/<token>")
@access.anyone
def accept_invitation(token: str) -> Response | AnyResponse:
    """Claim the seat and sign in."""
    refuse_many_wrong_links()
    try:
        person = services.accept_invitation(current_session(), token)
    except InvitationNotValid:
        return wrong_link(was_ours=queries.was_invitation_ours(current_session(), token))
    signing.sign_in(person, door="invitation")
    return redirect(first_page(person), 303)


@bp.post("/invitations/<token>/decline")
@access.anyone
def decline_invitation(token: str) -> Response | AnyResponse:
    """Give the seat back."""
    refuse_many_wrong_links()
    try:
        services.decline_invitation(current_session(), token)
    except InvitationNotValid:
        return wrong_link(was_ours=queries.was_invitation_ours(current_session(), token))
    return redirect(url_for("licensing.declined"), 303)


@bp.post("/invitations/<token>/no-reminders")
@access.anyone
def stop_reminders(token: str) -> Response | AnyResponse:
    """Send no reminders; the seat stays held."""
    refuse_many_wrong_links()
    try:
        seat = services.stop_reminders(current_session(), token)
    except InvitationNotValid:
        return wrong_link(was_ours=queries.was_invitation_ours(current_session(), token))
    assert seat.holds_until
    flash(
        _("You get no more reminders. The invitation holds the seat until %(day)s.", day=format_day(seat.holds_until))
    )
    return redirect(url_for("licensing.invitation", token=token), 303)


@bp.get("/invitations/declined")
@access.anyone
def declined() -> str:
    """Say that the seat has gone back."""
    return render_template("licensing/declined.html")


@bp.post("/seats/<int:seat_id>/accept")
@access.signed_in
def accept_seat(seat_id: int) -> AnyResponse:
    """Claim a seat that is held for whoever is signed in: for those whose letter is lost or too old."""
    try:
        person = services.accept_seat(current_session(), scope=person_scope(), seat_id=seat_id)
    except InvitationNotValid:
        return wrong_link(was_ours=True)
    flash(_("The seat is yours."))
    return redirect(first_page(person), 303)
