"""Tokens by which the municipality's HR system uses the API: shown once, revoked at once."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.home.buyer.pages import bp
from elearn.organisations import queries, services
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.forms import TokenForm
from elearn.organisations.models import TokenScope
from elearn.web.session import current_session


@bp.get("/settings/tokens")
@buyer
def tokens(municipality_id: int) -> str:
    """List the tokens that work, with the day each was last used."""
    return _page(TokenForm(formdata=None))


@bp.post("/settings/tokens")
@buyer
def make_token(municipality_id: int) -> str | Response:
    """Make a token and show it, this once: it is stored nowhere, so no later page could."""
    form = TokenForm()
    if not form.validate_on_submit():
        return make_response(_page(form), 422)
    token, secret = services.make_token(
        current_session(),
        scope=municipality_scope(),
        name=form.name.data,
        scopes=[TokenScope(word) for word in form.scopes.data],
        by_id=current_person().id,
    )
    return render_template("buyer/token.html", token=token, secret=secret)


@bp.post("/settings/tokens/<int:token_id>/revoke")
@buyer
def revoke_token(municipality_id: int, token_id: int) -> AnyResponse:
    """End a token at once."""
    services.revoke_token(current_session(), scope=municipality_scope(), token_id=token_id, by_id=current_person().id)
    flash(_("The token no longer works."))
    return redirect(url_for("buyer.tokens"), 303)


def _page(form: TokenForm) -> str:
    found = queries.api_tokens(current_session(), municipality_scope())
    return render_template("buyer/tokens.html", form=form, tokens=found, labels=dict(_labels(form)))


def _labels(form: TokenForm) -> list[tuple[str, str]]:
    return [(str(choice.value), str(choice.label)) for choice in form.scopes.choices]
