"""Headers and checks that every answer and every form share."""

import json
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect

from elearn.web.session import BY_TICKET, READING, installation, leave_cookie_alone

csrf = CSRFProtect()
YEAR_S = 31_536_000
ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def init_app(app: Flask) -> None:
    """Switch on the origin check, CSRF tokens behind it, and the security headers."""
    app.before_request(refuse_other_origins)
    csrf.init_app(app)
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """Return this answer's nonce for script elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def refuse_other_origins() -> None:
    """Refuse a write that a browser says another site has made; the CSRF token is the second lock.

    A page that names no referrer names no origin either, but the browser still says that it is this site's.
    """
    if request.method in READING:
        return
    origin = request.headers.get("Origin")
    unnamed = origin == "null" and request.headers.get("Sec-Fetch-Site") == "same-origin"
    ours = (
        unnamed
        or origin is None
        or origin == installation().settings.public_url
        or origin == request.host_url.rstrip("/")
    )
    if not ours or request.headers.get("Sec-Fetch-Site") == "cross-site":
        leave_cookie_alone()
        abort(403)


def add_headers(response: Response) -> Response:
    """Set the security headers on every answer, errors included; a view's own go before these.

    No browser keeps what does not say that it may: lists of people as little as pages.
    """
    headers = dict(ON_EVERY_ANSWER)
    if not BY_TICKET.match(request.path):  # nginx keeps a ticket's answer for as long as that says itself
        headers["Cache-Control"] = "no-store"
    if installation().settings.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_S}; includeSubDomains"
    if response.mimetype == "text/html":
        headers |= {"Content-Security-Policy": content_security_policy(), "Cache-Control": "no-store"}
    own = {name.lower() for name, _value in response.headers}
    response.headers.extend([(name, value) for name, value in headers.items() if name.lower() not in own])
    return response


def add_headers_to_file(headers: Headers, _path: str, _url: str) -> None:
    """Set what a file of the front end needs, which is sent before the app is asked; a worker's file has no policy."""
    for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy"):
        headers[name] = ON_EVERY_ANSWER[name]


def content_security_policy() -> str:
    """Return the policy: own files only; scripts by nonce; the player's shadow styles by their hashes.

    Where segments of films come from a bucket or a CDN, that is let in for them, and for nothing else. They are reached
    by a redirect of ours, where browsers look at the origin alone; a script that asks by itself gets no further than to
    our bucket.
    """
    films = installation().settings.films_source
    styles = " ".join(["'self'", *front_end()["style_hashes"]])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{csp_nonce()}' 'self'",
            f"style-src {styles}",
            "img-src 'self' data:",
            "font-src 'self'",
            f"media-src 'self' blob: {films}".rstrip(),
            "worker-src 'self' blob:",
            f"connect-src 'self' {films}".rstrip(),
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        ]
    )


@cache
def front_end() -> dict[str, Any]:
    """Return what the front-end build made: file names by entry, and the player's style hashes."""
    manifest = Path(__file__).parent.parent / "static" / "build" / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("The front end is not built. Run `npm ci && npm run build`, or `make run`, which does it.")
    return dict(json.loads(manifest.read_text()))
