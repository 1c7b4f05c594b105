"""An order that was agreed on with a municipality: at a price of its own, entered by the owner."""

from flask import Response, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.signing import current_person
from elearn.billing import errors
from elearn.billing.models import Order, PayBy
from elearn.billing.selling_forms import AgreedForm
from elearn.billing.services.orders import Details
from elearn.billing.services.orders_by_hand import Agreed, agree_on_order
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope
from elearn.core.tokens import random_token
from elearn.home.owner.licences import MUNICIPALITIES, match_municipality, municipality_label
from elearn.home.owner.municipalities import LANGUAGE_OF
from elearn.home.owner.pages import bp, titles
from elearn.home.owner.sales.pages import refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid
from elearn.organisations.models import Municipality
from elearn.organisations.number_words import wrong_gln
from elearn.organisations.numbers import check_gln
from elearn.organisations.queries import search_municipalities
from elearn.web.session import current_session


@bp.route("/orders/new", methods=["GET", "POST"])
@owner
def agreed_order() -> str | AnyResponse | Response:
    """Enter an order at an agreed price; it is accepted at once."""
    session, scope = current_session(), house_scope()
    known = search_municipalities(session, scope, "", limit=MUNICIPALITIES)
    form = AgreedForm(form_key=random_token(), months=12)
    form.course.choices = [SelectChoice(course_id, title) for course_id, title in titles(session, scope).items()]
    if form.validate_on_submit():
        order = _agree(session, scope, form, match_municipality(None, form.municipality.data, known).found)
        if order is not None:
            flash(_("The order is entered and accepted."))
            return redirect(url_for("owner.order", order_id=order.id), 303)
    page = sales_page(
        "agreed-order.html", form=form, municipalities=[municipality_label(municipality) for municipality in known]
    )
    return refused(page) if form.errors else page


def _agree(session: Session, scope: HouseScope, form: AgreedForm, municipality: Municipality | None) -> Order | None:
    """Enter the order; None after saying what is wrong with it."""
    if municipality is None:
        form.municipality.errors = [_("Choose one municipality from the list.")]
        return None
    try:
        return agree_on_order(
            session,
            scope=scope,
            course_id=form.course.data,
            municipality=municipality,
            agreed=Agreed(form.seats.data, form.months.data, form.seat_price.data),
            details=Details(
                name=form.name.data,
                email=form.email.data,
                phone=form.phone.data or "",
                language=LANGUAGE_OF[municipality.country],
                pay_by=PayBy.INVOICE,
                gln=_gln(form, municipality),
                buyer_reference=form.buyer_reference.data or "",
                order_number=form.order_number.data or "",
            ),
            form_key=form.form_key.data,
            by_id=current_person().id,
        )
    except (NumberHasOtherLength, NumberNotValid) as wrong:
        form.gln.errors = [wrong_gln(wrong)]
    except errors.SellerIncomplete:
        form.seats.errors = [_("Fill in under Seller who sells, then enter the order.")]
    except errors.OnRequest:
        form.municipality.errors = [_("Sign off under VAT what buyers of this country are charged.")]
    except errors.OrderNumberMissing:
        form.order_number.errors = [_("Write the order number: the municipality wants one on every invoice.")]
    except errors.ReferenceMissing:
        form.buyer_reference.errors = [_("An e-invoice needs the buyer's reference or an order number.")]
    except errors.ReferenceHasOtherFormat as other:
        form.buyer_reference.errors = [_("This municipality writes references like %(wanted)s.", wanted=other.wanted)]
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    return None


def _gln(form: AgreedForm, municipality: Municipality) -> str:
    """Return where a Danish e-invoice goes; Norway's goes by the organisation number."""
    return check_gln(form.gln.data or "") if municipality.country == "DK" else ""
