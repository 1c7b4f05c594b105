"""Which VAT buyers are charged: at home by the product's table, across the border only when somebody answers for it."""

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.signing import current_person
from elearn.billing import errors, offer_queries, pricing
from elearn.billing.selling_forms import VatForm
from elearn.billing.services.selling import sign_vat_rule
from elearn.billing.vat import domestic
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house, titles
from elearn.home.owner.sales.pages import country_names, refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.route("/vat", methods=["GET", "POST"])
@owner
def vat() -> str | AnyResponse | Response:
    """Show the VAT table, and sign a line of it off."""
    session, scope = current_session(), house_scope()
    titled = titles(session, scope)
    today = clock.today(house().country)
    form = VatForm(valid_from=today, buyer_country="NO" if house().country == "DK" else "DK")
    form.course.choices = [
        SelectChoice("", _("all courses")),
        *(SelectChoice(str(course_id), title) for course_id, title in titled.items()),
    ]
    if form.validate_on_submit():
        try:
            sign_vat_rule(
                session,
                scope=scope,
                course_id=int(form.course.data) if form.course.data else None,
                buyer_country=form.buyer_country.data,
                vat=pricing.Vat(pricing.VatCategory(form.category.data), form.rate.data or 0, form.reason.data or ""),
                valid_from=form.valid_from.data,
                by_id=current_person().id,
            )
        except errors.DayHasPassed:
            form.valid_from.errors = [_("This day has passed. It holds from today or a later day.")]
        except errors.VatRateMissing:
            form.rate.errors = [_("Write the rate in per cent, such as 25.")]
        except errors.VatReasonMissing:
            form.reason.errors = [_("Write the reason: the invoice has to state it.")]
        else:
            flash(_("Signed off. Orders from that day on carry this VAT."))
            return redirect(url_for("owner.vat"), 303)
    page = sales_page(
        "vat.html",
        form=form,
        rules=offer_queries.vat_rules(session, scope),
        home=[each for each in domestic() if each.country == house().country],
        countries=country_names(),
        across=[code for code in country_names() if code != house().country],
        categories={choice.value: choice.label for choice in form.category.choices},
        seller=offer_queries.seller(session, scope),
        titles=titled,
    )
    return refused(page) if form.errors else page
