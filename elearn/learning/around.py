"""What stands around a learner's page: help lines, and the country whose clock and duties count there."""

from datetime import date, datetime

from flask import g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.accounts.signing import current_person
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.tokens import Tokens, hash_of
from elearn.learning.help_lines import HelpLine, HelpLines, of_country, phone_link
from elearn.organisations.access import person_scope
from elearn.organisations.models import Municipality
from elearn.organisations.queries import open_memberships
from elearn.web.session import current_session, installation


def explain_leaving_first() -> Response | None:
    """Send whoever has not yet read how to leave the page there, and back afterwards."""
    if current_person().leave_page_explained_at is not None:
        return None
    return redirect(url_for("accounts.how_to_leave", next=request.full_path.rstrip("?")), 303)


def person_keys() -> list[str]:
    """Return names for the person that only their own browser's waiting reports carry; none for visitors.

    The first is given to new reports; others may still wait under those that belong to the secret keys before.
    """
    if not current_user.is_authenticated:
        return []
    settings = installation().settings
    signers = [Tokens(key).signer("waiting-reports") for key in (settings.secret_key, *settings.old_secret_keys)]
    return [hash_of(signer.sign(current_person().id))[:16] for signer in signers]


def stand_in(municipality: Municipality | None) -> None:
    """Say for which municipality this page is shown, so that nothing asks the database for it again."""
    g.learner_municipality = municipality


def municipality_here() -> Municipality | None:
    """Return the municipality that the person works in: the one the page named, else of their newest membership."""
    if "learner_municipality" not in g:
        stand_in(_newest_municipality())
    found: Municipality | None = g.learner_municipality
    return found


def country_here() -> str:
    """Return 'DK' or 'NO': the municipality's country, else the one the page's language is spoken in."""
    municipality = municipality_here()
    if municipality is not None:
        return municipality.country
    return "NO" if language() in ("nb", "nn") else "DK"


def day_here(instant: datetime) -> date:
    """Return the day of an instant where the person is."""
    return clock.day_of(instant, country_here())


def help_of_this_page() -> HelpLines:
    """Return the country's help lines, then the municipality's own reporting route, then the leader."""
    if "help_lines" not in g:
        general = of_country(country_here(), language())
        worried = url_for("learning.worried")
        leader = HelpLine(_("Your leader"), f"{worried}#leader", _("Who to turn to at your own workplace"))
        g.help_lines = HelpLines(general.emergency, [*general.lines, _reporting(worried), leader])
    found: HelpLines = g.help_lines
    return found


def _reporting(worried: str) -> HelpLine:
    municipality = municipality_here()
    if municipality is None:
        return HelpLine(_("Your municipality"), worried, _("How to report a concern about a child"))
    text = _("How to report a concern in %(municipality)s", municipality=municipality.official_name)
    if municipality.reporting_url:
        return HelpLine(_("Your municipality"), municipality.reporting_url, text)
    if municipality.reporting_phone:
        return HelpLine(municipality.reporting_phone, phone_link(municipality.reporting_phone), text)
    return HelpLine(_("Your municipality"), f"{worried}#report", text)


def _newest_municipality() -> Municipality | None:
    if not current_user.is_authenticated:
        return None
    memberships = open_memberships(current_session(), person_scope())
    return next((m.municipality for m in reversed(memberships) if m.municipality), None)
