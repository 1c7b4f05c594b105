"""Who manages the municipality's seats, and who leads its departments."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.pages import bp, municipality
from elearn.organisations import queries, services
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.errors import LastBuyer, SamePerson
from elearn.organisations.forms import ColleagueForm, NewBuyerForm
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import NewColleague
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation

LANGUAGE_OF = {"DK": "da", "NO": "nb"}


@dataclass(frozen=True)
class Colleague:
    """A role in the list."""

    membership: Membership
    is_me: bool
    is_last_buyer: bool

    @property
    def has_confirmed(self) -> bool:
        """Whether the person has shown that the address is theirs."""
        return self.membership.person.email.confirmed_at is not None


@bp.get("/colleagues")
@buyer
def colleagues(municipality_id: int) -> str:
    """List buyers and leaders."""
    return render_template("buyer/colleagues.html", colleagues=_colleagues())


@bp.route("/colleagues/add", methods=["GET", "POST"])
@buyer
def add_colleague(municipality_id: int) -> str | AnyResponse | Response:
    """Make a colleague a buyer or a leader."""
    choices = department_choices(current_session(), municipality_scope())
    form = ColleagueForm(departments=choices, language=LANGUAGE_OF[municipality().country], role=Role.BUYER)
    if form.validate_on_submit() and _add(form):
        flash(_("%(name)s has the role now, and an email is on its way.", name=form.name.data))
        return redirect(url_for("buyer.colleagues"), 303)
    page = render_template("buyer/add-colleague.html", form=form, has_departments=bool(choices))
    return make_response(page, 422) if form.errors else page


@bp.post("/colleagues/<int:membership_id>/end")
@buyer
def end_role(municipality_id: int, membership_id: int) -> AnyResponse:
    """Take a role away; one's own too, while another buyer remains."""
    try:
        ended = services.end_role(
            current_session(), municipality=municipality(), membership_id=membership_id, by_id=current_person().id
        )
    except LastBuyer:
        flash(_("You are the last buyer. Hand over to a colleague first."), "note")
        return redirect(url_for("buyer.hand_over"), 303)
    if ended.person.id == current_person().id and ended.role is Role.BUYER:
        return _gone()
    flash(_("The role of %(name)s has ended.", name=ended.person.name))
    return redirect(url_for("buyer.colleagues"), 303)


@bp.route("/colleagues/hand-over", methods=["GET", "POST"])
@buyer
def hand_over(municipality_id: int) -> str | AnyResponse | Response:
    """Leave: make a colleague buyer in one's own place."""
    form = NewBuyerForm(language=LANGUAGE_OF[municipality().country])
    if form.validate_on_submit():
        try:
            services.hand_over(
                current_session(),
                municipality=municipality(),
                colleague=NewColleague(form.email.data, form.name.data, form.language.data),
                by=current_person(),
                house=installation().settings.name,
            )
        except NotAnAddress:
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        except SamePerson:
            form.email.errors = [_("This is your own address. Write a colleague’s.")]
        else:
            return _gone()
    own = next(each for each in _colleagues() if each.is_me and each.membership.role == Role.BUYER)
    page = render_template("buyer/hand-over.html", form=form, own=own, button=ButtonForm())
    return make_response(page, 422) if form.errors else page


def _add(form: ColleagueForm) -> bool:
    """Give the role as the form says; say in the form why not."""
    role = Role(form.role.data)
    if role is Role.LEADER and not form.departments.data:
        form.departments.errors = [_("Choose at least one department. Add departments first if there are none.")]
        return False
    try:
        services.add_colleague(
            current_session(),
            municipality=municipality(),
            colleague=NewColleague(form.email.data, form.name.data, form.language.data),
            role=role,
            department_ids=form.departments.data if role is Role.LEADER else [],
            by=current_person(),
            house=installation().settings.name,
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    return not form.errors


def _gone() -> AnyResponse:
    flash(_("Your role as buyer in %(name)s has ended.", name=municipality().official_name))
    return redirect(url_for("home.start"), 303)


def _colleagues() -> list[Colleague]:
    found = queries.colleagues(current_session(), municipality_scope())
    buyers = sum(membership.role == Role.BUYER for membership in found)
    mine = current_person().id
    return [Colleague(each, each.person_id == mine, each.role == Role.BUYER and buyers == 1) for each in found]
