"""Deleting one's own account."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.addresses import normalise
from elearn.accounts.signing import current_person, forget_browser, lacks_second_step
from elearn.core.i18n import gettext as _
from elearn.core.limits import Limit, count_attempt
from elearn.organisations.access import person_scope
from elearn.personal_data import erasure
from elearn.personal_data.forms import DeleteForm
from elearn.personal_data.views import bp
from elearn.web import access
from elearn.web.session import current_session, installation

DELETIONS = Limit("my_data.delete", attempts=10, window_s=3600)


@bp.get("/learn/my-data/delete")
@access.signed_in
def delete_account() -> str | AnyResponse:
    """Say what goes, what stays and that it cannot be undone, before anything happens."""
    return _second_step() or _page(DeleteForm(formdata=None))


@bp.post("/learn/my-data/delete")
@access.signed_in
def delete_account_now() -> str | AnyResponse:
    """Delete the account, once the address has been written and nobody is left without a buyer or owner."""
    if (asked := _second_step()) is not None:
        return asked
    session, scope = current_session(), person_scope()
    count_attempt(session, DELETIONS, str(scope.person_id))
    form = DeleteForm()
    if not form.validate_on_submit():
        return _page(form)
    if normalise(form.address.data) not in {email.normalised for email in current_person().addresses}:
        form.address.errors = [_("This is not your address here. Write %(address)s.", address=current_person().address)]
        return _page(form)
    if erasure.places_alone(session, scope):
        return _page(form)
    erasure.delete_account(session, installation().tokens, scope)
    forget_browser()
    response = redirect(url_for("personal_data.account_deleted"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/account-deleted")
@access.anyone
def account_deleted() -> Response:
    """Say that it is done."""
    return make_response(render_template("personal_data/account-deleted.html"))


def _second_step() -> AnyResponse | None:
    """Ask whoever has a second factor for it: a stolen password deletes no account."""
    if not lacks_second_step():
        return None
    if request.method != "GET":
        flash(_("Show that it is you first. Then carry on here."))
    return redirect(url_for("accounts.second_step", next=url_for("personal_data.delete_account")), 303)


def _page(form: DeleteForm) -> str:
    return render_template(
        "personal_data/delete-account.html",
        nav="data",
        person=current_person(),
        alone=erasure.places_alone(current_session(), person_scope()),
        form=form,
    )
