"""A municipality's tokens for its HR system: shown once, stored as a hash, revoked at once."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.errors import NotFound, TooManyAttempts
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.core.scope import MunicipalityScope
from elearn.core.tokens import hash_of, random_token
from elearn.organisations.models import ApiToken, Municipality, TokenScope

CALLS = Limit("api.calls", attempts=600, window_s=60)

TOKEN_MADE = audit.kind("organisations.api_token.made", "token_id", "scopes")
TOKEN_REVOKED = audit.kind("organisations.api_token.revoked", "token_id")


def make_token(
    session: Session, *, scope: MunicipalityScope, name: str, scopes: Iterable[TokenScope], by_id: int | None
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, 192 random bits that are stored nowhere."""
    secret = random_token()
    token = ApiToken(
        municipality_id=scope.municipality_id,
        name=name.strip(),
        token_hash=hash_of(secret),
        scopes=sorted(scopes),
        created_by_id=by_id,
        created_at=clock.now(),
    )
    session.add(token)
    session.flush()  # the audit event names its id
    audit.record(
        session,
        TOKEN_MADE,
        actor_id=by_id,
        municipality_id=scope.municipality_id,
        token_id=token.id,
        scopes=token.scopes,
    )
    return token, secret


def revoke_token(session: Session, *, scope: MunicipalityScope, token_id: int, by_id: int | None) -> None:
    """End a token; its next call is refused. Raises `NotFound`."""
    revoked = session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.municipality_id == scope.municipality_id)
        .where(ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(ApiToken.id)
    )
    if revoked is None:
        raise NotFound("no such token")
    audit.record(session, TOKEN_REVOKED, actor_id=by_id, municipality_id=scope.municipality_id, token_id=token_id)


def find_token(session: Session, secret: str) -> tuple[ApiToken, Municipality] | None:
    """Return the token of a secret, and whose it is; None when it was never ours or is revoked.

    Raises `TooManyAttempts` when the token has been used too often in this minute.
    """
    row = session.execute(
        select(ApiToken, Municipality)
        .join(Municipality, Municipality.id == ApiToken.municipality_id)
        .where(ApiToken.token_hash == hash_of(secret), ApiToken.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    check_attempts(session, CALLS, str(row[0].id))
    return row[0], row[1]


def note_use(session: Session, *, token_id: int, country: str) -> None:
    """Count a call, and note the day a token was last used; for a short transaction after the call's own."""
    try:
        count_attempt(session, CALLS, str(token_id))
    except TooManyAttempts:
        return  # calls at the same moment: the next one is refused
    today = clock.today(country)
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.last_used_on.is_distinct_from(today))
        .values(last_used_on=today)
    )
