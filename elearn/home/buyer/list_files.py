"""Lists that a buyer fetches as files, CSV or Excel workbook. Who fetched one is noted, and how often that is done."""

from collections.abc import Iterator

from flask import Response
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.core.spreadsheets import CSV, XLSX, as_csv, as_xlsx
from elearn.organisations.access import municipality_scope
from elearn.web.session import afterwards, current_session

FETCHED = Limit("buyer.lists_fetched", attempts=60, window_s=3600)


def send_list(what: audit.Kind, name: str, header: list[str], rows: Iterator[list[str]], **noted: int) -> Response:
    """Send a list as a file whose name ends in .csv or .xlsx; `what` and `noted` go into the trail.

    Raises `TooManyAttempts` before a row is read.
    """
    scope = municipality_scope()
    check_attempts(current_session(), FETCHED, str(scope.municipality_id))
    read = list(rows)

    def note(session: Session) -> None:
        count_attempt(session, FETCHED, str(scope.municipality_id))
        audit.record(
            session,
            what,
            actor_id=scope.person_id,
            municipality_id=scope.municipality_id,
            file=name,
            people=len(read),
            **noted,
        )

    afterwards(note)
    is_csv = name.endswith(".csv")
    content = as_csv(header, read) if is_csv else as_xlsx(header, read)
    response = Response(content, content_type=CSV if is_csv else XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
