"""The public page of a campaign: the offer in words and figures, free places, and the way to apply."""

from dataclasses import dataclass, replace

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.billing import buyer_queries
from elearn.billing.errors import CampaignClosed
from elearn.billing.forms import ApplicationForm
from elearn.billing.models import Campaign, DiscountCode, Seller
from elearn.billing.municipality_choice import Choice
from elearn.billing.price_panel import USUAL_SEATS
from elearn.billing.pricing import Quote, quote
from elearn.billing.refusals import refusal
from elearn.billing.services.applications import apply, is_open
from elearn.billing.services.pricing_orders import CURRENCIES, current_price
from elearn.billing.vat import vat_for
from elearn.billing.views import bp
from elearn.catalogue.content import Content
from elearn.catalogue.markdown import render as render_markdown
from elearn.core import clock
from elearn.core.errors import DomainError
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.limits import Limit, count_attempt
from elearn.core.tokens import random_token
from elearn.web import access
from elearn.web.session import current_session

APPLICATIONS_PER_SENDER = Limit("billing.campaign.sender", attempts=20, window_s=900)


@dataclass(frozen=True)
class Offer:
    """What the campaign gives: its code's terms on the usual size, and what that costs."""

    code: DiscountCode
    seats: int
    months: int
    quote: Quote


@bp.get("/campaigns/<campaign_slug>")
@access.anyone
def campaign(campaign_slug: str) -> str:
    """Show what a campaign offers and asks, and which places are free."""
    found = buyer_queries.public_campaign(current_session(), campaign_slug)
    return _page(found, ApplicationForm(formdata=None, form_key=random_token()))


@bp.post("/campaigns/<campaign_slug>")
@access.anyone
def apply_for_place(campaign_slug: str) -> Response | AnyResponse:
    """Take a municipality's application."""
    session = current_session()
    found = buyer_queries.public_campaign(session, campaign_slug)
    form = ApplicationForm()
    if form.validate_on_submit():
        count_attempt(session, APPLICATIONS_PER_SENDER, request.remote_addr or "")
        try:
            municipality = Choice(session).find(form.municipality.data)
            apply(
                session,
                campaign=found,
                municipality=municipality,
                name=form.name.data,
                email=form.email.data,
                phone=form.phone.data or "",
                message=form.message.data or "",
                language=language(),
                form_key=form.form_key.data,
            )
        except NotAnAddress:
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        except CampaignClosed:
            form.municipality.errors = [_closed(found)]
        except DomainError as refused:
            form.municipality.errors = [refusal(refused).sentence]
        else:
            flash(_("Thank you. The course house reads your application and writes to you."))
            return redirect(url_for("billing.campaign", campaign_slug=campaign_slug), 303)
    return make_response(_page(found, form), 422)


def _page(found: Campaign, form: ApplicationForm) -> str:
    session = current_session()
    version = found.course.current_version
    assert version is not None
    taken = buyer_queries.taken_places(session, found.id)
    return render_template(
        "billing/campaign.html",
        campaign=found,
        form=form,
        offer=_offer(found),
        places=[(place.name, place.id in taken) for place in found.places],
        is_open=is_open(found),
        has_begun=found.starts_on <= clock.today(found.country),
        text=render_markdown(found.text, 2) if found.text else "",
        names=Choice(session).names({found.country}),
        content=Content(version.content),
        house=found.course.course_house,
        spoken=language(),
    )


def _offer(found: Campaign) -> Offer | None:
    """Return what the campaign's code comes to on its own number of seats, or None where that cannot be said."""
    session, on = current_session(), max(found.starts_on, clock.today(found.country))
    code = next((each for each in found.codes if each.municipality_id is None and each.holds_on(on)), None)
    seller = session.get(Seller, found.course_house_id)
    price = current_price(session, course_id=found.course_id, currency=CURRENCIES[found.country], on=on)
    if code is None or seller is None or price is None:
        return None
    vat = vat_for(session, seller=seller, course_id=found.course_id, buyer_country=found.country, on=on)
    if vat is None or code.currency not in (None, price.currency):
        return None
    seats, months = code.min_seats or code.max_seats or USUAL_SEATS, price.offer.terms_months[0]
    unnamed = replace(code.discount, code="")  # the code itself is for those who are chosen
    try:
        priced = quote(price.offer, seats=seats, months=months, vat=vat, discount=unnamed)
    except DomainError:
        return None
    return Offer(code, seats, months, priced)


def _closed(found: Campaign) -> str:
    if not is_open(found):
        return _("The campaign takes no applications now.")
    if found.country == "DK":
        return _("The campaign is for Danish municipalities.")
    return _("The campaign is for Norwegian municipalities.")
