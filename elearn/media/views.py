"""Playlists, segments, captions: whoever holds the film's viewing ticket gets them; nobody is looked up."""

from flask import Blueprint, Response, request

from elearn.core import clock
from elearn.media.delivery import send
from elearn.media.storage import open_store
from elearn.media.tickets import TicketSigner, cookie_name
from elearn.web import access
from elearn.web.session import installation

bp = Blueprint("media", __name__)


@bp.get("/media/<int:video_id>/<package>/<path:file>")
@access.ticket
def file(video_id: int, package: str, file: str) -> Response:
    """Send a file of a film's package: 403 without a valid ticket for this film, 404 for what is not in it."""
    here = installation()
    claims = request.cookies.get(cookie_name(secure=here.settings.secure))
    ticket = TicketSigner(here.tokens).read(claims)
    if ticket is None or ticket.video_id != video_id or not ticket.is_valid(clock.now()):
        return Response(status=403)
    path = open_store(here.settings).local_path(package, file) if package == ticket.package else None
    if path is None:
        return Response(status=404)
    return send(path, request)
