"""What a player is told that may show a film: its claims, where the film lies, and the cookies that open it."""

from typing import Any

from flask import Response, jsonify, make_response

from elearn.core.installation import Installation
from elearn.media import cdn
from elearn.media.tickets import LIFE, RENEW_AFTER, Ticket, TicketSigner, cookie_name


def folder_of(ticket: Ticket) -> str:
    """Return the address below which a ticket's film lies."""
    return f"/media/{ticket.video_id}/{ticket.package}"


def master_at(video_id: int, package: str) -> str:
    """Return the address of a film's first playlist: another film in its place has another."""
    return f"/media/{video_id}/{package}/master.m3u8"


def admitted(
    here: Installation,
    ticket: Ticket,
    *,
    cookie_path: str,
    tracks: list[dict[str, str]],
    thumbnails: str | None,
    progress: dict[str, Any] | None = None,
) -> Response:
    """Answer with a ticket; the cookie is for `cookie_path` alone. Without progress nothing is to be reported."""
    settings = here.settings
    claims = TicketSigner(here.tokens).sign(ticket)
    response = make_response(
        jsonify(
            claims=claims,
            expires_in_s=int(LIFE.total_seconds()),
            renew_in_s=int(RENEW_AFTER.total_seconds()),
            master=master_at(ticket.video_id, ticket.package),
            tracks=tracks,
            thumbnails=thumbnails,
            progress=progress,
            report=progress is not None,
            credentials=settings.has_cdn,
        )
    )
    response.set_cookie(
        cookie_name(secure=settings.secure),
        claims,
        max_age=LIFE,
        path=cookie_path,
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    if settings.has_cdn:
        cdn.admit(response, settings, ticket)
    response.headers["Cache-Control"] = "no-store"
    return response
