"""Mailed links that no longer work: one answer for all, and a limit on trying many."""

from flask import Response, request

from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.web.errors import answer, words
from elearn.web.session import afterwards, current_session

WRONG_LINKS = Limit("links.wrong", attempts=30, window_s=900)


def refuse_many_wrong_links() -> None:
    """Refuse whoever has tried many links that were not valid. Raises `TooManyAttempts`."""
    check_attempts(current_session(), WRONG_LINKS, request.remote_addr or "")


def wrong_link(*, was_ours: bool) -> Response:
    """Answer a link that no longer works, and remember who tried one that never did.

    Whoever opens an old letter guesses nothing, and a whole municipality may come from one network address.
    """
    sender = request.remote_addr or ""
    if not was_ours:
        afterwards(lambda session: count_attempt(session, WRONG_LINKS, sender))
    return answer(410, *words(410))
