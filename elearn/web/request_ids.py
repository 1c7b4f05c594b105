"""A name for each request, by which its lines in the log belong together."""

import re
import secrets

from flask import Flask, request

from elearn.core import logs
from elearn.web.session import installation

OF_PROXY = re.compile(r"[0-9A-Za-z-]{8,64}")


def init_app(app: Flask) -> None:
    """Name each request before anything else is done."""
    app.before_request(name_request)


def name_request() -> None:
    """Take the name that a proxy of ours gives, else make one up: a stranger's own would be no name."""
    given = request.headers.get("X-Request-ID", "")
    is_ours = installation().settings.trusted_proxies and OF_PROXY.fullmatch(given)
    logs.request_id.set(given if is_ours else secrets.token_hex(8))
