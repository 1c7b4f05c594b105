"""Sending sign-in links, and forgetting old links and sign-ins."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from elearn.accounts import services
from elearn.accounts.models import SignIn, SignInLink
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every

KEPT = timedelta(days=30)


@handles("accounts.send_link")
def send_link(installation: Installation, *, address: str, next_path: str | None) -> None:
    """Mail a sign-in link to whoever has this address."""
    with installation.database.transaction() as session:
        services.send_link(
            session, installation.tokens, address=address, next_path=next_path, house=installation.settings.name
        )


@every("accounts.forget_old_sign_ins", timedelta(hours=6))
def forget_old_sign_ins(_installation: Installation, session: Session) -> None:
    """Delete links and sign-ins a month after they ended."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at < clock.now() - KEPT))
    session.execute(delete(SignIn).where(SignIn.expires_at < clock.now() - KEPT))
