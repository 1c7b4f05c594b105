"""The course house's customers: municipalities with a licence, and other bodies the house has added."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.billing.queries import trusted_domains
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.scope import MunicipalityScope
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.pages import bp, house, titles
from elearn.licensing.customers import customer as find_customer
from elearn.licensing.customers import customers, licences_of, may_choose_buyers
from elearn.organisations import queries, services
from elearn.organisations.access import house_scope, owner
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid, NumberTaken
from elearn.organisations.forms import CustomerForm, NewBuyerForm
from elearn.organisations.models import Role
from elearn.organisations.number_words import wrong_org_number
from elearn.organisations.numbers import written_number
from elearn.organisations.services import NewColleague
from elearn.web.session import current_session, installation

LANGUAGE_OF = {"DK": "da", "NO": "nb"}


@bp.get("/municipalities")
@owner
def municipalities() -> str:
    """List the house's customers."""
    return render_template(
        "owner/municipalities.html",
        customers=customers(current_session(), house_scope(), text=searched_text(), number=page_number()),
        text=searched_text(),
    )


@bp.route("/municipalities/add", methods=["GET", "POST"])
@owner
def add_customer() -> str | AnyResponse | Response:
    """Add a customer that is no municipality."""
    form = CustomerForm(country=house().country)
    if form.validate_on_submit():
        try:
            added = services.add_customer(
                current_session(),
                scope=house_scope(),
                name=form.name.data,
                country=form.country.data,
                org_number=form.org_number.data,
                by_id=current_person().id,
            )
        except (NumberHasOtherLength, NumberNotValid) as refused:
            form.org_number.errors = [wrong_org_number(refused, form.country.data)]
        except NumberTaken:
            form.org_number.errors = [_("A customer with this number is in your list already.")]
        else:
            flash(_("%(name)s is added. Now give it a licence.", name=added.name))
            return redirect(url_for("owner.municipality", municipality_id=added.id), 303)
    page = render_template("owner/add-customer.html", form=form)
    return make_response(page, 422) if form.errors else page


@bp.get("/municipalities/<int:municipality_id>")
@owner
def municipality(municipality_id: int) -> str:
    """Show a customer: its numbers, who manages its seats, its licences."""
    return _page(municipality_id)


@bp.post("/municipalities/<int:municipality_id>/buyers")
@owner
def add_buyer(municipality_id: int) -> AnyResponse | Response:
    """Make somebody a buyer of a customer."""
    session = current_session()
    customer = find_customer(session, house_scope(), municipality_id)
    if not may_choose_buyers(session, house_scope(), municipality_id):
        return redirect(url_for("owner.municipality", municipality_id=municipality_id), 303)  # which says why
    form = NewBuyerForm()
    if form.validate_on_submit():
        try:
            services.add_colleague(
                session,
                municipality=customer,
                colleague=NewColleague(form.email.data, form.name.data, form.language.data),
                role=Role.BUYER,
                by=current_person(),
                house=installation().settings.name,
            )
        except NotAnAddress:
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        else:
            flash(_("%(name)s is a buyer now, and an email is on its way.", name=form.name.data))
            return redirect(url_for("owner.municipality", municipality_id=municipality_id), 303)
    return make_response(_page(municipality_id, form), 422)


@bp.post("/municipalities/<int:municipality_id>/buyers/<int:membership_id>/end")
@owner
def end_buyer(municipality_id: int, membership_id: int) -> AnyResponse:
    """End a buyer's role; the owner is told when it was the last."""
    session = current_session()
    customer = find_customer(session, house_scope(), municipality_id)
    if not may_choose_buyers(session, house_scope(), municipality_id):
        return redirect(url_for("owner.municipality", municipality_id=municipality_id), 303)
    ended = services.end_role(
        session, municipality=customer, membership_id=membership_id, by_id=current_person().id, may_be_last=True
    )
    if ended.has_no_buyer:
        flash(
            _(
                "%(name)s has no buyer now. Add one, so that somebody can manage its seats.",
                name=customer.official_name,
            ),
            "note",
        )
    else:
        flash(_("The role of %(name)s has ended.", name=ended.person.name))
    return redirect(url_for("owner.municipality", municipality_id=municipality_id), 303)


def _page(municipality_id: int, form: NewBuyerForm | None = None) -> str:
    session, scope = current_session(), house_scope()
    customer = find_customer(session, scope, municipality_id)
    as_its_buyer_sees_it = MunicipalityScope(customer.id, scope.person_id)
    return render_template(
        "owner/municipality.html",
        customer=customer,
        org_number=written_number(customer),
        gln_numbers=queries.gln_numbers(session, as_its_buyer_sees_it),
        colleagues=queries.colleagues(session, as_its_buyer_sees_it),
        licences=licences_of(session, scope, municipality_id),
        titles=titles(session, scope),
        domains=trusted_domains(session, scope, municipality_id),
        today=clock.today(customer.country),
        may_choose=may_choose_buyers(session, scope, municipality_id),
        form=form or NewBuyerForm(formdata=None, language=LANGUAGE_OF[customer.country]),
    )
