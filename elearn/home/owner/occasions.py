"""The owner's occasions: guests answer a form by a code, at a screening or a meeting."""

from io import BytesIO

from flask import Response, flash, make_response, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.catalogue import queries as catalogue
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.i18n import LANGUAGES, language
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope
from elearn.feedback import poster, queries
from elearn.feedback.form_files import Audience
from elearn.feedback.forms import OccasionForm
from elearn.feedback.known import content_of, open_forms
from elearn.feedback.models import FeedbackForm, FeedbackOccasion, FeedbackRound
from elearn.feedback.services import occasions as services
from elearn.feedback.words import say
from elearn.home.owner.licences import MUNICIPALITIES, match_municipality, municipality_label
from elearn.home.owner.pages import bp, house
from elearn.licensing.join_codes import written_code
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import Municipality
from elearn.organisations.queries import search_municipalities
from elearn.web.session import current_session, installation


@bp.route("/courses/<int:course_id>/occasions", methods=["GET", "POST"])
@owner
def occasions(course_id: int) -> str | Response | AnyResponse:
    """Show a course's occasions, and make a new one."""
    session, scope = current_session(), house_scope()
    course = catalogue.course(session, scope, course_id)
    asked = {
        form.id: (form, round_) for form, round_ in open_forms(session, course_id) if Audience.GUEST in form.audience
    }
    known = search_municipalities(session, scope, "", limit=MUNICIPALITIES)
    form = OccasionForm(held_on=clock.today(house().country))
    form.form.choices = [
        SelectChoice(form_id, str(say(content_of(row).title, language()))) for form_id, (row, _round) in asked.items()
    ]
    if form.validate_on_submit():
        made = _make(session, scope, form, asked, known)
        if made is not None:
            flash(_("The code is made. Print the poster, or show it on a screen."))
            return redirect(url_for("owner.occasion", occasion_id=made.id), 303)
    page = render_template(
        "owner/occasions.html",
        course=course,
        form=form,
        occasions=queries.occasions(session, scope, course_id),
        municipalities=[municipality_label(each) for each in known],
        spoken=language(),
        written_code=written_code,
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/occasions/<int:occasion_id>")
@owner
def occasion(occasion_id: int) -> str:
    """Show an occasion's code and address. How many have answered is told by the evaluation alone."""
    found = queries.occasion(current_session(), house_scope(), occasion_id)
    country = found.municipality.country if found.municipality else house().country
    return render_template(
        "owner/occasion.html",
        occasion=found,
        code=written_code(found.code),
        address=f"{installation().settings.public_url}/feedback/at",
        title=say(content_of(found.form).title, language()),
        poster_languages=[(code, LANGUAGES[code]) for code in poster.languages_of(country)],
    )


@bp.get("/occasions/<int:occasion_id>/poster.pdf")
@owner
def occasion_poster(occasion_id: int) -> Response:
    """Draw an occasion's poster; its file's name says nothing about the course."""
    found = queries.occasion(current_session(), house_scope(), occasion_id)
    spoken = poster.languages_of(found.municipality.country if found.municipality else house().country)
    wanted = request.args.get("language", "")
    drawn = poster.render(
        found, language=wanted if wanted in spoken else spoken[0], public_url=installation().settings.public_url
    )
    name = f"{_('poster')}.pdf"
    response = send_file(BytesIO(drawn), "application/pdf", as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/occasions/<int:occasion_id>/close")
@owner
def close_occasion(occasion_id: int) -> AnyResponse:
    """Take no more answers by an occasion's code."""
    session, scope = current_session(), house_scope()
    found = queries.occasion(session, scope, occasion_id)
    services.close_occasion(session, scope, occasion=found)
    flash(_("The occasion is closed. What was answered stays."))
    return redirect(url_for("owner.occasion", occasion_id=found.id), 303)


def _make(
    session: Session,
    scope: HouseScope,
    form: OccasionForm,
    asked: dict[int, tuple[FeedbackForm, FeedbackRound]],
    known: list[Municipality],
) -> FeedbackOccasion | None:
    """Make the occasion; None after saying what is wrong with it."""
    municipality = None
    if form.municipality.data:
        municipality = match_municipality(None, form.municipality.data, known).found
        if municipality is None:
            form.municipality.errors = [_("Choose one municipality from the list.")]
            return None
    if form.form.data not in asked:
        raise NotFound("no such form")
    row, round_ = asked[form.form.data]
    return services.make_occasion(
        session,
        scope,
        form=row,
        round_=round_,
        title=form.title.data,
        held_on=form.held_on.data,
        municipality=municipality,
    )
