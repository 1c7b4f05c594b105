"""Joining by a link or a code from a poster: who may, a letter, and the page behind it."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts import signing
from elearn.accounts.errors import NotAnAddress
from elearn.catalogue.queries import outline
from elearn.core.clock import day_of
from elearn.core.i18n import format_day, language
from elearn.core.i18n import gettext as _
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.core.scope import PersonScope
from elearn.licensing import join_lists, services
from elearn.licensing.errors import JoiningNotValid, JoinLinkClosed, JoinLinkFull, NoWaitingLine, WrongDomain
from elearn.licensing.forms import JoinCodeForm, JoinerNameForm, JoinForm
from elearn.licensing.join_codes import tidy_code
from elearn.licensing.models import Joining, JoinLink
from elearn.licensing.services import Joined, Outcome
from elearn.licensing.services.join_links import refuse_useless
from elearn.licensing.views import bp
from elearn.licensing.views.landing import first_page
from elearn.web import access
from elearn.web.errors import answer
from elearn.web.session import afterwards, current_session
from elearn.web.wrong_links import refuse_many_wrong_links, wrong_link

WRONG_CODES = Limit("join.wrong_code", attempts=30, window_s=900)
VISITOR = PersonScope(0)


@bp.get("/join")
@access.anyone
def type_code() -> str | AnyResponse:
    """Ask for the code on a poster, and lead to what it opens."""
    if "code" not in request.args:
        return render_template("licensing/join-code.html", form=JoinCodeForm(formdata=None))
    form = JoinCodeForm(formdata=request.args, meta={"csrf": False})  # it only reads
    if form.validate():
        code = tidy_code(form.code.data)
        if code:
            return redirect(url_for("licensing.join_link", join_code=code), 303)
        form.code.errors = [_("This is no code of ours. Check it letter by letter: there are ten.")]
    return make_response(render_template("licensing/join-code.html", form=form), 422)


@bp.route("/join/<join_code>", methods=["GET", "POST"])
@access.anyone
def join_link(join_code: str) -> str | Response | AnyResponse:
    """Say what is offered and who sees what, ask who wants it, and send them a letter."""
    sender = request.remote_addr or ""
    check_attempts(current_session(), WRONG_CODES, sender)
    code = tidy_code(join_code)
    if code and code != join_code:
        return redirect(url_for("licensing.join_link", join_code=code), 303)
    link = join_lists.link_by_code(current_session(), code) if code else None
    if link is None:
        afterwards(lambda session: count_attempt(session, WRONG_CODES, sender))
        return answer(404, _("We do not know this code"), _("Check it letter by letter, or ask for a new poster."))
    form = JoinForm()
    try:
        refuse_useless(current_session(), link)
        if form.validate_on_submit() and _ask(form, link, sender):
            return redirect(url_for("licensing.join_sent"), 303)
    except (JoinLinkClosed, JoinLinkFull) as refused:
        return _useless(link, refused)
    page = render_template(
        "licensing/join.html",
        form=form,
        link=link,
        licence=link.licence,
        minutes=_minutes(link),
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/join/sent")
@access.anyone
def join_sent() -> str:
    """Say that a letter is on its way."""
    return render_template("licensing/join-sent.html")


@bp.get("/joinings/<joining_token>")
@access.anyone
def joining(joining_token: str) -> str | Response | AnyResponse:
    """Show the button that joins; mail scanners open links, so opening alone does nothing."""
    refuse_many_wrong_links()
    found = join_lists.open_joining(current_session(), joining_token)
    if found is None:
        return _used(joining_token)
    return _joining_page(found, JoinerNameForm(formdata=None, name=found.person.name))


@bp.post("/joinings/<joining_token>")
@access.anyone
def join(joining_token: str) -> str | Response | AnyResponse:
    """Take a seat, or a place in line, and sign in."""
    refuse_many_wrong_links()
    session = current_session()
    found = join_lists.open_joining(session, joining_token)
    if found is None:
        return _used(joining_token)
    form = JoinerNameForm()
    if found.email.confirmed_at is None and not form.validate():
        return make_response(_joining_page(found, form), 422)
    try:
        joined = services.join(session, token=joining_token, name=form.name.data)
    except JoiningNotValid:  # the other press of a double click was first
        return _used(joining_token)
    except (JoinLinkClosed, JoinLinkFull) as refused:
        return _useless(found.join_link, refused)
    except NoWaitingLine:
        return _no_seat(found)
    signing.sign_in(joined.person, door="invitation")
    flash(_told(joined))
    return redirect(first_page(joined.person), 303)


def _ask(form: JoinForm, link: JoinLink, sender: str) -> bool:
    """Have the letter sent; say in the form why not."""
    try:
        services.ask_to_join(
            current_session(),
            link=link,
            address=form.email.data,
            name=form.name.data,
            language=language(),
            sender=sender,
        )
    except NotAnAddress:
        form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
    except WrongDomain:
        ends = " / ".join(f"@{domain}" for domain in link.domains)
        form.email.errors = [_("Write your work address. It ends in %(domains)s.", domains=ends)]
    return not form.errors


def _joining_page(found: Joining, form: JoinerNameForm) -> str:
    link = found.join_link
    return render_template(
        "licensing/joining.html",
        form=form,
        is_new=found.email.confirmed_at is None,
        joining=found,
        link=link,
        licence=link.licence,
        works_until=min(day_of(found.expires_at, link.licence.municipality.country), link.ends_on),
        minutes=_minutes(link),
    )


def _minutes(link: JoinLink) -> int:
    return outline(current_session(), VISITOR, link.licence.course_id).content.minutes


def _told(joined: Joined) -> str:
    match joined.outcome:
        case Outcome.SEATED:
            return _("The seat is yours.")
        case Outcome.IN_LINE:
            return _(
                "There are no free seats. %(name)s is number %(number)s in the queue.",
                name=joined.person.first_name,
                number=joined.number,
            )
        case Outcome.ASKED:
            municipality = joined.licence.municipality.official_name
            return _("%(municipality)s has been asked. You get an email with the answer.", municipality=municipality)
    return _("You have your seat already.")


def _used(token: str) -> Response | AnyResponse:
    """Answer a letter whose button has been pressed before: with what its reader has, and the way to it.

    It works once, so it signs nobody in again.
    """
    session = current_session()
    found = services.look_again(session, token)
    if found is None:
        return wrong_link(was_ours=join_lists.mailed_joining(session, token) is not None)
    if found.outcome is Outcome.GONE:
        return _gone(found)
    course_id = found.licence.course_id if found.outcome is Outcome.KNOWN else None
    if signing.is_signed_in_as(found.person):
        flash(_told(found))
        return redirect(first_page(found.person, course_id=course_id), 303)
    if request.method == "POST":
        return redirect(url_for("licensing.joining", joining_token=token), 303)
    return make_response(render_template("licensing/joined.html", told=_told(found), course_id=course_id))


def _gone(found: Joined) -> Response:
    text = _(
        "You have joined by this link before. You have no seat from %(municipality)s now.",
        municipality=found.licence.municipality.official_name,
    )
    return answer(409, _("You have no seat now"), f"{text} {_('Ask your leader about a new seat.')}")


def _useless(link: JoinLink, refused: JoinLinkClosed | JoinLinkFull) -> Response:
    municipality = link.licence.municipality.official_name
    if isinstance(refused, JoinLinkFull):
        title = _("The link is used up")
        text = _("As many people have joined by it as %(municipality)s allows.", municipality=municipality)
    else:
        title = _("The link is closed")
        text = _("%(municipality)s no longer lets people join by it.", municipality=municipality)
    return answer(410, title, f"{text} {_('Ask your leader for a seat. If you have one already, sign in.')}")


def _no_seat(found: Joining) -> Response:
    country = found.join_link.licence.municipality.country
    last_day = min(day_of(found.expires_at, country), found.join_link.ends_on)
    return answer(
        409,
        _("There are no free seats"),
        _(
            "This licence has no queue, so nobody can wait. Your link still works until %(day)s: try again later, or"
            " ask your leader.",
            day=format_day(last_day, short=True),
        ),
    )
