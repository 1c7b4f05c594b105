"""The challenge that a browser's next passkey answers: kept in its cookie, for one use and five minutes."""

from typing import Any

from flask import session as cookie

from elearn.accounts.errors import PasskeyNotValid
from elearn.accounts.passkeys import Site
from elearn.core import clock
from elearn.web.session import installation

LIFE_S = 300


def passkey_site() -> Site:
    """Return whom this installation's passkeys are for."""
    settings = installation().settings
    return Site(settings.public_url, settings.name)


def keep_challenge(purpose: str, options: dict[str, Any]) -> None:
    """Keep the challenge of what the browser is told, for `purpose` alone."""
    cookie["challenge"] = [purpose, options["challenge"], int(clock.now().timestamp())]


def take_challenge(purpose: str) -> str:
    """Return the challenge and forget it. Raises `PasskeyNotValid` when none is kept for this purpose, or for long."""
    kept_purpose, challenge, since_s = cookie.pop("challenge", ["", "", 0])
    if kept_purpose != purpose or clock.now().timestamp() - since_s > LIFE_S:
        raise PasskeyNotValid
    return str(challenge)
