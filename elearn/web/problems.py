"""What the API answers when it cannot do what was asked: one shape, RFC 9457."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response

PROBLEM = "application/problem+json"


def problem(status: int, detail: str, *, code: str | None = None, errors: dict[str, Any] | None = None) -> Response:
    """Return a problem: `code` is a stable word for programs, `errors` says which fields are wrong and why."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code or HTTPStatus(status).name.lower().replace("_", "-"),
    }
    if errors is not None:
        told["errors"] = errors
    return Response(json.dumps(told), status=status, content_type=PROBLEM)
