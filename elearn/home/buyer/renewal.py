"""Renewing a licence: who stays, seats for the next order, and carrying people over."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing.price_panel import is_for_sale
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.lists import page_number, searched_text
from elearn.licensing import renewals, services
from elearn.licensing.errors import LicenceEnded, NotEnoughSeats
from elearn.licensing.waiting_lists import waiting_counts
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("/licences/<int:licence_id>/renewal")
@buyer
def renewal(municipality_id: int, licence_id: int) -> str:
    """Show who stays and who leaves, how many seats the next order needs, and the licence people can go on in."""
    row = licence_row(licence_id)
    session, scope = current_session(), municipality_scope()
    asking = waiting_counts(session, scope, [licence_id])[licence_id]
    return render_licence(
        "buyer/renewal.html",
        row,
        "buyer.renewal",
        sells=is_for_sale(session, row.licence.course),
        renewal=renewals.renewal(session, scope, row.licence),
        people=renewals.holders(session, scope, licence_id, text=searched_text(), number=page_number()),
        text=searched_text(),
        wanting=asking.asked + asking.waiting,
    )


@bp.post("/licences/<int:licence_id>/renewal/leavers")
@buyer
def choose_leavers(municipality_id: int, licence_id: int) -> AnyResponse:
    """Note who of the people on the page is not to be carried over."""
    services.choose_leavers(
        current_session(),
        scope=municipality_scope(),
        licence_id=licence_id,
        person_ids=request.form.getlist("leaves", type=int),
        among=request.form.getlist("shown", type=int),
        by_id=current_person().id,
    )
    flash(_("Saved"))
    return redirect(url_for("buyer.renewal", licence_id=licence_id, q=searched_text() or None, page=page_number()), 303)


@bp.post("/licences/<int:licence_id>/renewal/carry-over")
@buyer
def carry_over(municipality_id: int, licence_id: int) -> AnyResponse:
    """Give everybody who stays a seat in the licence that follows."""
    row = licence_row(licence_id)
    following = renewals.following_licence(current_session(), municipality_scope(), row.licence)
    if following is None or following.licence.id != request.form.get("following", type=int):
        flash(_("The next licence has changed meanwhile. Nothing was carried over."), "note")
        return redirect(url_for("buyer.renewal", licence_id=licence_id), 303)
    try:
        number = services.carry_over(
            current_session(),
            scope=municipality_scope(),
            from_licence_id=licence_id,
            to_licence_id=following.licence.id,
            by_id=current_person().id,
        )
    except NotEnoughSeats as refused:
        flash(
            _(
                "%(wanted)s people are to be carried over, and %(free)s seats are free. Nothing has changed.",
                wanted=refused.wanted,
                free=refused.free,
            ),
            "note",
        )
    except LicenceEnded:
        flash(_("The licence has ended meanwhile. Nothing has changed."), "note")
    else:
        flash(
            ngettext(
                "%(num)d person has a seat in the next licence.",
                "%(num)d people have a seat in the next licence.",
                number,
            )
        )
    return redirect(url_for("buyer.renewal", licence_id=licence_id), 303)
