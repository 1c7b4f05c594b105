"""How the installation is, line by line in words: whether all is well, and what to do where it is not.

Figures alone, of all houses where several share the installation: nobody's content.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.clock import day_of
from elearn.core.i18n import format_day, format_decimal, format_minutes, format_time, ngettext
from elearn.core.i18n import gettext as _
from elearn.home.owner.pages import bp, house
from elearn.media.models import LIVE
from elearn.operations.state import State, Trouble, state_of, try_everything_again
from elearn.organisations.access import house_scope, owner
from elearn.organisations.queries import is_only_house
from elearn.web.session import current_session, installation

GB = 1_000_000_000
PRACTISE_EVERY = timedelta(days=92)


@dataclass(frozen=True)
class Line:
    """One thing that is looked at."""

    title: str
    text: str
    cure: str = ""
    """What to do; '' when all is well."""


@bp.get("/status")
@owner
def status() -> str:
    """Show how the installation is."""
    session, settings = current_session(), installation().settings
    state = state_of(session, settings)
    return render_template(
        "owner/status.html",
        lines=lines(state, takes_cards=settings.takes_cards),
        can_try_again=state.letters_given_up or any(each.failing for each in state.jobs),
        is_shared=not is_only_house(session, house_scope()),
    )


@bp.post("/status/try-again")
@owner
def try_again() -> AnyResponse:
    """Have what failed tried again at once: it belongs to the installation, and a second run does no harm."""
    number = try_everything_again(current_session(), by_id=current_person().id)
    flash(ngettext("%(num)d task is tried again now.", "%(num)d tasks are tried again now.", number))
    return redirect(url_for("owner.status"), 303)


def lines(state: State, *, takes_cards: bool) -> list[Line]:
    """Return what is looked at, in words."""
    return [
        _jobs(state),
        _letters(state),
        _films(state),
        _webhooks(state, takes_cards=takes_cards),
        _disk(state),
        _backup(state),
        _drill(state),
    ]


def _jobs(state: State) -> Line:
    title = _("Background work")
    if state.stalled:
        away = state.at - min(state.stalled.values())
        return Line(
            title,
            _("Nobody has done it for %(time)s.", time=format_minutes(away.total_seconds())),
            _(
                "Start it again on the server: “systemctl restart elearn-jobs elearn-films”; the log says why it "
                "stopped. Until then no emails leave, or no films are made ready."
            ),
        )
    failing = [each for each in state.jobs if each.failing]
    if not failing:
        waiting = sum(each.waiting for each in state.jobs)
        return Line(title, ngettext("%(num)d task waits its turn.", "%(num)d tasks wait their turn.", waiting))
    return Line(
        title,
        ngettext(
            "%(num)d task failed more than once: %(names)s.",
            "%(num)d tasks failed more than once: %(names)s.",
            sum(each.failing for each in failing),
            names=", ".join(each.name for each in failing),
        ),
        _("They are tried again for a week. The log says why they failed: put that right, then try again."),
    )


def _letters(state: State) -> Line:
    title = _("Emails")
    cure = _("Check that the mail server takes letters, and the setting ELEARN_MAIL; the log says what it answered.")
    if state.letters_given_up:
        text = ngettext("%(num)d email was given up.", "%(num)d emails were given up.", state.letters_given_up)
        return Line(title, text, cure)
    text = ngettext("%(num)d email waits to be sent.", "%(num)d emails wait to be sent.", state.letters_waiting)
    return Line(title, text, cure if Trouble.LETTERS in state.troubles else "")


def _films(state: State) -> Line:
    number = sum(state.packagings.get(each, 0) for each in LIVE)
    text = ngettext("%(num)d film is being made ready.", "%(num)d films are being made ready.", number)
    return Line(_("Films"), text)


def _webhooks(state: State, *, takes_cards: bool) -> Line:
    title = _("News from Stripe")
    if not takes_cards:
        return Line(title, _("Payment by card is not set up here."))
    if Trouble.WEBHOOKS not in state.troubles:
        return Line(title, _("All news of the last week fitted."))
    text = ngettext(
        "%(num)d message of the last week did not fit.",
        "%(num)d messages of the last week did not fit.",
        state.webhooks_failed,
    )
    return Line(title, text, _("Look at the card payments under Sales, and at the webhook on Stripe’s pages."))


def _disk(state: State) -> Line:
    text = _(
        "%(free)s GB of %(all)s GB are free.",
        free=format_decimal(state.disk.free / GB),
        all=format_decimal(state.disk.total / GB),
    )
    cure = _("Make room, or move the data to a larger disk. When it is full, nothing can be uploaded or saved.")
    return Line(_("Disk"), text, cure if Trouble.DISK in state.troubles else "")


def _backup(state: State) -> Line:
    title = _("Backup")
    if not state.makes_backups:
        return Line(title, _("Backups are made by other means, say the settings."))
    text = _("The newest is from %(when)s.", when=_moment(state.backup_at)) if state.backup_at else _("There is none.")
    cure = _("One is to be made every day. Run “elearn backup make” on the server: it says what is wrong.")
    if state.films_lacking and Trouble.BACKUP not in state.troubles:
        text += " " + _("Films are damaged or missing, and so are not in it.")
        cure = _("Run “elearn media verify” on the server: it names them. Add them again from the original.")
        return Line(title, text, cure)
    return Line(title, text, cure if Trouble.BACKUP in state.troubles else "")


def _drill(state: State) -> Line:
    title = _("Practice")
    if state.drill_failed_at:
        return Line(
            title,
            _("The newest backup could not be put back for practice on %(when)s.", when=_moment(state.drill_failed_at)),
            _(
                "Run “elearn backup make” and then “elearn backup drill” on the server: the first takes damaged films "
                "anew, the second says what is still wrong."
            ),
        )
    cure = _("Run “elearn backup drill” on the server: it puts the newest backup in a scratch place and checks it.")
    if state.drill_at is None:
        return Line(title, _("No backup has been put back for practice yet."), cure if state.makes_backups else "")
    text = _("A backup was put back for practice on %(when)s, and it was whole.", when=_moment(state.drill_at))
    return Line(title, text, cure if state.drill_at < state.at - PRACTISE_EVERY else "")


def _moment(at: datetime) -> str:
    country = house().country
    return f"{format_day(day_of(at, country))}, {format_time(at, country)}"
