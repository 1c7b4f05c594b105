"""What a course house agrees with a municipality: the terms of a licence, and who manages its seats."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.models import Person
from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope
from elearn.home.owner.pages import bp, house, titles
from elearn.licensing import seat_lists, services
from elearn.licensing.customers import may_choose_buyers
from elearn.licensing.forms import TermsForm
from elearn.licensing.models import Licence
from elearn.organisations.access import house_scope, owner
from elearn.organisations.forms import NewBuyerForm
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import NewColleague, add_colleague
from elearn.web.session import current_session


@bp.route("/licences/<int:licence_id>/terms", methods=["GET", "POST"])
@owner
def terms(licence_id: int) -> str | AnyResponse | Response:
    """Change how many used seats may change hands, and whether people wait in line; with a reason."""
    session, scope = current_session(), house_scope()
    licence = seat_lists.licence(session, scope, licence_id).licence
    form = TermsForm(handovers_allowed=licence.handovers_allowed, has_waiting_line=licence.has_waiting_line)
    if form.validate_on_submit():
        services.change_terms(
            session,
            scope=scope,
            licence_id=licence_id,
            handovers_allowed=form.handovers_allowed.data,
            has_waiting_line=form.has_waiting_line.data,
            reason=form.reason.data,
            by_id=current_person().id,
        )
        flash(_("The terms are changed."))
        return redirect(url_for("owner.licence", licence_id=licence_id), 303)
    page = render_template(
        "owner/terms.html",
        form=form,
        licence=licence,
        handovers_used=services.handovers_used(session, licence),
        title=titles(session, scope)[licence.course_id],
    )
    return make_response(page, 422) if form.errors else page


@bp.route("/licences/<int:licence_id>/buyer", methods=["GET", "POST"])
@owner
def new_buyer(licence_id: int) -> str | AnyResponse | Response:
    """Make somebody a buyer of the licence's municipality, and write to them."""
    session, scope = current_session(), house_scope()
    licence = seat_lists.licence(session, scope, licence_id).licence
    if not may_choose_buyers(session, scope, licence.municipality_id):
        return redirect(url_for("owner.municipality", municipality_id=licence.municipality_id), 303)  # which says why
    form = NewBuyerForm(language="da" if licence.municipality.country == "DK" else "nb")
    if form.validate_on_submit():
        try:
            add_colleague(
                session,
                municipality=licence.municipality,
                colleague=NewColleague(form.email.data, form.name.data, form.language.data),
                role=Role.BUYER,
                by=current_person(),
                house=house().name,
            )
        except NotAnAddress:
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        else:
            flash(_("%(name)s manages the seats now. An email is on its way.", name=form.name.data))
            return redirect(url_for("owner.licence", licence_id=licence_id), 303)
    page = render_template(
        "owner/new-buyer.html",
        form=form,
        licence=licence,
        buyers=buyers_of(session, scope, licence),
    )
    return make_response(page, 422) if form.errors else page


def buyers_of(session: Session, _scope: HouseScope, licence: Licence) -> list[Person]:
    """Return who manages a licence's seats in its municipality, by name; the caller has found the licence."""
    managing = (Membership.role == Role.BUYER, Membership.ended_at.is_(None))
    return list(
        session.scalars(
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.municipality_id == licence.municipality_id, *managing)
            .order_by(Person.name, Person.id)
        )
    )
