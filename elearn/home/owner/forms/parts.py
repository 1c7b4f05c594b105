"""The parts of a draft, one at a time: sections and questions are written, moved, copied and removed."""

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.catalogue.new_ids import new_id
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.feedback import drafts
from elearn.feedback.drafts import Content, Part
from elearn.feedback.services import editing
from elearn.feedback.words import say
from elearn.home.owner.forms.drafts import Desk, desk
from elearn.home.owner.forms.fields import has_needed_words, is_good, leaves, section_form, section_said
from elearn.home.owner.forms.pages import forms_page, refused
from elearn.home.owner.forms.question_fields import PARTED, is_whole, question_form, question_said
from elearn.home.owner.forms.words import TYPES
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner
from elearn.web.session import current_session

MOST_SECTIONS, MOST_QUESTIONS = 20, 50


@bp.route("/form-drafts/<int:draft_id>/sections/new", methods=["GET", "POST"])
@owner
def new_form_section(draft_id: int) -> str | AnyResponse | Response:
    """Add a section."""
    return _write_section(desk(draft_id, to_change=True), None)


@bp.route("/form-drafts/<int:draft_id>/sections/<section_key>", methods=["GET", "POST"])
@owner
def form_section(draft_id: int, section_key: str) -> str | AnyResponse | Response:
    """Change a section's words and level."""
    return _write_section(desk(draft_id, to_change=True), section_key)


@bp.route("/form-drafts/<int:draft_id>/sections/<section_key>/questions/new", methods=["GET", "POST"])
@owner
def new_form_question(draft_id: int, section_key: str) -> str | AnyResponse | Response:
    """Add a question of a type to a section."""
    at = desk(draft_id, to_change=True)
    kind = request.args.get("type", "scale")
    if kind not in TYPES or len(drafts.section(at.draft.content, section_key)["questions"]) >= MOST_QUESTIONS:
        raise NotFound("no such type of question, or no room for one")
    return _write_question(at, kind, None, section_key)


@bp.route("/form-drafts/<int:draft_id>/questions/<question_key>", methods=["GET", "POST"])
@owner
def form_question(draft_id: int, question_key: str) -> str | AnyResponse | Response:
    """Change a question."""
    at = desk(draft_id, to_change=True)
    return _write_question(at, drafts.question(at.draft.content, question_key)["type"], question_key, None)


@bp.post("/form-drafts/<int:draft_id>/copy")
@owner
def copy_form_question(draft_id: int) -> AnyResponse:
    """Ask a question of another form here, too, under the same id: so the two are compared."""
    at = desk(draft_id, to_change=True)
    form_key, _parted, key = request.form.get("question", "").partition(PARTED)
    source = next((form for form in at.others if form.id == form_key), None)
    question = source.question(key) if source else None
    if question is None or key in drafts.question_ids(at.draft.content):
        raise NotFound("no such question to copy")
    said = question.model_copy(update={"show_if": None}).model_dump(mode="json")
    content = drafts.with_question(at.draft.content, None, said, section_key=request.form.get("section", ""))
    return _keep(at, content, f"question-{key}")


@bp.post("/form-drafts/<int:draft_id>/move")
@owner
def move_form_part(draft_id: int) -> AnyResponse:
    """Move a section or a question one place up or down."""
    at = desk(draft_id, to_change=True)
    key, what = request.form.get("key", ""), request.form.get("what", "")
    if what not in list(Part):
        raise NotFound("nothing of that name moves")
    content = drafts.moved(at.draft.content, Part(what), key, up=request.form.get("to") == "up")
    return _keep(at, content, f"{what}-{key}")


@bp.route("/form-drafts/<int:draft_id>/sections/<section_key>/remove", methods=["GET", "POST"])
@owner
def remove_form_section(draft_id: int, section_key: str) -> str | AnyResponse:
    """Remove a section with its questions, once it has been asked whether to; the last one stays."""
    at = desk(draft_id, to_change=True)
    section = drafts.section(at.draft.content, section_key)
    if len(drafts.sections(at.draft.content)) < 2:
        raise NotFound("a form has a section")
    if request.method == "POST":
        return _keep(at, drafts.without(at.draft.content, Part.SECTION, section_key))
    words = str(say(section["title"], language()))
    return forms_page("remove.html", at=at, words=words, questions=section["questions"], what=Part.SECTION)


@bp.route("/form-drafts/<int:draft_id>/questions/<question_key>/remove", methods=["GET", "POST"])
@owner
def remove_form_question(draft_id: int, question_key: str) -> str | AnyResponse:
    """Remove a question, once it has been asked whether to."""
    at = desk(draft_id, to_change=True)
    question = drafts.question(at.draft.content, question_key)
    if request.method == "POST":
        return _keep(at, drafts.without(at.draft.content, Part.QUESTION, question_key))
    words = str(say(question["text"], language()))
    return forms_page("remove.html", at=at, words=words, questions=[], what=Part.QUESTION)


def _write_section(at: Desk, key: str | None) -> str | AnyResponse | Response:
    content = at.draft.content
    if key is None and len(drafts.sections(content)) >= MOST_SECTIONS:
        raise NotFound("no room for another section")
    form = section_form(at.languages, drafts.section(content, key) if key else None)
    if is_good(form, has_needed_words, at.languages):
        return _keep(at, drafts.with_section(content, key, section_said(form)), f"section-{key}" if key else None)
    page = forms_page("section.html", at=at, form=form, leaves=list(leaves(form)), key=key)
    return refused(page) if form.is_submitted() else page


def _write_question(at: Desk, kind: str, key: str | None, section_key: str | None) -> str | AnyResponse | Response:
    content = at.draft.content
    known = drafts.question(content, key) if key else None
    earlier = [each for each in drafts.questions_before(content, key, section_key) if each.offers()]
    form = question_form(kind, at.languages, known=known, earlier=earlier)
    if key is not None:
        del form.key
    if is_good(form, is_whole, at.languages):
        new_key = key or _free_id(form, content)
        if new_key is not None:
            said = question_said(form, kind, new_key)
            return _keep(at, drafts.with_question(content, key, said, section_key=section_key), f"question-{new_key}")
    page = forms_page("question.html", at=at, form=form, leaves=list(leaves(form)), kind=kind, key=key, earlier=earlier)
    return refused(page) if form.is_submitted() else page


def _free_id(form: Any, content: Content) -> str | None:
    """Return the id that a new question gets: the one written, if it is free, or one made of its words."""
    taken = drafts.question_ids(content)
    wanted = form.key
    if wanted.data in taken:
        wanted.errors = [_("Another question of this form has this id. Write another one.")]
        return None
    text = form.text.form.data
    return wanted.data or new_id(next(words for words in text.values() if words), taken)


def _keep(at: Desk, content: Content, anchor: str | None = None) -> AnyResponse:
    editing.change_draft(current_session(), draft=at.draft, content=content)
    return redirect(url_for("owner.form_draft", draft_id=at.draft.id, _anchor=anchor), 303)
