"""The maintained list of sectors that staff work in (domain.md), with their names."""

from elearn.core.i18n import lazy_gettext as _l

SECTORS = {
    "health_visitor": _l("Health visitors"),
    "school": _l("Schools"),
    "after_school": _l("After-school care"),
    "daycare": _l("Daycare"),
    "ppr": _l("Educational psychology service"),
    "family_services": _l("Family services"),
    "child_protection": _l("Child protection"),
    "nav": _l("Employment and welfare service"),
    "police": _l("Police"),
    "dental": _l("Dental health"),
    "youth": _l("Youth services"),
    "psychiatry": _l("Child and adolescent psychiatry"),
    "other": _l("Other"),
}
"""Code -> name. Codes are stable: people, departments and results carry them."""
