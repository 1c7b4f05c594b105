"""The report and the figures of an evaluation as files. Who fetched one is noted."""

from flask import Response
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.i18n import language
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.core.scope import HouseScope
from elearn.core.spreadsheets import CSV, XLSX, as_csv, as_xlsx
from elearn.evaluation import export, queries, report
from elearn.evaluation.queries import Reader
from elearn.home.evaluations import course_of, module_titles
from elearn.organisations.models import Municipality
from elearn.web.session import afterwards, current_session

FETCHED = audit.kind("evaluation.file.fetched", "round_id", "file")
OFTEN = Limit("evaluation.files_fetched", attempts=60, window_s=3600)


def report_file(scope: Reader, round_id: int, municipality: Municipality | None) -> Response:
    """Send the report of all, or of a municipality beside all. Raises `NotFound`, `TooManyAttempts`."""
    session, own_id = current_session(), municipality.id if municipality else None
    published = queries.published_results(session, scope, round_id, municipality_id=own_id)
    _note(session, scope, round_id, "report.pdf")
    course = course_of(session, scope, published.round.course_id)
    drawn = report.draw(
        published,
        house=published.round.course.course_house.name,
        course=str(course.content.title(language())),
        completed=published.completion(own_id),
        quotes=[text.text for text in queries.quotes(session, scope, round_id)],
        modules=module_titles(course),
        own=(municipality.id, municipality.official_name) if municipality else None,
    )
    return _sent(drawn, "application/pdf", "report.pdf")


def figures_file(scope: Reader, round_id: int, municipality: Municipality | None, kind: str) -> Response:
    """Send the published figures as 'csv' or 'xlsx'. Raises `NotFound`, `TooManyAttempts`."""
    session, own_id = current_session(), municipality.id if municipality else None
    published = queries.published_results(session, scope, round_id, municipality_id=own_id)
    name = f"figures.{kind}"
    _note(session, scope, round_id, name)
    modules = module_titles(course_of(session, scope, published.round.course_id))
    rows = export.rows(published, modules=modules, own=municipality.official_name if municipality else "")
    write, content_type = (as_csv, CSV) if kind == "csv" else (as_xlsx, XLSX)
    return _sent(write(export.header(), rows), content_type, name)


def _note(session: Session, scope: Reader, round_id: int, name: str) -> None:
    check_attempts(session, OFTEN, str(scope.person_id))

    def note(session: Session) -> None:
        count_attempt(session, OFTEN, str(scope.person_id))
        audit.record(
            session,
            FETCHED,
            actor_id=scope.person_id,
            municipality_id=None if isinstance(scope, HouseScope) else scope.municipality_id,
            course_house_id=scope.course_house_id if isinstance(scope, HouseScope) else None,
            round_id=round_id,
            file=name,
        )

    afterwards(note)


def _sent(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
