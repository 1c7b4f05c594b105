"""Who sends a file of a film: this process, or nginx. The ticket was checked before."""

from flask import Request, Response

from elearn.config import Settings
from elearn.media.answering import content_at, keep, send, type_of
from elearn.media.packages import is_served
from elearn.media.storage import open_store


def deliver(settings: Settings, package: str, file: str, request: Request) -> Response:
    """Answer with a file of a package, or have nginx do it: 404 for what none has."""
    if not is_served(package, file):
        return Response(status=404)
    if settings.media_accel:
        return _by_nginx(settings.media_accel, package, file)
    path = open_store(settings).local_path(package, file)
    content = content_at(path) if path else None
    return send(content, request) if content else Response(status=404)


def _by_nginx(prefix: str, package: str, file: str) -> Response:
    """Leave the sending to nginx, which knows ranges and conditions by itself."""
    headers = {"X-Accel-Redirect": f"{prefix}/{package}/{file}", "Content-Type": type_of(file)}
    return keep(Response(headers=headers))
