"""A form while the owner writes it: begun, looked over, published or thrown away."""

from dataclasses import dataclass

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.catalogue import queries as catalogue
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.feedback import drafts, form_queries
from elearn.feedback.drafts import Content
from elearn.feedback.errors import ComparedTooLate, FormExists, FormNotReady, QuestionChanged
from elearn.feedback.form_files import FormFile, Moment
from elearn.feedback.form_rules import Breach
from elearn.feedback.form_yaml import as_yaml
from elearn.feedback.models import FeedbackForm, FeedbackFormDraft
from elearn.feedback.questions import QuestionFile
from elearn.feedback.services import editing
from elearn.feedback.words import say
from elearn.home.owner.forms.fields import has_needed_words, head_form, head_said, is_good, leaves, new_form_said
from elearn.home.owner.forms.pages import course_languages, form_title, forms_page, refused, yaml_file
from elearn.home.owner.forms.words import sentence
from elearn.home.owner.pages import bp
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@dataclass(frozen=True)
class Desk:
    """A draft with what it is held against."""

    draft: FeedbackFormDraft
    published: FeedbackForm | None
    others: list[FormFile]
    languages: list[str]

    @property
    def title(self) -> str:
        """The draft's heading in the language spoken now."""
        return str(say(self.draft.content["title"], language()))


def desk(draft_id: int, *, to_change: bool = False) -> Desk:
    """Return a draft of the house. Raises `NotFound`."""
    session, scope = current_session(), house_scope()
    draft = form_queries.draft(session, scope, draft_id, to_change=to_change)
    return Desk(
        draft,
        form_queries.published_form(session, scope, draft.course_id, draft.key),
        list(form_queries.other_forms(session, scope, draft.course_id, draft.key)),
        course_languages(session, scope, draft.course_id),
    )


@bp.route("/courses/<int:course_id>/forms/new", methods=["GET", "POST"])
@owner
def new_form(course_id: int) -> str | AnyResponse | Response:
    """Begin a new form: whom it asks and when, and what stands above it."""
    session, scope = current_session(), house_scope()
    course = catalogue.course(session, scope, course_id)
    languages = course.content.languages
    known = form_queries.other_forms(session, scope, course_id, "")
    form = head_form(languages, None, [(each.id, form_title(each)) for each in known])
    if is_good(form, has_needed_words, languages):
        try:
            begun = editing.begin_form(session, course=session.get_one(Course, course_id), content=new_form_said(form))
        except FormExists:
            form.key.errors = [_("The course has a form with this id. Write another one.")]
        else:
            return redirect(url_for("owner.form_draft", draft_id=begun.id), 303)
    page = forms_page("new.html", course=course, form=form, leaves=list(leaves(form)))
    return refused(page) if form.is_submitted() else page


@bp.get("/form-drafts/<int:draft_id>")
@owner
def form_draft(draft_id: int) -> str:
    """Show a draft: its sections and questions, and what it still lacks."""
    return _draft_page(desk(draft_id))


@bp.route("/form-drafts/<int:draft_id>/heading", methods=["GET", "POST"])
@owner
def form_heading(draft_id: int) -> str | AnyResponse | Response:
    """Write what stands above a form's first question."""
    at = desk(draft_id, to_change=True)
    form = head_form(at.languages, at.draft.content)
    if at.draft.content["moment"] != Moment.BEFORE_START:
        del form.asks_first
    if is_good(form, has_needed_words, at.languages):
        content = drafts.with_head(at.draft.content, head_said(form))
        editing.change_draft(current_session(), draft=at.draft, content=content)
        return redirect(url_for("owner.form_draft", draft_id=draft_id), 303)
    page = forms_page("heading.html", at=at, form=form, leaves=list(leaves(form)))
    return refused(page) if form.is_submitted() else page


@bp.post("/form-drafts/<int:draft_id>/publish")
@owner
def publish_form_draft(draft_id: int) -> AnyResponse | Response:
    """Publish a draft as the form's next version."""
    at = desk(draft_id, to_change=True)
    try:
        version = editing.publish_draft(
            current_session(), draft=at.draft, others=at.others, languages=at.languages, by=current_person()
        )
    except FormNotReady:
        return refused(_draft_page(at))
    except QuestionChanged as changed:
        return refused(_draft_page(at, changed=changed))
    except ComparedTooLate as late:
        return refused(_draft_page(at, late=late))
    flash(_("Version %(number)s is published. Whoever answers from now on sees it.", number=version.number))
    return redirect(url_for("owner.course_form", form_id=version.form_id), 303)


@bp.route("/form-drafts/<int:draft_id>/drop", methods=["GET", "POST"])
@owner
def drop_form_draft(draft_id: int) -> str | AnyResponse:
    """Throw a draft away, once it has been asked whether to."""
    at = desk(draft_id, to_change=True)
    if request.method == "POST":
        editing.drop_draft(current_session(), draft=at.draft)
        flash(_("The draft is gone. What is published stays as it is."))
        return redirect(url_for("owner.course_forms", course_id=at.draft.course_id), 303)
    return forms_page("drop.html", at=at)


@bp.get("/form-drafts/<int:draft_id>/file")
@owner
def form_draft_file(draft_id: int) -> Response:
    """Hand out a draft as a file, once every section asks something."""
    at = desk(draft_id)
    if any(not section["questions"] for section in drafts.sections(at.draft.content)):
        raise NotFound("a form without questions is no file")
    return yaml_file(at.draft.key, as_yaml(FormFile.model_validate(at.draft.content)))


def _draft_page(at: Desk, *, changed: QuestionChanged | None = None, late: ComparedTooLate | None = None) -> str:
    content = at.draft.content
    found = drafts.problems(content, at.others, at.languages)
    current = at.published.current_version if at.published else None
    return forms_page(
        "draft.html",
        named=at.others,
        at=at,
        sections=drafts.sections(content),
        problems=[(sentence(breach), *_place(content, breach)) for breach in found],
        changed=changed,
        late=late,
        newer=current.number if current and current.number != at.draft.begun_on else None,
        copies=_copies(at),
        has_file=all(section["questions"] for section in drafts.sections(content)),
    )


def _copies(at: Desk) -> list[tuple[FormFile, list[QuestionFile]]]:
    """Return the course's other forms with their questions that the draft does not ask."""
    asked = drafts.question_ids(at.draft.content)
    found = [(form, [each for each in form.questions() if each.id not in asked]) for form in at.others]
    return [(form, questions) for form, questions in found if questions]


def _place(content: Content, breach: Breach) -> tuple[str, str]:
    """Return where a problem lies: 'question', 'section' or 'heading', and its id."""
    loc = breach.loc
    if len(loc) > 3 and loc[2] == "questions":
        return "question", content["sections"][loc[1]]["questions"][loc[3]]["id"]
    if len(loc) > 1 and loc[0] == "sections":
        return "section", content["sections"][loc[1]]["id"]
    return "heading", ""
