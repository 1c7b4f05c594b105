"""The owner's forms: the list of a course's, and one with its versions, as it is asked."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.catalogue import queries as catalogue
from elearn.core.errors import NotFound
from elearn.core.i18n import LANGUAGES, language, speaking
from elearn.core.i18n import gettext as _
from elearn.feedback import form_queries
from elearn.feedback.errors import ComparedTooLate
from elearn.feedback.form_changes import changes
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_queries import VersionRow
from elearn.feedback.form_rules import untranslated
from elearn.feedback.form_yaml import as_yaml
from elearn.feedback.forms import response_form, sections
from elearn.feedback.models import FeedbackForm, FeedbackFormVersion
from elearn.feedback.services.answering import is_compared
from elearn.feedback.services.editing import begin_draft
from elearn.feedback.services.publishing import retire_form, take_up_form
from elearn.feedback.words import say
from elearn.home.owner.forms.pages import course_languages, form_title, forms_page, yaml_file
from elearn.home.owner.forms.words import change_words
from elearn.home.owner.pages import bp, house
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@dataclass(frozen=True)
class FormRow:
    """A form in the list of a course's."""

    row: FeedbackForm
    form: FormFile
    lacking: list[str]
    """Languages of the course in which something is not written."""
    draft_id: int | None


@bp.get("/courses/<int:course_id>/forms")
@owner
def course_forms(course_id: int) -> str:
    """List a course's forms, those that are retired, and those that are being written."""
    session, scope = current_session(), house_scope()
    course = catalogue.course(session, scope, course_id)
    drafts = form_queries.drafts(session, scope, course_id)
    rows = [
        FormRow(row, form, _lacking(form, course.content.languages), drafts[row.key].id if row.key in drafts else None)
        for row in form_queries.forms(session, scope, course_id)
        for form in [_content(row)]
    ]
    known = {row.row.key for row in rows}
    return forms_page(
        "list.html",
        named=[row.form for row in rows],
        course=course,
        rows=[row for row in rows if row.row.retired_at is None],
        retired=[row for row in rows if row.row.retired_at is not None],
        new=[draft for key, draft in drafts.items() if key not in known],
        title=course.content.title(language()),
    )


@bp.get("/forms/<int:form_id>")
@owner
def course_form(form_id: int) -> str:
    """Show a form as it is asked, in any of its languages, and its versions with what they changed."""
    session, scope = current_session(), house_scope()
    row = form_queries.form(session, scope, form_id)
    versions = form_queries.form_versions(session, scope, form_id)
    shown = _version(versions, request.args.get("version", type=int))
    languages = course_languages(session, scope, row.course_id)
    spoken = _spoken(languages)
    draft = form_queries.drafts(session, scope, row.course_id).get(row.key)
    return forms_page(
        "form.html",
        named=form_queries.other_forms(session, scope, row.course_id, row.key),
        row=row,
        form=FormFile.model_validate(shown.version.content),
        shown=shown.version,
        versions=_with_changes(versions),
        preview_languages=languages,
        spoken=spoken,
        preview=_preview(row, shown.version, spoken),
        draft=draft,
        title=form_title(FormFile.model_validate(shown.version.content)),
    )


@bp.get("/forms/<int:form_id>/file")
@owner
def form_file(form_id: int) -> Response:
    """Hand out a form as the file that it could stand in."""
    session, scope = current_session(), house_scope()
    row = form_queries.form(session, scope, form_id)
    shown = _version(form_queries.form_versions(session, scope, form_id), request.args.get("version", type=int))
    return yaml_file(row.key, as_yaml(FormFile.model_validate(shown.version.content)))


@bp.post("/forms/<int:form_id>/retire")
@owner
def retire(form_id: int) -> AnyResponse:
    """Stop asking a form."""
    row = form_queries.form(current_session(), house_scope(), form_id)
    retire_form(current_session(), form=row, by=current_person())
    flash(_("Nobody is asked “%(title)s” any more. The answers stay.", title=form_title(_content(row))))
    return redirect(url_for("owner.course_forms", course_id=row.course_id), 303)


@bp.post("/forms/<int:form_id>/take-up")
@owner
def take_up(form_id: int) -> AnyResponse:
    """Ask a retired form again."""
    row = form_queries.form(current_session(), house_scope(), form_id)
    try:
        take_up_form(current_session(), form=row, by=current_person())
    except ComparedTooLate as late:
        flash(
            _(
                "The question with the id “%(id)s” has been answered in this round while only one of two forms asked "
                "it, so its answers could not be compared. Remove it, and add it under another id, or close the round "
                "first.",
                id=late.question,
            )
        )
    else:
        flash(_("“%(title)s” is asked again.", title=form_title(_content(row))))
    return redirect(url_for("owner.course_forms", course_id=row.course_id), 303)


@bp.post("/forms/<int:form_id>/edit")
@owner
def edit_form(form_id: int) -> AnyResponse:
    """Begin a draft of a form, or go on with the one there is."""
    row = form_queries.form(current_session(), house_scope(), form_id)
    draft = begin_draft(current_session(), form=row)
    return redirect(url_for("owner.form_draft", draft_id=draft.id), 303)


def _content(row: FeedbackForm) -> FormFile:
    assert row.current_version is not None, "a published form has a version"
    return FormFile.model_validate(row.current_version.content)


def _lacking(form: FormFile, languages: list[str]) -> list[str]:
    missing = {code for _loc, code in untranslated(form, languages)}
    return [LANGUAGES[code] for code in languages if code in missing]


def _version(versions: list[VersionRow], number: int | None) -> VersionRow:
    wanted = versions[0].version.number if number is None else number
    for row in versions:
        if row.version.number == wanted:
            return row
    raise NotFound("no such version")


def _with_changes(versions: list[VersionRow]) -> list[tuple[VersionRow, list[str] | None]]:
    """Return the versions with what each changed in words; None for the first."""
    forms = [FormFile.model_validate(row.version.content) for row in versions]
    told: list[tuple[VersionRow, list[str] | None]] = []
    for row, new, old in zip(versions, forms, [*forms[1:], None], strict=True):
        said = [change_words(each.what, each.words) for each in changes(old, new)] if old else None
        told.append((row, said if said != [] else [_("The order was changed.")]))
    return told


def _preview(row: FeedbackForm, version: FeedbackFormVersion, spoken: str) -> Markup:
    """Draw a version as those see it who answer it."""
    content = FormFile.model_validate(version.content)
    with speaking(spoken):
        return Markup(  # noqa: S704 - a template that escapes
            render_template(
                "owner/forms/preview.html",
                row=row,
                title=say(content.title, spoken),
                intro=say(content.intro, spoken) if content.intro else None,
                sections=sections(response_form(content)(), spoken),
                occasion=None,
                house=house().name,
                has_text=any(question.is_text for question in content.questions()),
                is_compared=is_compared(current_session(), row),
                is_kept=False,
            )
        )


def _spoken(languages: list[str]) -> str:
    """Return the language that a form is shown in: the one asked for, else the page's, else the course's first."""
    asked = request.args.get("spoken", "")
    return next((code for code in (asked, language()) if code in languages), languages[0])
