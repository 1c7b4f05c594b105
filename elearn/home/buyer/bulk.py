"""What is done to several people at once: ticked in the list, told what it means on a page of its own, then done."""

import re
from dataclasses import dataclass

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.leaving import leave_if_ticked
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.buyer.people import PersonRow, State, first_people, people_on_seats
from elearn.home.buyer.wanted import wanted_people
from elearn.licensing import services
from elearn.licensing.errors import HandoversUsedUp, LicenceEnded, SeatNotHeld
from elearn.licensing.models import Licence
from elearn.licensing.presses import press_of
from elearn.licensing.seat_lists import LicenceRow
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation

MOST_TICKED = 500
HOLDING = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass(frozen=True)
class Ticked:
    """The people ticked who still hold the seats they were ticked on."""

    rows: list[PersonRow]

    @property
    def holders(self) -> dict[int, int]:
        """Seat -> holder."""
        return {row.seat.id: row.person.id for row in self.rows}

    def among(self, *states: State) -> list[PersonRow]:
        """Return those who are so far."""
        return [row for row in self.rows if row.state in states]

    @property
    def reachable(self) -> list[PersonRow]:
        """Those to whom a reminder goes."""
        return [row for row in self.among(State.INVITED) if not row.seat.wants_no_reminders]

    @property
    def declining(self) -> list[PersonRow]:
        """Those who have not accepted and want no more reminders."""
        return [row for row in self.among(State.INVITED) if row.seat.wants_no_reminders]

    @property
    def used(self) -> list[PersonRow]:
        """Those whose seat has been used: taking it back counts as a handover."""
        return [row for row in self.rows if row.seat.first_used_at]

    @property
    def invited(self) -> list[PersonRow]:
        """Those who have not accepted."""
        return [row for row in self.rows if not row.seat.claimed_at]

    @property
    def unused(self) -> list[PersonRow]:
        """Those who have accepted, and not started."""
        return [row for row in self.rows if row.seat.claimed_at and not row.seat.first_used_at]


@bp.route("/licences/<int:licence_id>/remind", methods=["GET", "POST"])
@buyer
def remind_people(municipality_id: int, licence_id: int) -> str | AnyResponse:
    """Send a reminder to the people ticked, once the buyer has read to whom."""
    row = licence_row(licence_id)
    ticked = _ticked(row.licence)
    reachable = Ticked(ticked.reachable)
    if not _is_confirmed() or not reachable.rows:
        return _page("buyer/remind.html", row, ticked, reachable=reachable)
    try:
        sent = services.remind_several(
            current_session(),
            installation().tokens,
            scope=municipality_scope(),
            licence_id=licence_id,
            holders=reachable.holders,
            by_id=current_person().id,
        )
    except LicenceEnded:
        flash(_("The licence has ended, so nothing was sent."), "note")
        return _to_licence(licence_id)
    flash(ngettext("%(num)d reminder is on its way.", "%(num)d reminders are on their way.", len(sent)))
    if len(sent) < len(reachable.rows):
        left_out = len(reachable.rows) - len(sent)
        flash(ngettext("%(num)d had one today already.", "%(num)d had one today already.", left_out), "note")
    return _to_licence(licence_id)


@bp.route("/licences/<int:licence_id>/move", methods=["GET", "POST"])
@buyer
def move_people(municipality_id: int, licence_id: int) -> str | AnyResponse:
    """Move the people ticked to a department."""
    row = licence_row(licence_id)
    ticked = _ticked(row.licence)
    choices = department_choices(current_session(), municipality_scope())
    chosen = request.form.get("department", type=int)
    if not _is_confirmed() or not ticked.rows or chosen is None:
        missing = _is_confirmed() and bool(ticked.rows)
        page = _page("buyer/move.html", row, ticked, choices=choices, missing=missing)
        return make_response(page, 422) if missing else page
    moved = services.place_seats(
        current_session(),
        scope=municipality_scope(),
        seat_ids=list(ticked.holders),
        department_id=chosen,
        by_id=current_person().id,
    )
    name = dict(choices)[chosen].strip()
    flash(ngettext("%(num)d person is in %(name)s now.", "%(num)d people are in %(name)s now.", moved, name=name))
    return _to_licence(licence_id)


@bp.route("/licences/<int:licence_id>/take-back", methods=["GET", "POST"])
@buyer
def take_back_people(municipality_id: int, licence_id: int) -> str | AnyResponse:
    """Take the seats of the people ticked back, all of them or none, once the buyer has read what it costs."""
    row = licence_row(licence_id)
    ticked = _ticked(row.licence)
    left = services.handovers_left(current_session(), row.licence)
    if not _is_confirmed() or not ticked.rows:
        return _page("buyer/take-back.html", row, ticked, handovers_left=left)
    learners = [row.person.id for row in ticked.rows if row.seat.claimed_at]
    try:
        freed = services.take_back_several(
            current_session(),
            scope=municipality_scope(),
            licence_id=licence_id,
            holders=ticked.holders,
            by_id=current_person().id,
        )
    except HandoversUsedUp:
        return make_response(_page("buyer/take-back.html", row, ticked, handovers_left=left), 422)
    except SeatNotHeld:
        flash(_("Something changed while you were reading, so nothing was taken back. Look again."), "note")
        return _to_licence(licence_id)
    leave_if_ticked(learners)
    press = press_of(current_session(), [seat.id for seat in freed])
    return redirect(url_for("buyer.licence", licence_id=licence_id, press=press), 303)


@bp.post("/licences/<int:licence_id>/undo")
@buyer
def undo_people(municipality_id: int, licence_id: int) -> AnyResponse:
    """Give seats back that were taken back within the last minutes."""
    licence_row(licence_id)
    restored = services.undo_several(
        current_session(),
        scope=municipality_scope(),
        licence_id=licence_id,
        seat_ids=request.form.getlist("seat", type=int)[:MOST_TICKED],
        by_id=current_person().id,
    )
    if restored:
        flash(ngettext("%(num)d seat is as before.", "%(num)d seats are as before.", len(restored)))
    else:
        flash(_("It is too late to undo. Give a seat instead."), "note")
    return _to_licence(licence_id)


def _ticked(licence: Licence) -> Ticked:
    """Return who is ticked: what the list named and still is so; or everybody who fits, as the list was narrowed."""
    if request.method == "GET" and request.args.get("everybody"):
        return Ticked(first_people(current_session(), municipality_scope(), licence, wanted_people(), most=MOST_TICKED))
    named = [found for value in request.values.getlist("who")[:MOST_TICKED] if (found := HOLDING.fullmatch(value))]
    wanted = {int(found[1]): int(found[2]) for found in named}
    rows = people_on_seats(current_session(), municipality_scope(), licence, list(wanted))
    return Ticked([row for row in rows if wanted[row.seat.id] == row.person.id])


def _is_confirmed() -> bool:
    return bool(ButtonForm().validate_on_submit())


def _page(template: str, row: LicenceRow, ticked: Ticked, **shown: object) -> str:
    return render_licence(template, row, "buyer.licence", ticked=ticked, **shown)


def _to_licence(licence_id: int) -> AnyResponse:
    return redirect(url_for("buyer.licence", licence_id=licence_id), 303)
