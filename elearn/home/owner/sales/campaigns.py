"""Campaigns: the list, one with its places, codes and applications, and answers to those who apply."""

from typing import Any

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.signing import current_person
from elearn.billing import errors, offer_queries
from elearn.billing.models import Campaign
from elearn.billing.selling_forms import CampaignForm, DeclineForm
from elearn.billing.services.campaigns import (
    CampaignTerms,
    accept_application,
    decline_application,
    save_campaign,
)
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import country_names, refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@bp.get("/campaigns")
@owner
def campaigns() -> str:
    """List the house's campaigns, and its codes without one."""
    session, scope = current_session(), house_scope()
    return sales_page(
        "campaigns.html",
        campaigns=offer_queries.campaigns(session, scope),
        waiting=offer_queries.applications_waiting(session, scope),
        codes=offer_queries.codes(session, scope, campaign_id=None),
        titles=titles(session, scope),
        today=clock.today(house().country),
        countries=country_names(),
        form=ButtonForm(),
    )


@bp.get("/campaigns/<int:campaign_id>")
@owner
def campaign(campaign_id: int) -> str:
    """Show a campaign: who has its places, its codes, who applied."""
    return _campaign_page(campaign_id)


@bp.route("/campaigns/new", methods=["GET", "POST"])
@owner
def new_campaign() -> str | AnyResponse | Response:
    """Begin a campaign."""
    today = clock.today(house().country)
    return _save(None, CampaignForm(country=house().country, starts_on=today, has_places=True, is_public=True))


@bp.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@owner
def edit_campaign(campaign_id: int) -> str | AnyResponse | Response:
    """Change a campaign."""
    known = offer_queries.campaign(current_session(), house_scope(), campaign_id)
    return _save(known, CampaignForm(**_shown(known)))


@bp.post("/applications/<int:application_id>/accept")
@owner
def accept_applicant(application_id: int) -> AnyResponse | Response:
    """Send a municipality that applied a code of its own."""
    session, scope = current_session(), house_scope()
    found = offer_queries.application(session, scope, application_id)
    try:
        accept_application(session, scope=scope, application_id=application_id, by_id=current_person().id)
    except errors.CampaignHasNoCode:
        trouble = _("Make a code for this campaign first: what is sent has the same terms.")
    except errors.PlaceTaken as taken:
        trouble = _("%(place)s has its municipality already.", place=taken.place)
    except errors.PlacePromised as promised:
        trouble = _(
            "%(place)s is promised to %(municipality)s by the code %(code)s. Switch that code off first.",
            place=promised.place,
            municipality=promised.municipality,
            code=promised.code,
        )
    except errors.CodeForOtherPlace:
        trouble = _("This municipality lies in none of the campaign's regions.")
    except errors.ApplicationAnswered:
        trouble = _("This application has been declined before.")
    else:
        flash(_("A code of its own is on its way to %(name)s.", name=found.municipality.official_name))
        return redirect(url_for("owner.campaign", campaign_id=found.campaign_id), 303)
    return refused(_campaign_page(found.campaign_id, trouble=trouble))


@bp.post("/applications/<int:application_id>/decline")
@owner
def decline_applicant(application_id: int) -> AnyResponse | Response:
    """Tell a municipality that applied that there is no place for it."""
    session, scope = current_session(), house_scope()
    found = offer_queries.application(session, scope, application_id)
    form = DeclineForm()
    if not form.validate_on_submit():
        return refused(_campaign_page(found.campaign_id, trouble=form.words.errors[0]))
    try:
        decline_application(
            session,
            scope=scope,
            application_id=application_id,
            words=form.words.data or "",
            by_id=current_person().id,
        )
    except errors.ApplicationAnswered:
        return refused(_campaign_page(found.campaign_id, trouble=_("This application has got its code before.")))
    flash(_("%(name)s is told by email.", name=found.municipality.official_name))
    return redirect(url_for("owner.campaign", campaign_id=found.campaign_id), 303)


def _campaign_page(campaign_id: int, *, trouble: str | None = None) -> str:
    session, scope = current_session(), house_scope()
    found = offer_queries.campaign(session, scope, campaign_id)
    return sales_page(
        "campaign.html",
        campaign=found,
        places=offer_queries.places(session, scope, campaign_id),
        codes=offer_queries.codes(session, scope, campaign_id=campaign_id),
        applications=offer_queries.applications(session, scope, campaign_id),
        title=titles(session, scope)[found.course_id],
        today=clock.today(found.country),
        countries=country_names(),
        form=ButtonForm(),
        trouble=trouble,
    )


def _save(known: Campaign | None, form: CampaignForm) -> str | AnyResponse | Response:
    session, scope = current_session(), house_scope()
    form.course.choices = [SelectChoice(course_id, title) for course_id, title in titles(session, scope).items()]
    if form.validate_on_submit():
        if (form.duty_share.data is None) != (form.duty_months.data is None):
            form.duty_share.errors = [_("Fill in both fields about the feedback, or none.")]
        else:
            try:
                saved = save_campaign(
                    session,
                    scope=scope,
                    campaign_id=known.id if known else None,
                    terms=_terms(form),
                    by_id=current_person().id,
                )
            except errors.LastDayBeforeFirst:
                form.ends_on.errors = [_("The last day lies before the first. Choose a later one.")]
            except errors.CampaignInUse:
                form.starts_on.errors = [_("Orders hold places already: country, first day and places stay.")]
            else:
                flash(_("The campaign is saved."))
                return redirect(url_for("owner.campaign", campaign_id=saved.id), 303)
    page = sales_page("campaign-form.html", form=form, campaign=known)
    return refused(page) if form.errors else page


def _terms(form: CampaignForm) -> CampaignTerms:
    return CampaignTerms(
        course_id=form.course.data,
        name=form.name.data,
        text=form.text.data or "",
        country=form.country.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        has_places=form.has_places.data,
        is_public=form.is_public.data,
        duty_share=form.duty_share.data,
        duty_months=form.duty_months.data,
    )


def _shown(known: Campaign) -> dict[str, Any]:
    names = ("name", "text", "country", "starts_on", "ends_on", "is_public", "duty_share", "duty_months")
    return {name: getattr(known, name) for name in names} | {
        "course": known.course_id,
        "has_places": bool(known.places),
    }
