"""What machines ask: whether the process answers, whether it can serve, and how the installation is."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request

from elearn.operations import metrics
from elearn.operations.readiness import lacking
from elearn.operations.state import state_of
from elearn.web import access
from elearn.web.problems import problem
from elearn.web.session import current_session, installation

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


@bp.get("/metrics")
@access.anyone
def figures() -> Response:
    """Tell the figures to whoever brings the token of the settings; without that setting there is no such page."""
    settings = installation().settings
    if not settings.metrics_token:
        abort(404)
    given = request.authorization
    if given is None or not hmac.compare_digest((given.token or "").encode(), settings.metrics_token.encode()):
        refused = problem(401, "Send the token of ELEARN_METRICS_TOKEN: Authorization: Bearer <token>.")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    return Response(metrics.text(state_of(current_session(), settings)), content_type=metrics.CONTENT_TYPE)


@bp.after_request
def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
