"""Playlists, segments, captions: whoever holds the film's viewing ticket gets them; nobody is looked up."""

from typing import Any

from flask import Blueprint, Response, current_app, request

from elearn.core import clock
from elearn.media.delivery import send
from elearn.media.queries import package_of
from elearn.media.storage import MediaStore
from elearn.media.tickets import TicketSigner, cookie_name
from elearn.web import access
from elearn.web.session import current_session, installation

bp = Blueprint("media", __name__)

MOST_REMEMBERED = 10_000


@bp.get("/media/<int:video_id>/<package>/<path:file>")
@access.ticket
def file(video_id: int, package: str, file: str) -> Response:
    """Send a file of a film's package: 403 without a valid ticket for this film, 404 for what is not in it."""
    here = installation()
    claims = request.cookies.get(cookie_name(secure=here.settings.secure))
    ticket = TicketSigner(here.tokens).read(claims)
    if ticket is None or ticket.video_id != video_id or not ticket.is_valid(clock.now()):
        return Response(status=403)
    path = MediaStore(here.settings.media).path(package, file)
    if path is None or not _belongs(video_id, package):
        return Response(status=404)
    return send(path, request)


def _belongs(video_id: int, package: str) -> bool:
    """Whether the package is the film's: else a ticket for one film would open all whose package one has seen.

    A process asks the database once per film and remembers it.
    """
    remembered: dict[tuple[int, str], Any] = current_app.extensions.setdefault("media.packages", {})
    if (video_id, package) in remembered:
        return True
    if package_of(current_session(), video_id) != package:
        return False
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()
    remembered[video_id, package] = None
    return True
