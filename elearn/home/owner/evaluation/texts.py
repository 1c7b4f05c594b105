"""Free texts as the owner reads them: filtered, approved or hidden, with a passage taken out, told by themes."""

from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core import audit
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.evaluation import texts
from elearn.evaluation.errors import PassageNotFound
from elearn.evaluation.forms import RedactForm
from elearn.evaluation.queries import published_results
from elearn.evaluation.services import moderating
from elearn.evaluation.texts import WantedTexts
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import TextState
from elearn.feedback.words import say
from elearn.home.lists import page_number
from elearn.home.owner.evaluation.pages import evaluation_page, find
from elearn.home.owner.pages import bp
from elearn.organisations.access import house_scope, owner
from elearn.web.forms import ButtonForm
from elearn.web.session import afterwards, current_session

READ = audit.kind("evaluation.texts.read", "round_id", "page")
READ_ONE = audit.kind("evaluation.text.read", "round_id", "text_id")
NARROWS = ("question", "theme", "state", "quotable")


@bp.get("/evaluation/<int:round_id>/texts")
@owner
def evaluation_texts(round_id: int) -> str:
    """Show the texts that are out. Who read them is noted."""
    round_, course = find(round_id)
    session, scope, wanted = current_session(), house_scope(), wanted_texts()
    shown = texts.texts(session, scope, round_id, wanted, number=page_number())
    questions = texts.questions_with_texts(session, scope, round_id)
    forms = {form.id: form for form in published_results(session, scope, round_id).forms}
    _note_reading(READ, round_id=round_id, page=shown.number)
    return evaluation_page(
        "texts.html",
        round_,
        course,
        texts=shown,
        questions=questions,
        asked={(each.form.id, each.question): _asked(forms.get(each.form.key), each.question) for each in questions},
        themes=texts.themes(session, scope, round_id),
        wanted=wanted,
        query=query(),
    )


@bp.route("/evaluation/<int:round_id>/texts/<text_id>", methods=["GET", "POST"])
@owner
def evaluation_text(round_id: int, text_id: str) -> str | AnyResponse | Response:
    """Show one text with all that can be done with it; taking a passage out is sent here."""
    round_, course = find(round_id)
    session, scope = current_session(), house_scope()
    text, form = texts.find_text(session, scope, round_id, text_id), RedactForm()
    if request.method == "GET":
        _note_reading(READ_ONE, round_id=round_id, text_id=text_id)
    if form.validate_on_submit():
        try:
            moderating.redact(session, round_=round_, text=text, passage=form.passage.data, by=current_person())
        except PassageNotFound:
            form.passage.errors = [_("The text does not hold these words. Copy them exactly as they stand.")]
        else:
            flash(_("The passage is gone, also from what we keep."))
            return redirect(url_for("owner.evaluation_text", round_id=round_id, text_id=text_id), 303)
    page = evaluation_page(
        "text.html", round_, course, text=text, form=form, themes=texts.themes(session, scope, round_id)
    )
    return make_response(page, 422) if form.errors else page


@bp.post("/evaluation/<int:round_id>/texts/<text_id>/state")
@owner
def set_text_state(round_id: int, text_id: str) -> AnyResponse:
    """Approve a text, hide it, or take either back."""
    round_, _course = find(round_id)
    session = current_session()
    text = texts.find_text(session, house_scope(), round_id, text_id)
    if ButtonForm().validate() and (state := request.form.get("state")) in list(TextState):
        moderating.set_state(session, round_=round_, text=text, state=TextState(state), by=current_person())
    return _back(round_id, text_id)


@bp.post("/evaluation/<int:round_id>/texts/<text_id>/themes")
@owner
def set_text_theme(round_id: int, text_id: str) -> AnyResponse:
    """Say what a text is about: a theme of the course, or a new one; or no longer."""
    round_, _course = find(round_id)
    session, scope, by = current_session(), house_scope(), current_person()
    text = texts.find_text(session, scope, round_id, text_id)
    name = request.form.get("name", "").strip()[: moderating.LONGEST_THEME]
    theme_id = request.form.get("theme", type=int)
    if name:
        theme = moderating.make_theme(session, round_=round_, name=name, by=by)
        moderating.set_about(session, round_=round_, text=text, theme=theme, is_about=True, by=by)
    elif theme_id is not None:
        theme = texts.find_theme(session, scope, round_id, theme_id)
        is_about = request.form.get("about") == "yes"
        moderating.set_about(session, round_=round_, text=text, theme=theme, is_about=is_about, by=by)
    return _back(round_id, text_id)


def wanted_texts() -> WantedTexts:
    """Return which texts are asked for; what we do not know narrows nothing."""
    state = request.args.get("state")
    form_id, _dot, question = request.args.get("question", "").partition(".")
    return WantedTexts(
        form_id=int(form_id) if form_id.isdecimal() and len(form_id) < 10 else None,
        question=question,
        theme_id=request.args.get("theme", type=int),
        state=TextState(state) if state in list(TextState) else None,
        quotable=request.args.get("quotable") == "1",
    )


def query() -> dict[str, str]:
    """Return what narrows the list, for links that keep it."""
    return {name: request.args[name] for name in NARROWS if request.args.get(name)}


def _back(round_id: int, text_id: str) -> AnyResponse:
    """Return to the list where the button stood in it, else to the text's own page."""
    if request.form.get("from") == "list":
        kept: dict[str, Any] = {name: request.form.get(f"kept_{name}") or None for name in (*NARROWS, "page")}
        return redirect(url_for("owner.evaluation_texts", round_id=round_id, **kept) + f"#t-{text_id}", 303)
    return redirect(url_for("owner.evaluation_text", round_id=round_id, text_id=text_id), 303)


def _asked(form: FormFile | None, question: str) -> str:
    found = form.question(question) if form else None
    return str(say(found.text, language())) if found else question


def _note_reading(what: audit.Kind, **told: Any) -> None:
    scope = house_scope()

    def note(session: Session) -> None:
        audit.record(session, what, actor_id=scope.person_id, course_house_id=scope.course_house_id, **told)

    afterwards(note)
