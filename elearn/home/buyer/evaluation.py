"""The evaluation as a buyer sees it: the own municipality's figures beside those of all, and nobody's own answers."""

from flask import Response, render_template

from elearn.home.buyer.pages import bp, municipality
from elearn.home.evaluation_files import figures_file, report_file
from elearn.home.evaluations import list_context, method_context, page_context
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("/evaluation")
@buyer
def evaluations(municipality_id: int) -> str:
    """List the evaluations of the courses that the municipality holds a licence of."""
    return render_template("buyer/evaluation-list.html", **list_context(current_session(), municipality_scope()))


@bp.get("/evaluation/<int:round_id>")
@buyer
def evaluation(municipality_id: int, round_id: int) -> str:
    """Show the municipality's figures beside those of all."""
    context = page_context(current_session(), municipality_scope(), round_id, municipality())
    return render_template("buyer/evaluation-page.html", **context)


@bp.get("/evaluation/method")
@buyer
def evaluation_method(municipality_id: int) -> str:
    """Say how the figures are made, and what they cannot tell."""
    return render_template("buyer/evaluation-method.html", **method_context())


@bp.get("/evaluation/<int:round_id>/report.pdf")
@buyer
def report(municipality_id: int, round_id: int) -> Response:
    """Send the report of the municipality as a PDF."""
    return report_file(municipality_scope(), round_id, municipality())


@bp.get("/evaluation/<int:round_id>/figures.xlsx")
@buyer
def figures_xlsx(municipality_id: int, round_id: int) -> Response:
    """Send the municipality's figures and those of all as an Excel workbook."""
    return figures_file(municipality_scope(), round_id, municipality(), "xlsx")


@bp.get("/evaluation/<int:round_id>/figures.csv")
@buyer
def figures_csv(municipality_id: int, round_id: int) -> Response:
    """Send them as CSV."""
    return figures_file(municipality_scope(), round_id, municipality(), "csv")
