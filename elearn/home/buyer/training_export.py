"""Who is due as a file: what the list shows, for whoever keeps it elsewhere. Who fetched it is noted."""

from collections.abc import Iterator

from flask import Response
from sqlalchemy.orm import Session

from elearn.accounts.signing import current_person
from elearn.catalogue.queries import titles
from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.spreadsheets import CSV, XLSX, as_csv, as_xlsx
from elearn.home.buyer.pages import bp, municipality
from elearn.home.buyer.training import wanted_people
from elearn.organisations.access import buyer, municipality_scope
from elearn.training.models import RuleKind
from elearn.training.queries import DueState, everybody_due, rules
from elearn.web.session import afterwards, current_session

EXPORTED = audit.kind("training.people.exported", "file", "people")


@bp.get("/training/due.csv")
@buyer
def training_due_csv(municipality_id: int) -> Response:
    """Send the list as CSV."""
    rows = list(_rows())
    return _file(as_csv(_header(), rows), "due.csv", CSV, len(rows))


@bp.get("/training/due.xlsx")
@buyer
def training_due_xlsx(municipality_id: int) -> Response:
    """Send the list as an Excel workbook."""
    rows = list(_rows())
    return _file(as_xlsx(_header(), rows), "due.xlsx", XLSX, len(rows))


def _file(content: bytes, name: str, mimetype: str, people: int) -> Response:
    actor_id, municipality_id = current_person().id, municipality().id

    def note(session: Session) -> None:
        audit.record(session, EXPORTED, actor_id=actor_id, municipality_id=municipality_id, file=name, people=people)

    afterwards(note)
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


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
