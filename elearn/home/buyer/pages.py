"""What the buyer's pages share."""

from dataclasses import dataclass

from flask import Blueprint, g, render_template, url_for

from elearn.catalogue.queries import titles
from elearn.core import clock
from elearn.core.i18n import language
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.buyer.licence_tabs import licence_tabs
from elearn.licensing import seat_lists
from elearn.licensing.models import Licence
from elearn.licensing.seat_lists import LicenceRow
from elearn.organisations.access import municipality_scope
from elearn.organisations.models import Municipality
from elearn.web.session import current_session

bp = Blueprint("buyer", __name__, url_prefix="/municipalities/<int:municipality_id>")

NAV = {
    "licences": ("buyer.start", _l("Licences")),
    "orders": ("buyer.orders", _l("Orders")),
    "training": ("buyer.training", _l("New hires")),
    "departments": ("buyer.departments", _l("Departments")),
    "evaluation": ("buyer.evaluations", _l("Evaluation")),
    "colleagues": ("buyer.colleagues", _l("Colleagues")),
    "settings": ("buyer.settings", _l("Settings")),
    "data": ("buyer.data", _l("Your data")),
}
"""The main menu: a page's `nav` -> endpoint and label."""


@dataclass(frozen=True)
class NavItem:
    """One word of the main menu."""

    key: str
    href: str
    label: str


def municipality() -> Municipality:
    """Return the municipality of the buyer who asks; the rule `buyer` has looked it up."""
    found: Municipality = g.municipality
    return found


def licence_row(licence_id: int) -> LicenceRow:
    """Return a licence of the municipality with its seats counted. Raises `NotFound`."""
    return seat_lists.licence(current_session(), municipality_scope(), licence_id)


def course_title(licence: Licence) -> str:
    """Return the title of a licence's course in the language spoken now."""
    return titles(current_session(), municipality_scope(), {licence.course_id}, language())[licence.course_id]


def render_licence(template: str, row: LicenceRow, tab: str, **shown: object) -> str:
    """Render a page of one licence, which extends buyer/licence-layout.html; `tab` is the endpoint of its tab."""
    return render_template(
        template,
        licence=row.licence,
        counts=row.counts,
        title=course_title(row.licence),
        tabs=licence_tabs(row.licence.id, tab),
        days_left=(row.licence.ends_on - clock.today(municipality().country)).days + 1,
        **shown,
    )


@bp.url_defaults
def _same_municipality(endpoint: str, values: dict[str, object]) -> None:
    """Links between the buyer's pages stay in the municipality they stand in."""
    if endpoint.startswith("buyer.") and "municipality" in g:
        values.setdefault("municipality_id", g.municipality.id)


@bp.context_processor
def _municipality() -> dict[str, object]:
    return {
        "municipality": g.get("municipality"),
        "municipalities": g.get("municipalities", []),
        "buyer_nav": _nav() if "municipality" in g else [],
    }


def _nav() -> list[NavItem]:
    return [NavItem(key, url_for(endpoint), str(label)) for key, (endpoint, label) in NAV.items()]
