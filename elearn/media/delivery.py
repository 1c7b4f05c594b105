"""Who sends a file of a film: this process, nginx, the bucket or the CDN. The ticket was checked before.

Small files come from the app wherever films lie: a page that cannot reach the bucket still has its captions and
pictures from this machine's cache, and a playlist's addresses stay relative to the product's own.
"""

from flask import Request, Response

from elearn.config import Settings
from elearn.media.answering import content_at, content_of, keep, send, type_of
from elearn.media.cdn import url_at_cdn
from elearn.media.errors import FilmsOutOfReach
from elearn.media.stores.packages import is_segment, is_served
from elearn.media.stores.storage import open_store

RETRY_AFTER_S = 5


def deliver(settings: Settings, package: str, file: str, request: Request) -> Response:
    """Answer with a file of a package, or with where it is fetched.

    404 for what the package does not have, 503 while films are out of reach.
    """
    if not is_served(package, file):
        return Response(status=404)
    if settings.media_accel:
        return _by_nginx(settings.media_accel, package, file)
    store = open_store(settings)
    path = store.local_path(package, file)
    if path is not None:
        content = content_at(path)
        return send(content, request) if content else Response(status=404)
    if is_segment(file):
        method = "HEAD" if request.method == "HEAD" else "GET"
        url = url_at_cdn(settings, package, file) or store.signed_url(package, file, method=method)
        return _elsewhere(url) if url else Response(status=404)
    try:
        read = store.read(package, file)
    except FilmsOutOfReach:
        return _out_of_reach()
    return send(content_of(read, file), request) if read is not None else Response(status=404)


def _by_nginx(prefix: str, package: str, file: str) -> Response:
    """Leave the sending to nginx, which knows ranges and conditions by itself."""
    headers = {"X-Accel-Redirect": f"{prefix}/{package}/{file}", "Content-Type": type_of(file)}
    return keep(Response(headers=headers))


def _elsewhere(url: str) -> Response:
    """Send the browser to an address that opens the file for a minute: no cache keeps it, no referrer tells it on."""
    headers = {"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status=302, headers=headers)


def _out_of_reach() -> Response:
    return Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
