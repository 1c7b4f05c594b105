"""Sending sign-in links, and forgetting old links and sign-ins."""

from datetime import timedelta

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from elearn.accounts import factors, services
from elearn.accounts.models import SignIn, SignInLink
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every


@handles("accounts.send_link")
def send_link(installation: Installation, *, address: str, next_path: str | None) -> None:
    """Mail a sign-in link to whoever has this address."""
    with installation.database.transaction() as session:
        services.send_link(
            session, installation.tokens, address=address, next_path=next_path, house=installation.settings.name
        )


@every("accounts.forget_old_sign_ins", timedelta(hours=6))
def forget_old_sign_ins(installation: Installation, session: Session) -> None:
    """Delete links and sign-ins some days after they ended, as the settings say."""
    before = clock.now() - timedelta(days=installation.settings.keep_sign_ins_days)
    session.execute(delete(SignInLink).where(SignInLink.expires_at < before))
    session.execute(delete(SignIn).where(func.coalesce(SignIn.ended_at, SignIn.expires_at) < before))


@every("accounts.seal_anew", timedelta(hours=6))
def seal_anew(installation: Installation, session: Session) -> None:
    """Bring what is sealed under an old secret key under today's."""
    if installation.settings.old_secret_keys:
        factors.seal_anew(session, installation.tokens)
