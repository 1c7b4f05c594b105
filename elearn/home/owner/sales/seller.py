"""The house as a seller: all that its invoices have to say."""

from dataclasses import fields
from typing import Any

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.billing import errors, offer_queries
from elearn.billing.einvoice import rules
from elearn.billing.einvoice.delivery import webhook_secret
from elearn.billing.models import Delivery, SeatsFollow, Seller
from elearn.billing.selling_forms import SellerForm
from elearn.billing.services.selling import SellerTerms, has_series_begun, save_seller
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house
from elearn.home.owner.sales.pages import refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid
from elearn.organisations.number_words import wrong_org_number
from elearn.web.session import current_session, installation


@bp.route("/seller", methods=["GET", "POST"])
@owner
def seller() -> str | AnyResponse | Response:
    """Show and change who sells."""
    session, scope = current_session(), house_scope()
    known = offer_queries.seller(session, scope)
    form = SellerForm(**(_shown(known) if known else _suggested()))
    if form.validate_on_submit():
        try:
            save_seller(session, scope=scope, terms=_terms(form), by_id=current_person().id)
        except REFUSALS as wrong:
            _say(form, wrong)
        else:
            flash(_("Saved. Invoices that are made from now on say this; those made before stay as they are."))
            return redirect(url_for("owner.seller"), 303)
    page = sales_page(
        "seller.html",
        form=form,
        is_new=known is None,
        has_begun=known is not None and has_series_begun(session, scope),
        country=house().country,
        release=rules.release(),
        webhook_secret=webhook_secret(installation().tokens, scope.course_house_id)
        if known is not None and known.delivery == Delivery.WEBHOOK
        else None,
    )
    return refused(page) if form.errors else page


REFUSALS = (
    NumberHasOtherLength,
    NumberNotValid,
    NotAnAddress,
    errors.BankAccountNotValid,
    errors.BicNotValid,
    errors.PrefixNotValid,
    errors.TargetNotValid,
    errors.SeriesBegun,
)


def _say(form: SellerForm, wrong: Exception) -> None:
    """Put what is wrong beside its field."""
    match wrong:
        case NumberHasOtherLength() | NumberNotValid():
            form.org_number.errors = [wrong_org_number(wrong, house().country)]
        case NotAnAddress():
            form.contact_email.errors = [_("Write the whole address, such as name@coursehouse.dk.")]
        case errors.BankAccountNotValid():
            form.bank_account.errors = [_account_wanted()]
        case errors.BicNotValid():
            form.bic.errors = [_("This is no BIC. It has 8 or 11 letters and digits, such as NDEADKKK.")]
        case errors.PrefixNotValid():
            form.serial_prefix.errors = [_("Write at most ten letters, digits, or - / . without spaces.")]
        case errors.TargetNotValid():
            form.delivery_target.errors = [_target_wanted(wrong.how)]
        case errors.SeriesBegun():
            form.first_number.errors = [
                _("Numbers have been given out: the series goes on without a gap, and cannot begin elsewhere.")
            ]


def _account_wanted() -> str:
    if house().country == "NO":
        return _("Write the 11 digits of a Norwegian account, or an IBAN. The digits do not fit together.")
    return _("Write the bank's 4 digits and the account's at most 10, or an IBAN without the 4 digits.")


def _target_wanted(how: str) -> str:
    sentences = {
        Delivery.EMAIL: _("Write the email address that the e-invoices go to."),
        Delivery.FOLDER: _("Write the folder's name: letters, digits, - and _, no path."),
        Delivery.WEBHOOK: _("Write an address that begins with https://."),
    }
    return sentences[Delivery(how)]


def _terms(form: SellerForm) -> SellerTerms:
    told: dict[str, Any] = {field.name: form[field.name].data for field in fields(SellerTerms)}
    told |= {
        "seats_follow": SeatsFollow(form.seats_follow.data),
        "delivery": Delivery(form.delivery.data),
        "terms": form.terms.data or "",
    }
    told = {name: "" if value is None else value for name, value in told.items()}
    return SellerTerms(**told)


def _shown(known: Seller) -> dict[str, Any]:
    values = {field.name: getattr(known, field.name) for field in fields(SellerTerms) if field.name != "first_number"}
    return {**values, "first_number": known.next_serial}


def _suggested() -> dict[str, Any]:
    return {
        "legal_name": house().name,
        "org_number": house().org_number or "",
        "is_vat_registered": True,
        "contact_name": current_person().name,
        "contact_email": house().email,
        "first_number": 1001,
        "payment_days": 30,
        "quote_days": 60,
    }
