"""The municipality's settings: where e-invoices go, and gentle reminders."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing.forms import BuyerRulesForm
from elearn.billing.models import BuyerRules
from elearn.billing.references import example_of
from elearn.billing.services.buyer_rules import choose_rules
from elearn.core.i18n import gettext as _
from elearn.home.buyer.pages import bp, municipality
from elearn.organisations import queries, services
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid, NumberTaken
from elearn.organisations.forms import GlnForm, NudgesForm, OrgNumberForm
from elearn.organisations.number_words import wrong_gln, wrong_org_number
from elearn.organisations.numbers import written_number
from elearn.web.session import current_session


@bp.get("/settings")
@buyer
def settings(municipality_id: int) -> str:
    """Show the municipality's numbers and choices."""
    return _page()


@bp.post("/settings/gln")
@buyer
def add_gln(municipality_id: int) -> AnyResponse | Response:
    """Add a GLN (EAN) number."""
    form = GlnForm()
    if form.validate_on_submit():
        try:
            services.add_gln(
                current_session(),
                scope=municipality_scope(),
                gln=form.gln.data,
                label=form.label.data,
                by_id=current_person().id,
            )
        except (NumberHasOtherLength, NumberNotValid) as refused:
            form.gln.errors = [wrong_gln(refused)]
        except NumberTaken:
            form.gln.errors = [_("This EAN number stands here already.")]
        else:
            flash(_("The EAN number is saved."))
            return redirect(url_for("buyer.settings"), 303)
    return make_response(_page(gln_form=form), 422)


@bp.post("/settings/gln/<int:gln_id>/remove")
@buyer
def remove_gln(municipality_id: int, gln_id: int) -> AnyResponse:
    """Remove a GLN (EAN) number."""
    services.remove_gln(current_session(), scope=municipality_scope(), gln_id=gln_id, by_id=current_person().id)
    flash(_("The EAN number is removed."))
    return redirect(url_for("buyer.settings"), 303)


@bp.post("/settings/organisation-number")
@buyer
def write_org_number(municipality_id: int) -> AnyResponse | Response:
    """Write the organisation number where the public list lacks it."""
    form = OrgNumberForm()
    if form.validate_on_submit():
        try:
            services.write_org_number(
                current_session(),
                municipality=municipality(),
                org_number=form.org_number.data,
                by_id=current_person().id,
            )
        except (NumberHasOtherLength, NumberNotValid) as refused:
            form.org_number.errors = [wrong_org_number(refused, municipality().country)]
        except NumberTaken:
            flash(_("The number was written already. Nothing has changed."), "note")
            return redirect(url_for("buyer.settings"), 303)
        else:
            flash(_("The organisation number is saved."))
            return redirect(url_for("buyer.settings"), 303)
    return make_response(_page(org_form=form), 422)


@bp.post("/settings/nudges")
@buyer
def choose_nudges(municipality_id: int) -> AnyResponse:
    """Let whoever stopped be reminded, or not."""
    form = NudgesForm()
    services.choose_nudges(
        current_session(), municipality=municipality(), nudges=form.nudges.data, by_id=current_person().id
    )
    flash(_("Saved."))
    return redirect(url_for("buyer.settings"), 303)


@bp.post("/settings/references")
@buyer
def choose_references(municipality_id: int) -> AnyResponse | Response:
    """Ask for references of a pattern, and for order numbers or not."""
    form = BuyerRulesForm()
    if not form.validate_on_submit():
        return make_response(_page(rules_form=form), 422)
    choose_rules(
        current_session(),
        scope=municipality_scope(),
        reference_format=form.reference_format.data or "",
        needs_order_number=form.needs_order_number.data,
        by_id=current_person().id,
    )
    flash(_("Saved."))
    return redirect(url_for("buyer.settings"), 303)


def _page(
    *,
    gln_form: GlnForm | None = None,
    org_form: OrgNumberForm | None = None,
    rules_form: BuyerRulesForm | None = None,
) -> str:
    rules = current_session().get(BuyerRules, municipality().id)
    return render_template(
        "buyer/settings.html",
        gln_form=gln_form or GlnForm(formdata=None),
        org_form=org_form or OrgNumberForm(formdata=None),
        nudges_form=NudgesForm(formdata=None, nudges=municipality().nudges),
        rules_form=rules_form or BuyerRulesForm(formdata=None, obj=rules),
        example=example_of(rules.reference_format) if rules else "",
        numbers=queries.gln_numbers(current_session(), municipality_scope()),
        org_number=written_number(municipality()),
    )
