"""The way back: what was written since the last version is thrown away, if the owner wants that."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.catalogue import authoring
from elearn.catalogue.errors import FolderNotWritable
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.home.owner.editing.fields import ActForm
from elearn.home.owner.editing.pages import answer, editing_page, not_writable, published
from elearn.home.owner.folders import own_folder
from elearn.home.owner.pages import bp, house
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.route("/edit/<slug>/take-back", methods=["GET", "POST"])
@owner
def take_back_course(slug: str) -> str | AnyResponse | Response:
    """Make the course's files say again what learners see, once it has been asked whether to."""
    folder = own_folder(current_session(), house_scope(), slug)
    version = published(slug)
    if version is None:
        raise NotFound("nothing is published that one could go back to")
    form: Any = ActForm()
    if request.method == "POST":
        authoring.take_the_pen(current_session(), house())
        try:
            authoring.take_back(current_session(), house=house(), folder=folder, version=version, by=current_person())
        except FolderNotWritable:
            form.stopped = not_writable()
        else:
            flash(_("The course is again what version %(number)s says.", number=version.number))
            return redirect(url_for("owner.edit_course", slug=slug), 303)
    page = editing_page("take-back.html", form=form, slug=slug, version=version)
    return answer(page, form)
