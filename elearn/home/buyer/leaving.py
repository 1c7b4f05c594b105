"""People who leave the municipality: ticked where a seat is taken back, or said of somebody who is due."""

from collections.abc import Collection, Iterable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.home.buyer.pages import bp
from elearn.home.buyer.training import shown_query
from elearn.licensing.errors import StillSeated
from elearn.licensing.services import leave_municipality
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.queries import colleagues
from elearn.web.session import current_session


@bp.post("/training/due/left")
@buyer
def has_left(municipality_id: int) -> AnyResponse:
    """Note that somebody who is due, and has no seat, no longer works here."""
    person_id = request.form.get("person", -1, type=int)
    try:
        has_left = _leave(person_id)
    except StillSeated:
        flash(_("This person has got a seat meanwhile. Take it back first."), "note")
    else:
        if has_left:
            flash(_("Noted: no rule asks this person any more. A new seat makes them one of yours again."))
            _tell_of_roles([person_id])
        else:
            flash(_("This person was none of yours any more. Nothing has changed."), "note")
    return redirect(url_for("buyer.training_due", **shown_query()), 303)


def leave_if_ticked(person_ids: Iterable[int]) -> None:
    """Note that people whose seats were just taken back have left, if the buyer has ticked that; say who cannot have.

    Only those who had claimed their seats were learners of the municipality.
    """
    if "leaves" not in request.form:
        return
    left, stay = [], 0
    for person_id in person_ids:
        try:
            _leave(person_id)
            left.append(person_id)
        except StillSeated:
            stay += 1
    _tell_of_roles(left)
    if stay:
        flash(
            ngettext(
                "%(num)d person holds another seat of yours, and stays. Take that seat back, too.",
                "%(num)d people hold other seats of yours, and stay. Take those seats back, too.",
                stay,
            ),
            "note",
        )


def _tell_of_roles(person_ids: Collection[int]) -> None:
    """Say that whoever buys or leads, too, still sees what a buyer or leader sees."""
    keep = {each.person_id for each in colleagues(current_session(), municipality_scope())}.intersection(person_ids)
    if keep:
        flash(
            ngettext(
                "%(num)d person is a buyer or leader, too, and stays so until you end it under Colleagues.",
                "%(num)d people are buyers or leaders, too, and stay so until you end it under Colleagues.",
                len(keep),
            ),
            "note",
        )


def _leave(person_id: int) -> bool:
    return leave_municipality(
        current_session(), scope=municipality_scope(), person_id=person_id, by_id=current_person().id
    )
