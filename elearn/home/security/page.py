"""The page itself."""

from flask import render_template, request
from flask import session as cookie

from elearn.accounts import queries
from elearn.accounts.signing import current_person, current_sign_in
from elearn.home.security.blueprint import WANTED_PAGE, bp, memberships
from elearn.organisations.access import person_scope
from elearn.organisations.models import Role
from elearn.web import access
from elearn.web.links import safe_path
from elearn.web.session import current_session, installation


@bp.get("")
@access.signed_in
def page() -> str:
    """Show where a person is signed in, and how they sign in; an owner who lacks a second factor is told what to do."""
    if wanted := safe_path(request.args.get("next")):
        cookie[WANTED_PAGE] = wanted
    session, scope = current_session(), person_scope()
    roles = {membership.role for membership in memberships()}
    passkeys, has_app = queries.passkeys(session, scope), queries.has_app(session, scope)
    is_owner = Role.OWNER in roles and not installation().settings.demo
    return render_template(
        "security/page.html",
        person=current_person(),
        browsers=queries.open_sign_ins(session, scope),
        this=current_sign_in().id,
        country="NO" if current_person().language in ("nb", "nn") else "DK",
        may_add=bool(roles & {Role.OWNER, Role.BUYER}),
        passkeys=passkeys,
        has_app=has_app,
        must_add=is_owner and not passkeys and not has_app,
        is_owner=is_owner,
    )
