"""Quotes: a price in writing for whoever asks, on a page of its own."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.billing import buyer_queries, price_panel
from elearn.billing.code_tries import try_code
from elearn.billing.einvoice import quote_pdf
from elearn.billing.forms import QuoteForm
from elearn.billing.models import Quote, Seller
from elearn.billing.municipality_choice import Choice
from elearn.billing.price_panel import too_many_codes
from elearn.billing.refusals import refusal
from elearn.billing.services.pricing_orders import CURRENCIES, Asked, current_price
from elearn.billing.services.quotes import make_quote
from elearn.billing.views import bp
from elearn.billing.views.shop import course_for_sale, download
from elearn.catalogue.content import Content
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.errors import DomainError, TooManyAttempts
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.core.tokens import random_token
from elearn.organisations.models import Municipality
from elearn.web import access
from elearn.web.session import afterwards, current_session, installation

QUOTES_PER_SENDER = Limit("billing.quote.sender", attempts=60, window_s=900)
DRAWINGS_PER_SENDER = Limit("billing.quote.drawings", attempts=60, window_s=3600)


@bp.route("/courses/<slug>/quote", methods=["GET", "POST"])
@access.anyone
def ask_for_quote(slug: str) -> Response | AnyResponse:
    """Ask who wants a price in writing, and make it."""
    course = course_for_sale(slug)
    person_id = current_person().id if current_user.is_authenticated else None
    choice = Choice(current_session(), house_id=course.course_house_id, person_id=person_id)
    form = QuoteForm() if request.method == "POST" else QuoteForm(formdata=None, data=_known())
    municipality = _found(form, choice)
    _offer_terms(form, course, municipality)
    if request.method == "POST":
        quote = _make(form, course, municipality, choice)
        if quote is not None:
            return redirect(url_for("billing.quote", quote_code=quote.code), 303)
    page = _render("billing/ask-for-quote.html", course, form=form, names=choice.names(set(CURRENCIES)))
    return make_response(page, 422 if form.errors else 200)


@bp.get("/quotes/<quote_code>")
@access.anyone
def quote(quote_code: str) -> str:
    """Show a quote to whoever has its address."""
    found = buyer_queries.quote_by_code(current_session(), quote_code)
    ordered_at = buyer_queries.ordered_on(current_session(), found)
    return _render("billing/quote.html", found.course, quote=found, again=_again(found), ordered_at=ordered_at)


@bp.get("/quotes/<quote_code>/pdf")
@access.anyone
def quote_as_pdf(quote_code: str) -> Response:
    """Download a quote as paper."""
    sender = request.remote_addr or ""
    check_attempts(current_session(), DRAWINGS_PER_SENDER, sender)
    found = buyer_queries.quote_by_code(current_session(), quote_code)
    afterwards(lambda session: count_attempt(session, DRAWINGS_PER_SENDER, sender))
    page = installation().settings.public_url + url_for("billing.quote", quote_code=quote_code)
    seller = current_session().get_one(Seller, found.course_house_id)
    return download(quote_pdf.render(found, seller=seller, page=page), "application/pdf", f"quote-{found.id}.pdf")


def _known() -> dict[str, object]:
    known: dict[str, object] = {
        "seats": request.args.get("seats", price_panel.USUAL_SEATS, type=int),
        "months": request.args.get("months", type=int),
        "code": request.args.get("code", ""),
        "municipality": request.args.get("municipality", ""),
        "form_key": random_token(),
    }
    if current_user.is_authenticated:
        known |= {"name": current_person().name, "email": current_person().address}
    return known


def _found(form: QuoteForm, choice: Choice) -> Municipality | None:
    try:
        return choice.find(form.municipality.data) if form.municipality.data else None
    except DomainError:
        return None


def _offer_terms(form: QuoteForm, course: Course, municipality: Municipality | None) -> None:
    country = municipality.country if municipality else course.course_house.country
    price = current_price(current_session(), course_id=course.id, currency=CURRENCIES[country], on=clock.today(country))
    form.offer_terms(price.offer.terms_months if price else (12,))


def _make(form: QuoteForm, course: Course, municipality: Municipality | None, choice: Choice) -> Quote | None:
    """Make the quote, or put every refusal beside its field."""
    session, is_right = current_session(), form.validate()
    if is_right:
        count_attempt(session, QUOTES_PER_SENDER, request.remote_addr or "")
    try:
        if form.municipality.data and municipality is None:
            choice.find(form.municipality.data)
        if not is_right or municipality is None:
            return None
        if form.code.data:
            try_code(form.code.data)
        return make_quote(
            session,
            course=course,
            municipality=municipality,
            asked=Asked(form.seats.data, form.months.data, form.code.data or ""),
            name=form.name.data,
            email=form.email.data,
            language=language(),
            form_key=form.form_key.data,
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    except TooManyAttempts as refused:
        form.code.errors = [too_many_codes(refused)]
    except DomainError as refused:
        told = refusal(refused)
        form[told.field].errors = [told.sentence]
    return None


def _again(found: Quote) -> str:
    """Return the address where the same seats are priced anew."""
    return url_for(
        "billing.course",
        slug=found.course.slug,
        seats=found.seats,
        months=found.months,
        municipality=Choice(current_session()).written(found.municipality),
        _anchor="price",
    )


def _render(template: str, course: Course, **shown: object) -> str:
    assert course.current_version is not None
    return render_template(
        template,
        course=course,
        content=Content(course.current_version.content),
        house=course.course_house,
        spoken=language(),
        **shown,
    )
