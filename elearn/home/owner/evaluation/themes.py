"""The themes of a course's texts: called something else, made one, deleted."""

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.evaluation import texts
from elearn.evaluation.errors import ThemeTaken
from elearn.evaluation.forms import ThemeForm
from elearn.evaluation.services import moderating
from elearn.home.owner.evaluation.pages import evaluation_page, find
from elearn.home.owner.pages import bp
from elearn.organisations.access import house_scope, owner
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@bp.route("/evaluation/<int:round_id>/themes/<int:theme_id>", methods=["GET", "POST"])
@owner
def evaluation_theme(round_id: int, theme_id: int) -> str | AnyResponse | Response:
    """Show what can be done with a theme; its new name is sent here."""
    round_, course = find(round_id)
    session, scope = current_session(), house_scope()
    theme = texts.find_theme(session, scope, round_id, theme_id)
    form = ThemeForm(obj=theme)
    if form.validate_on_submit():
        try:
            moderating.rename_theme(session, round_=round_, theme=theme, name=form.name.data, by=current_person())
        except ThemeTaken:
            form.name.errors = [_("Another theme is called that. Make the two one, below.")]
        else:
            return redirect(url_for("owner.evaluation_texts", round_id=round_id), 303)
    others = [row for row in texts.themes(session, scope, round_id) if row.theme.id != theme.id]
    page = evaluation_page("theme.html", round_, course, theme=theme, form=form, others=others)
    return make_response(page, 422) if form.errors else page


@bp.post("/evaluation/<int:round_id>/themes/<int:theme_id>/merge")
@owner
def merge_theme(round_id: int, theme_id: int) -> AnyResponse:
    """Make a theme one with another."""
    round_, _course = find(round_id)
    session, scope = current_session(), house_scope()
    theme = texts.find_theme(session, scope, round_id, theme_id)
    into_id = request.form.get("into", type=int)
    if ButtonForm().validate() and into_id is not None:
        into = texts.find_theme(session, scope, round_id, into_id)
        moderating.merge_themes(session, round_=round_, theme=theme, into=into, by=current_person())
        flash(_("The two themes are one: %(name)s.", name=into.name))
    return redirect(url_for("owner.evaluation_texts", round_id=round_id), 303)


@bp.post("/evaluation/<int:round_id>/themes/<int:theme_id>/delete")
@owner
def delete_theme(round_id: int, theme_id: int) -> AnyResponse:
    """Delete a theme; the texts stay."""
    round_, _course = find(round_id)
    session = current_session()
    theme = texts.find_theme(session, house_scope(), round_id, theme_id)
    moderating.delete_theme(session, round_=round_, theme=theme, by=current_person())
    flash(_("The theme is deleted. The texts are still there."))
    return redirect(url_for("owner.evaluation_texts", round_id=round_id), 303)
