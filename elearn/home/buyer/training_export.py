"""Who is due as a file: what the list shows, for whoever keeps it elsewhere."""

from collections.abc import Iterator

from flask import Response

from elearn.catalogue.queries import titles
from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.home.buyer.list_files import send_list
from elearn.home.buyer.pages import bp, municipality
from elearn.home.buyer.training import wanted_people
from elearn.organisations.access import buyer, municipality_scope
from elearn.training.models import RuleKind
from elearn.training.queries import DueState, everybody_due, rules
from elearn.web.session import current_session

EXPORTED = audit.kind("training.people.exported", "file", "people")


@bp.get("/training/due.csv")
@buyer
def training_due_csv(municipality_id: int) -> Response:
    """Send the list as CSV."""
    return send_list(EXPORTED, "due.csv", _header(), _rows())


@bp.get("/training/due.xlsx")
@buyer
def training_due_xlsx(municipality_id: int) -> Response:
    """Send the list as an Excel workbook."""
    return send_list(EXPORTED, "due.xlsx", _header(), _rows())


def _header() -> list[str]:
    return [_("Name"), _("Email"), _("Department"), _("Course"), _("What"), _("Day"), _("State"), _("Done on")]


def _rows() -> Iterator[list[str]]:
    session, scope = current_session(), municipality_scope()
    titled = titles(session, scope, {row.rule.course_id for row in rules(session, scope)}, language())
    kinds = {RuleKind.JOINER: _("New hires"), RuleKind.REFRESHER: _("Refresher")}
    states = {DueState.DUE: _("Due"), DueState.LATE: _("Late"), DueState.DONE: _("Done")}
    for row in everybody_due(session, scope, wanted_people()):
        yield [
            row.person.name,
            row.person.address,
            ", ".join(row.departments),
            titled[row.rule.course_id],
            kinds[RuleKind(row.rule.kind)],
            row.due.due_on.isoformat(),
            states[row.state],
            clock.day_of(row.done_at, municipality().country).isoformat() if row.done_at else "",
        ]
