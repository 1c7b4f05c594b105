"""What the leader's pages share."""

from flask import Blueprint, g

from elearn.organisations.models import Municipality

bp = Blueprint("leader", __name__, url_prefix="/municipalities/<int:municipality_id>/department")


def municipality() -> Municipality:
    """Return the municipality of the leader who asks; the rule `leader` has looked it up."""
    found: Municipality = g.municipality
    return found


@bp.url_defaults
def _same_municipality(endpoint: str, values: dict[str, object]) -> None:
    """Links between the leader's pages stay in the municipality they stand in."""
    if endpoint.startswith("leader.") and "municipality" in g:
        values.setdefault("municipality_id", g.municipality.id)


@bp.context_processor
def _municipality() -> dict[str, object]:
    return {"municipality": g.get("municipality"), "municipalities": g.get("municipalities", [])}
