"""The mail domains whose orders are taken at once, on a customer's page."""

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import queries
from elearn.billing.selling_forms import DomainForm
from elearn.billing.services.trusted_domains import add_domain, remove_domain
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp
from elearn.home.owner.sales.pages import anybodys, refused, sales_page
from elearn.licensing.customers import customer as find_customer
from elearn.licensing.errors import NotADomain, PublicDomain
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.route("/municipalities/<int:municipality_id>/domains", methods=["GET", "POST"])
@owner
def domains(municipality_id: int) -> str | AnyResponse | Response:
    """List a customer's trusted mail domains, and add one."""
    session, scope = current_session(), house_scope()
    customer = find_customer(session, scope, municipality_id)
    form = DomainForm()
    if form.validate_on_submit():
        try:
            added = add_domain(
                session,
                scope=scope,
                municipality_id=customer.id,
                domain=form.domain.data,
                by_id=current_person().id,
            )
        except NotADomain:
            form.domain.errors = [_("Write a domain, such as favrskov.dk.")]
        except PublicDomain as public:
            form.domain.errors = [anybodys(public)]
        else:
            flash(_("Orders from @%(domain)s are taken at once from now on.", domain=added.domain))
            return redirect(url_for("owner.domains", municipality_id=customer.id), 303)
    page = sales_page(
        "domains.html",
        customer=customer,
        domains=queries.trusted_domains(session, scope, customer.id),
        form=form,
    )
    return refused(page) if form.errors else page


@bp.post("/municipalities/<int:municipality_id>/domains/remove")
@owner
def drop_domain(municipality_id: int) -> AnyResponse:
    """Let orders from a domain wait again."""
    session, scope = current_session(), house_scope()
    customer = find_customer(session, scope, municipality_id)
    domain = request.form.get("domain", "")
    remove_domain(session, scope=scope, municipality_id=customer.id, domain=domain, by_id=current_person().id)
    flash(_("Orders from this domain wait for your answer again."))
    return redirect(url_for("owner.domains", municipality_id=customer.id), 303)
