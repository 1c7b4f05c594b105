"""A person's own notes: read, edit, delete. They need no seat; they stay the person's."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.learning import services
from elearn.learning.around import country_here
from elearn.learning.notebook import notebook
from elearn.learning.views import bp
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.session import current_session


@bp.get("/learn/notes")
@access.signed_in
def notes() -> str:
    """Show every note with its question."""
    found = notebook(current_session(), person_scope(), language())
    return render_template("learning/notes.html", nav="courses", modules=found, country=country_here())


@bp.post("/learn/modules/<int:module_id>/notes/<question>/delete")
@access.signed_in
def delete_note(module_id: int, question: str) -> Response:
    """Delete a note for good."""
    services.save_note(current_session(), person_scope(), module_id=module_id, question=question, text="")
    flash(_("The note is deleted."))
    return redirect(url_for("learning.notes"), 303)
