"""Join links: making them, closing them, and their posters."""

from datetime import timedelta
from io import BytesIO

from flask import Response, flash, make_response, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from elearn.accounts.signing import current_person
from elearn.catalogue.queries import outline
from elearn.core import clock
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.scope import PersonScope
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.pages import bp, course_title, licence_row, municipality, render_licence
from elearn.licensing import join_lists, poster, services
from elearn.licensing.errors import LicenceEnded, LinkDayNotValid, NotADomain, PublicDomain
from elearn.licensing.forms import JoinLinkForm
from elearn.licensing.join_codes import check_domain, written_code
from elearn.licensing.models import Licence
from elearn.licensing.seat_lists import LicenceRow
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation

USUAL_LIFE = timedelta(days=42)


@bp.get("/licences/<int:licence_id>/join-links")
@buyer
def join_links(municipality_id: int, licence_id: int) -> str:
    """List a licence's join links, with how many have joined by each."""
    row = licence_row(licence_id)
    return render_licence(
        "buyer/join-links.html",
        row,
        "buyer.join_links",
        rows=join_lists.join_links(current_session(), municipality_scope(), licence_id),
        form=ButtonForm(),
        written=written_code,
        join_address=f"{installation().settings.public_url}{url_for('licensing.type_code')}",
        poster_languages=[(code, LANGUAGES[code]) for code in poster.languages_of(municipality().country)],
    )


@bp.route("/licences/<int:licence_id>/join-links/new", methods=["GET", "POST"])
@buyer
def new_join_link(municipality_id: int, licence_id: int) -> str | AnyResponse | Response:
    """Make a join link."""
    session, row = current_session(), licence_row(licence_id)
    form = JoinLinkForm(
        most=row.counts.free or row.counts.all,
        ends_on=min(clock.today(municipality().country) + USUAL_LIFE, row.licence.ends_on),
        domains=_usual_domain(),
    )
    form.department.choices = _department_options(session)
    if form.validate_on_submit() and _make(session, form, row.licence):
        flash(_("The link is ready. Print the poster, or send the address."))
        return redirect(url_for("buyer.join_links", licence_id=licence_id), 303)
    return _new_page(form, row)


@bp.post("/join-links/<int:join_link_id>/close")
@buyer
def close_join_link(municipality_id: int, join_link_id: int) -> AnyResponse:
    """Let nobody join by a link any more."""
    link = services.close_join_link(
        current_session(), scope=municipality_scope(), join_link_id=join_link_id, by_id=current_person().id
    )
    flash(_("The link is closed. Who has joined by it keeps the seat."))
    return redirect(url_for("buyer.join_links", licence_id=link.licence_id), 303)


@bp.get("/join-links/<int:join_link_id>/poster.pdf")
@buyer
def join_poster(municipality_id: int, join_link_id: int) -> Response:
    """Draw a link's poster; its file's name says nothing about the course."""
    link = join_lists.join_link(current_session(), municipality_scope(), join_link_id)
    spoken = poster.languages_of(municipality().country)
    wanted = request.args.get("language", "")
    drawn = poster.render(
        link,
        language=wanted if wanted in spoken else spoken[0],
        minutes=outline(current_session(), PersonScope(current_person().id), link.licence.course_id).content.minutes,
        public_url=installation().settings.public_url,
    )
    name = f"{_('poster')}.pdf"
    response = send_file(BytesIO(drawn), "application/pdf", as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


def _new_page(form: JoinLinkForm, row: LicenceRow) -> str | Response:
    page = render_template(
        "buyer/new-join-link.html",
        form=form,
        licence=row.licence,
        counts=row.counts,
        title=course_title(row.licence),
    )
    return make_response(page, 422) if form.errors else page


def _make(session: Session, form: JoinLinkForm, licence: Licence) -> bool:
    """Make the link as the form says; say in the form why not."""
    try:
        services.make_join_link(
            session,
            scope=municipality_scope(),
            licence=licence,
            department_id=form.department.data,
            domains=form.domains.data.replace(",", " ").replace(";", " ").split(),
            most=form.most.data,
            ends_on=form.ends_on.data,
            needs_approval=form.needs_approval.data,
            by_id=current_person().id,
        )
    except NotADomain as refused:
        form.domains.errors = [
            _("“%(domain)s” is no mail domain. Write what stands after the @, such as favrskov.dk.", domain=refused)
        ]
    except PublicDomain as refused:
        form.domains.errors = [
            _("Anybody can get an address at %(domain)s. Write your municipality’s own domain.", domain=refused)
        ]
    except LinkDayNotValid:
        form.ends_on.errors = [_("Choose a day from today to the licence’s last day.")]
    except LicenceEnded:
        form.ends_on.errors = [_("The licence has ended.")]
    return not form.errors


def _department_options(session: Session) -> list[SelectChoice]:
    found = department_choices(session, municipality_scope())
    return [SelectChoice("", _("None")), *(SelectChoice(id_, name) for id_, name in found)]


def _usual_domain() -> str:
    """Return the domain of the buyer's own address, if it shows where they work."""
    try:
        return check_domain(current_person().address.rpartition("@")[2])
    except (NotADomain, PublicDomain):
        return ""
