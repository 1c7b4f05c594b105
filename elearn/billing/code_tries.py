"""Guessing discount codes is limited: a try is counted before anybody looks whether the code holds."""

from flask import request
from flask import session as cookie

from elearn.billing import discounts
from elearn.core.limits import Limit, count_attempt
from elearn.web import session as web_session
from elearn.web.session import READING, current_session, installation

CODE_TRIES = Limit("billing.code", attempts=30, window_s=900)
_TRIED = "tried_code"


def try_code(code: str) -> None:
    """Count that a code is tried, so that of a hundred at once no more are answered than the limit allows.

    A browser that asks about the same code again, for another number of seats, learns nothing new and is not counted.
    Raises `TooManyAttempts`.
    """
    code = discounts.normalised(code)
    if cookie.get(_TRIED) == code:
        return
    sender = request.remote_addr or ""
    if request.method in READING:
        with installation().database.transaction() as session:
            count_attempt(session, CODE_TRIES, sender)
    else:
        count_attempt(current_session(), CODE_TRIES, sender)
        web_session.commit()  # counted, whatever becomes of the request
    cookie[_TRIED] = code
