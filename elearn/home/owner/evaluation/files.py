"""The report and the figures of a round as files, of all or of one municipality."""

from flask import Response

from elearn.evaluation import queries
from elearn.home.evaluation_files import figures_file, report_file
from elearn.home.owner.pages import bp
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import Municipality
from elearn.web.session import current_session


@bp.get("/evaluation/<int:round_id>/report.pdf")
@owner
def report(round_id: int) -> Response:
    """Send the report of all municipalities as a PDF."""
    return report_file(house_scope(), round_id, None)


@bp.get("/evaluation/<int:round_id>/figures.xlsx")
@owner
def figures_xlsx(round_id: int) -> Response:
    """Send the figures as an Excel workbook."""
    return figures_file(house_scope(), round_id, None, "xlsx")


@bp.get("/evaluation/<int:round_id>/figures.csv")
@owner
def figures_csv(round_id: int) -> Response:
    """Send the figures as CSV."""
    return figures_file(house_scope(), round_id, None, "csv")


@bp.get("/evaluation/<int:round_id>/municipalities/<int:municipality_id>/report.pdf")
@owner
def municipal_report(round_id: int, municipality_id: int) -> Response:
    """Send the report of a municipality as a PDF."""
    return report_file(house_scope(), round_id, _municipality(round_id, municipality_id))


@bp.get("/evaluation/<int:round_id>/municipalities/<int:municipality_id>/figures.xlsx")
@owner
def municipal_figures_xlsx(round_id: int, municipality_id: int) -> Response:
    """Send a municipality's figures and those of all as an Excel workbook."""
    return figures_file(house_scope(), round_id, _municipality(round_id, municipality_id), "xlsx")


def _municipality(round_id: int, municipality_id: int) -> Municipality:
    return queries.customer_of_round(current_session(), house_scope(), round_id, municipality_id)
