"""What the buyer's pages share."""

from flask import Blueprint, g

from elearn.organisations.models import Municipality

bp = Blueprint("buyer", __name__, url_prefix="/municipalities/<int:municipality_id>")


def municipality() -> Municipality:
    """Return the municipality of the buyer who asks; the rule `buyer` has looked it up."""
    found: Municipality = g.municipality
    return found


@bp.url_defaults
def _same_municipality(endpoint: str, values: dict[str, object]) -> None:
    """Links between the buyer's pages stay in the municipality they stand in."""
    if endpoint.startswith("buyer.") and "municipality" in g:
        values.setdefault("municipality_id", g.municipality.id)


@bp.context_processor
def _municipality() -> dict[str, Municipality | None]:
    return {"municipality": g.get("municipality")}
