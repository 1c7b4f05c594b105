"""Reading how a person signs in."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Passkey, SignIn, TotpSecret
from elearn.core import clock
from elearn.core.scope import PersonScope


def open_sign_ins(session: Session, scope: PersonScope) -> list[SignIn]:
    """Return the browsers a person is signed in with, the latest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.person_id == scope.person_id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
            .order_by(SignIn.created_at.desc(), SignIn.id.desc())
        )
    )


def passkeys(session: Session, scope: PersonScope) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.person_id == scope.person_id).order_by(Passkey.id)))


def app_secret(session: Session, scope: PersonScope) -> TotpSecret | None:
    """Return the secret of a person's authenticator app, also while it waits for its first code."""
    return session.get(TotpSecret, scope.person_id)


def has_app(session: Session, scope: PersonScope) -> bool:
    """Say whether a person has an authenticator app that counts."""
    secret = app_secret(session, scope)
    return secret is not None and secret.confirmed_at is not None


def has_second_factor(session: Session, scope: PersonScope) -> bool:
    """Say whether a person has a passkey or an authenticator app."""
    app = exists().where(TotpSecret.person_id == scope.person_id, TotpSecret.confirmed_at.is_not(None))
    passkey = exists().where(Passkey.person_id == scope.person_id)
    return bool(session.scalar(select(or_(app, passkey))))
