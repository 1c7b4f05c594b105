"""Playlists, segments, captions: whoever holds the film's viewing ticket gets them; nobody is looked up."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, request

from elearn.core import clock
from elearn.media.delivery import deliver
from elearn.media.tickets import LIFE, Ticket, TicketSigner, cookie_name
from elearn.web import access
from elearn.web.session import installation

bp = Blueprint("media", __name__)

WHOLE_SECONDS = timedelta(seconds=1)
"""nginx counts in whole seconds: what stands until 12.0 may be gone by until 13.0."""


@bp.get("/media/<int:video_id>/<package>/<path:file>")
@access.ticket
def file(video_id: int, package: str, file: str) -> Response:
    """Send a file of a film's package: 403 without a valid ticket for this film, 404 for what is not in it."""
    ticket = _valid_ticket(video_id, clock.now())
    if ticket is None:
        return Response(status=403)
    if package != ticket.package:
        return Response(status=404)
    return deliver(installation().settings, package, file, request)


@bp.get("/media/<int:video_id>/<package>/check")
@access.ticket
def check(video_id: int, package: str) -> Response:
    """Tell nginx, which sends the files by itself, whether a ticket opens a package; a yes stands to its end.

    Nothing but the ticket is looked at, so asking again within its life could not come to another answer.
    """
    now = clock.now()
    ticket = _valid_ticket(video_id, now)
    if ticket is None or package != ticket.package:
        return Response(status=403)
    stands = ticket.issued_at + LIFE - now - WHOLE_SECONDS
    headers = {"X-Accel-Expires": str(max(0, int(stands.total_seconds())))}
    return Response(status=204, mimetype="text/plain", headers=headers)  # no page: nginx reads its headers each time


def _valid_ticket(video_id: int, now: datetime) -> Ticket | None:
    here = installation()
    ticket = TicketSigner(here.tokens).read(request.cookies.get(cookie_name(secure=here.settings.secure)))
    return ticket if ticket and ticket.video_id == video_id and ticket.is_valid(now) else None
