"""A film's captions in one language: handed in, looked at, fetched, removed."""

from dataclasses import dataclass

from flask import Response, abort, flash, redirect, request, url_for
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse

from elearn.core.content_files import FileProblems
from elearn.core.file_rules import FileProblem
from elearn.core.i18n import LANGUAGES, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.films import caption_words
from elearn.home.owner.films.pages import FilmHere, Refusal, answered, desk, film_here, film_page, refusal_of
from elearn.home.owner.pages import bp
from elearn.media.captions import LARGEST_FILE_BYTES, Captions, hard_to_read, read_captions
from elearn.media.checks import CAPTIONS_FOLDER
from elearn.media.editing import put_captions, remove_captions
from elearn.media.errors import ChangedMeanwhile
from elearn.organisations.access import owner
from elearn.web.bodies import takes_up_to
from elearn.web.forms import ButtonForm, Form
from elearn.web.session import current_session, installation

PROBLEMS_NAMED = 100


class CaptionsForm(Form):
    """A caption file."""

    file = FileField(_l("Caption file"), [FileRequired(_l("Choose a file."))])


@dataclass(frozen=True)
class Kept:
    """Captions as they stand: read, or why they cannot be."""

    captions: Captions | None
    faults: list[FileProblem]

    @property
    def hard(self) -> list[tuple[int, str]]:
        """The captions that are hard to read, by line, and why."""
        found = hard_to_read(self.captions.cues) if self.captions else []
        return [(each.cue.line, caption_words.hard(each)) for each in found]


@bp.route("/films/<film_key>/captions/<caption_language>", methods=["GET", "POST"])
@owner
@takes_up_to(LARGEST_FILE_BYTES + 500_000, _l("A caption file has at most 2 MB."))
def film_captions(film_key: str, caption_language: str) -> str | AnyResponse | Response:
    """Show a film's captions in a language, and take a file of them in their place."""
    here = _here(film_key, caption_language)
    form, refusal = CaptionsForm(), None
    if form.validate_on_submit():
        with form.file.data.stream as upload:
            content = upload.read(LARGEST_FILE_BYTES + 1)
        try:
            captions = put_captions(
                current_session(),
                desk=desk(film_key),
                language=caption_language,
                file_name=form.file.data.filename,
                content=content,
            )
        except (ChangedMeanwhile, FileProblems) as error:
            refusal = refusal_of(error)
        else:
            count = len(captions.cues)
            flash(ngettext("%(num)d caption is saved.", "%(num)d captions are saved.", count))
            return redirect(url_for("owner.film_captions", film_key=film_key, caption_language=caption_language), 303)
    page = film_page(
        "captions.html",
        here,
        form=form,
        refusal=refusal,
        code=caption_language,
        kept=kept_captions(here, caption_language),
        faults=_faults(refusal),
    )
    return answered(page, refusal, is_sent=form.is_submitted())


@bp.get("/films/<film_key>/captions/<caption_language>/text.vtt")
@owner
def film_captions_text(film_key: str, caption_language: str) -> Response:
    """Send a film's captions as they stand, to the player or to be kept."""
    kept = kept_captions(_here(film_key, caption_language), caption_language)
    if kept is None or kept.captions is None:
        abort(404)
    response = Response(kept.captions.as_vtt(), content_type="text/vtt; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    if "download" in request.args:
        name = f"{film_key}.{caption_language}.vtt"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.route("/films/<film_key>/captions/<caption_language>/remove", methods=["GET", "POST"])
@owner
def film_captions_remove(film_key: str, caption_language: str) -> str | AnyResponse | Response:
    """Take a film's captions in a language away."""
    here = _here(film_key, caption_language)
    if caption_language not in here.manifest.captions:
        abort(404)
    form, refusal = ButtonForm(), None
    if form.validate_on_submit():
        try:
            remove_captions(current_session(), desk=desk(film_key), language=caption_language)
        except (ChangedMeanwhile, FileProblems) as error:
            refusal = refusal_of(error)
        else:
            flash(_("The captions are removed."))
            return redirect(url_for("owner.film", film_key=film_key), 303)
    page = film_page("captions-remove.html", here, form=form, refusal=refusal, code=caption_language)
    return answered(page, refusal, is_sent=form.is_submitted())


def kept_captions(here: FilmHere, code: str) -> Kept | None:
    """Return a film's captions in a language as their file says; None where it has none."""
    name = here.manifest.captions.get(code)  # type: ignore[call-overload]  # a language is a text
    if name is None:
        return None
    path = installation().settings.manifests / CAPTIONS_FOLDER / name
    try:
        return Kept(read_captions(path, here.manifest.duration), [])
    except FileProblems as error:
        return Kept(None, error.problems)


def _here(film_key: str, code: str) -> FilmHere:
    here = film_here(film_key)
    if code not in LANGUAGES or here.film.manifest is None:
        abort(404)
    return here


def _faults(refusal: Refusal | None) -> list[FileProblem]:
    problems = refusal.problems.problems if refusal and refusal.problems else []
    return problems[:PROBLEMS_NAMED]
