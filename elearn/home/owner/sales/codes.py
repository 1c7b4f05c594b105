"""Discount codes: a new one, and switching one off."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.signing import current_person
from elearn.billing import errors, offer_queries
from elearn.billing.models import Campaign, DiscountCode, DiscountKind
from elearn.billing.selling_forms import CodeForm
from elearn.billing.services.campaigns import CodeTerms, save_code, switch_code_off
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope
from elearn.home.owner.licences import MUNICIPALITIES, match_municipality, municipality_label
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import Municipality
from elearn.organisations.queries import search_municipalities
from elearn.web.session import current_session


@bp.route("/codes/new", methods=["GET", "POST"])
@owner
def new_code() -> str | AnyResponse | Response:
    """Make a discount code, of a campaign or by itself."""
    session, scope = current_session(), house_scope()
    campaign_id = request.values.get("campaign", type=int)
    campaign = offer_queries.campaign(session, scope, campaign_id) if campaign_id is not None else None
    known = search_municipalities(session, scope, "", limit=MUNICIPALITIES)
    form = _form(session, scope, campaign)
    if form.validate_on_submit():
        made = _make(session, scope, form, campaign, known)
        if made is not None:
            flash(_("The code %(code)s is made.", code=made.code))
            if campaign is not None:
                return redirect(url_for("owner.campaign", campaign_id=campaign.id), 303)
            return redirect(url_for("owner.campaigns"), 303)
    page = sales_page(
        "new-code.html",
        form=form,
        campaign=campaign,
        municipalities=[municipality_label(municipality) for municipality in known],
    )
    return refused(page) if form.errors else page


@bp.post("/codes/<int:code_id>/off")
@owner
def code_off(code_id: int) -> AnyResponse:
    """Switch a code off."""
    code = switch_code_off(current_session(), scope=house_scope(), code_id=code_id, by_id=current_person().id)
    flash(_("The code %(code)s is switched off. Orders that used it keep their price.", code=code.code))
    if code.campaign_id is not None:
        return redirect(url_for("owner.campaign", campaign_id=code.campaign_id), 303)
    return redirect(url_for("owner.campaigns"), 303)


def _form(session: Session, scope: HouseScope, campaign: Campaign | None) -> CodeForm:
    form = CodeForm(**_suggested(campaign))
    form.course.choices = [
        SelectChoice("", _("all courses")),
        *(SelectChoice(str(course_id), title) for course_id, title in titles(session, scope).items()),
    ]
    form.region.choices = [
        SelectChoice("", _("any region")),
        *(SelectChoice(region.code, region.name) for region in offer_queries.regions(session, scope)),
    ]
    return form


def _make(
    session: Session, scope: HouseScope, form: CodeForm, campaign: Campaign | None, known: list[Municipality]
) -> DiscountCode | None:
    """Make the code; None after saying what is wrong with it."""
    municipality = None
    if form.municipality.data:
        municipality = match_municipality(None, form.municipality.data, known).found
        if municipality is None:
            form.municipality.errors = [_("Choose one municipality from the list.")]
            return None
    try:
        return save_code(
            session,
            scope=scope,
            campaign_id=campaign.id if campaign else None,
            terms=_terms(form, municipality),
            by_id=current_person().id,
        )
    except errors.CodeNotValid:
        form.code.errors = [_("Write 4 to 40 letters, digits or -, or leave the field empty.")]
    except errors.CodeTaken:
        form.code.errors = [_("You have a code of this name already.")]
    except errors.CodeValueNotValid:
        form.value.errors = [_("Write a share above 0 up to 100 per cent, or an amount above zero.")]
    except errors.CodeSizesNotValid:
        form.max_seats.errors = [_("The most seats are fewer than the fewest.")]
    except errors.LastDayBeforeFirst:
        form.valid_until.errors = [_("The last day lies before the first. Choose a later one.")]
    return None


def _terms(form: CodeForm, municipality: Municipality | None) -> CodeTerms:
    kind = DiscountKind(form.kind.data)
    return CodeTerms(
        kind=kind,
        value=form.value.data,
        currency=None if kind is DiscountKind.PERCENT else form.currency.data,
        valid_from=form.valid_from.data,
        valid_until=form.valid_until.data,
        code=form.code.data or "",
        course_ids=frozenset({int(form.course.data)} if form.course.data else ()),
        min_seats=form.min_seats.data,
        max_seats=form.max_seats.data,
        max_uses=form.max_uses.data,
        country=form.country.data or None,
        municipality_id=municipality.id if municipality else None,
        region_code=form.region.data or None,
    )


def _suggested(campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        return {"valid_from": clock.today(house().country), "currency": "NOK" if house().country == "NO" else "DKK"}
    return {
        "valid_from": campaign.starts_on,
        "valid_until": campaign.ends_on,
        "course": str(campaign.course_id),
        "max_uses": len(campaign.places) or None,
        "currency": "NOK" if campaign.country == "NO" else "DKK",
    }
