"""The pages of one licence, as tabs. A new one is a line in `TABS`."""

from dataclasses import dataclass

from flask import url_for

from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l

TABS = {
    "buyer.licence": _l("People"),
    "buyer.new_list": _l("Invite from a list"),
    "buyer.join_links": _l("Join links"),
    "buyer.waiting_line": _l("Waiting"),
    "buyer.message": _l("Write to all"),
    "buyer.renewal": _l("Renewal"),
    "buyer.licence_history": _l("History"),
}
"""Endpoint -> label, in order. The page's rule is /municipalities/<id>/licences/<licence_id>/…"""


@dataclass(frozen=True)
class Tab:
    """One tab."""

    href: str
    label: str
    is_current: bool


def licence_tabs(licence_id: int, current: str) -> list[Tab]:
    """Return the tabs of a licence's pages; `current` is the endpoint that stands open."""
    return [
        Tab(url_for(endpoint, licence_id=licence_id), _(str(label)), endpoint == current)
        for endpoint, label in TABS.items()
    ]
