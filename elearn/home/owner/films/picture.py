"""A film's still picture, and how the picture gets to those who do not see it."""

from contextlib import suppress
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.signing import current_person
from elearn.core import clock
from elearn.core.content_files import FileProblems
from elearn.core.i18n import gettext as _
from elearn.home.owner.films.fields import DescribedForm, PosterForm, place_of
from elearn.home.owner.films.pages import FilmHere, answered, desk, film_here, film_page, refusal_of
from elearn.home.owner.pages import bp, house, media_store
from elearn.media import stills
from elearn.media.editing import change_described, change_poster
from elearn.media.errors import ChangedMeanwhile, FilmsOutOfReach
from elearn.media.house_films import film_keys
from elearn.media.manifest import Described, Manifest, Statement, timecode
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session, installation


@bp.route("/films/<film_key>/poster", methods=["GET", "POST"])
@owner
def film_poster(film_key: str) -> str | AnyResponse | Response:
    """Choose where a film's still picture is taken: look first, then take it."""
    here = film_here(film_key)
    film = here.manifest
    if film.duration is None:
        abort(404)
    form, refusal = PosterForm(at=timecode(film.poster_s)), None
    wanted = place_of(request.args.get("at", "")) if not form.is_submitted() else None
    if wanted is not None:
        form.at.data = timecode(wanted)
    if form.validate_on_submit() and (at_s := _place_within(form, film)) is not None:
        try:
            if _take_poster(film_key, film, at_s):
                flash(_("The still picture is saved."))
                return redirect(url_for("owner.film", film_key=film_key), 303)
            form.at.errors = [_("The picture cannot be taken just now. Try again in a while.")]
        except (ChangedMeanwhile, FileProblems) as error:
            refusal = refusal_of(error)
    at = form.at.seconds if form.at.seconds is not None and not form.at.errors else film.poster_s
    page = film_page("poster.html", here, form=form, refusal=refusal, at_ms=round(at * 1000))
    return answered(page, refusal, is_sent=form.is_submitted())


@bp.get("/films/<film_key>/stills/<int:at_ms>.jpg")
@owner
def film_still(film_key: str, at_ms: int) -> Response:
    """Send the picture at a place in a film, whether or not it is published."""
    film = film_here(film_key).manifest
    picture = stills.still(media_store(), film, at_ms / 1000)
    if picture is None:
        abort(404)
    response = Response(picture, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.route("/films/<film_key>/described", methods=["GET", "POST"])
@owner
def film_described(film_key: str) -> str | AnyResponse | Response:
    """Choose a described version, or state that the picture carries nothing that the sound does not."""
    here = film_here(film_key)
    form, refusal = _described_form(here), None
    if form.validate_on_submit() and _is_whole(form):
        try:
            change_described(current_session(), desk=desk(film_key), described=_described_said(form, here.manifest))
        except (ChangedMeanwhile, FileProblems) as error:
            refusal = refusal_of(error)
        else:
            flash(_("Saved."))
            return redirect(url_for("owner.film", film_key=film_key), 303)
    page = film_page("described.html", here, form=form, refusal=refusal)
    return answered(page, refusal, is_sent=form.is_submitted())


def _place_within(form: PosterForm, film: Manifest) -> float | None:
    assert film.duration is not None
    at_s: float | None = form.at.seconds
    if at_s is not None and at_s < film.duration:
        return at_s
    end = timecode(film.duration)
    form.at.errors = [_("The film ends at %(end)s. Write a place before that.", end=end)]
    return None


def _take_poster(film_key: str, film: Manifest, at_s: float) -> bool:
    session = current_session()
    session.rollback()  # making a picture takes a moment, and other writers wait in line
    with suppress(FilmsOutOfReach):
        if stills.keep_poster(media_store(), film, at_s):
            change_poster(session, desk=desk(film_key), poster_s=at_s)
            return True
    return False


def _described_form(here: FilmHere) -> Any:
    known = here.manifest.described
    statement = known.statement if known else None
    form = DescribedForm(
        kind="video" if known and known.video else "statement",
        video=(known.video if known else None) or "",
        by=statement.by if statement else current_person().name,
        text=statement.text if statement else "",
    )
    others = [key for key in _other_films() if key != here.key]
    form.video.choices = [SelectChoice("", _("Choose a film")), *(SelectChoice(key, key) for key in others)]
    form.kind.choices = [
        SelectChoice("statement", _("The picture carries nothing that the sound and the captions do not")),
        SelectChoice("video", _("There is a version of the film with description")),
    ]
    return form


def _other_films() -> list[str]:
    manifests = installation().settings.manifests
    keys = film_keys(current_session(), house_scope(), manifests)
    return [key for key in keys if (manifests / f"{key}.yaml").is_file()]


def _is_whole(form: DescribedForm) -> bool:
    """A statement needs who says so, and the words."""
    if form.kind.data == "statement":
        for field in (form.by, form.text):
            if not field.data:
                field.errors = [_("Fill in this field.")]
    return not form.errors


def _described_said(form: DescribedForm, film: Manifest) -> Described:
    if form.kind.data == "video":
        return Described(video=form.video.data)
    before = film.described.statement if film.described else None
    if before and (before.by, before.text) == (form.by.data, form.text.data):
        return Described(statement=before)
    return Described(statement=Statement(by=form.by.data, on=clock.today(house().country), text=form.text.data))
