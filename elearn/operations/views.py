"""What machines ask: whether the process answers, whether it can serve, and how the installation is."""

from flask import Blueprint, Response, jsonify

from elearn.operations.readiness import lacking
from elearn.web import access
from elearn.web.session import installation

RETRY_AFTER_S = 5

bp = Blueprint("operations", __name__)


@bp.get("/health")
@access.anyone
def health() -> Response:
    """Say that the process answers; it touches nothing."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/ready")
@access.anyone
def ready() -> Response:
    """Say whether pages can be served: a balancer sends people elsewhere meanwhile. Names alone, no details."""
    lacks = lacking(installation())
    response = jsonify(ready=not lacks, lacking=lacks)
    if lacks:
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


@bp.after_request
def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
