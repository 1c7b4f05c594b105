"""The request's one database session (style: one transaction per request, see app.py), and the browser's cookie."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from elearn.core.installation import Installation

READING = {"GET", "HEAD", "OPTIONS"}
BY_TICKET = re.compile(r"/media/|/learn/lessons/[^/]+/watched$")
"""The paths that go by their ticket alone; `access.require_rules` holds them against the routes' rules."""

BY_TOKEN = re.compile(r"/api/v1/|/billing/stripe-webhook$|/(?:health|ready|metrics)$")
"""The paths for machines: they go by a token, by Stripe's signature, or by nothing, and no cookie is read or set."""


class CookieSigner(TimestampSigner):
    """Signs with the time, and asks of a signature only that it is not too old.

    What was signed before the clock was set back seems to come from the future, and is as good as any.
    """

    def unsign(  # type: ignore[override]  # theirs is overloaded by the flag
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> tuple[bytes, datetime] | bytes:
        """Return what was signed, with its time where that is wanted. Raises `BadSignature`."""
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and signed_at.timestamp() < self.get_timestamp() - max_age:
            raise SignatureExpired("signed too long ago", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, left shut where a ticket or a token speaks.

    Segments and progress reports are nearly all of the traffic and never look at who is signed in; checking and
    reading the cookie would cost a fifth of what a report costs (bench/progress.py).
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what reads and writes the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = CookieSigner
        return serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the browser's session, or an empty one that leaves its cookie as it is."""
        return self.session_class() if _is_shut(request) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the browser's session; a page under a ticket's path, or for a stranger, must not sign the person out."""
        if not _is_shut(request) and "is_refused_to_strangers" not in g:
            super().save_session(app, session, response)


def leave_cookie_alone() -> None:
    """Set no session in this answer: a foreign page sent the request, so the browser sent no session along."""
    g.is_refused_to_strangers = True


def _is_shut(asked: Request) -> bool:
    return bool(BY_TICKET.match(asked.path) or BY_TOKEN.match(asked.path))


def installation() -> Installation:
    """Return the installation that serves this request."""
    return cast(Installation, current_app.extensions["elearn"])


def current_session() -> Session:
    """Return the request's session, opened at first use: a reading one for GET, a writing one for all else."""
    if "session" not in g:
        database = installation().database
        g.session = database.reader() if request.method in READING else database.writer()
    return cast(Session, g.session)


def commit() -> None:
    """Commit what the request wrote."""
    if "session" in g:
        g.session.commit()


def roll_back() -> None:
    """Undo what the request wrote."""
    if "session" in g:
        g.session.rollback()


def release() -> None:
    """Give the connection back while the request goes on, for a view that waits for whoever sends.

    What is written afterwards is written in short transactions: nobody else waits for a line that is slow.
    """
    commit()
    close()


def close(_error: BaseException | None = None) -> None:
    """Give the request's connection back."""
    if (session := g.pop("session", None)) is not None:
        session.close()


def afterwards(write: Callable[[Session], None]) -> None:
    """Have something written in a short transaction of its own once the request's has ended, whichever way.

    For what must outlive a refusal, or what a GET may write: attempts and audit.
    """
    g.setdefault("afterwards", []).append(write)


def run_afterwards() -> None:
    """Write what was handed over."""
    for write in g.pop("afterwards", []):
        with installation().database.transaction() as session:
            write(session)
