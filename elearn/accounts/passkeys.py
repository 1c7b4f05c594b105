"""Passkeys: the only module that speaks WebAuthn.

Browsers bind a passkey to the host of the public address; over plain http they know `localhost` alone.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from elearn.accounts.errors import PasskeyNotValid
from elearn.accounts.models import Passkey

HOSTILE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What a credential that no browser made can raise."""


@dataclass(frozen=True)
class Site:
    """Whom passkeys are for: this installation, by its public address."""

    url: str
    name: str

    @property
    def host(self) -> str:
        """The host that browsers bind passkeys to."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True)
class NewPasskey:
    """What is kept of a passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int


def options_to_add(site: Site, *, person_id: int, address: str, name: str, known: list[Passkey]) -> dict[str, Any]:
    """Return what a browser needs to make a passkey; its `challenge` is to be kept for the answer."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=str(person_id).encode(),
        user_name=address,
        user_display_name=name,
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return dict(json.loads(options_to_json(options)))


def check_new(site: Site, *, challenge: str, answer: str) -> NewPasskey:
    """Return the passkey that a browser has made for this challenge. Raises `PasskeyNotValid`."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
        )
    except HOSTILE as error:
        raise PasskeyNotValid from error
    return NewPasskey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def options_to_show(site: Site, known: list[Passkey]) -> dict[str, Any]:
    """Return what a browser needs to show one of a person's passkeys."""
    options = generate_authentication_options(rp_id=site.host, allow_credentials=_described(known))
    return dict(json.loads(options_to_json(options)))


def check_shown(site: Site, known: list[Passkey], *, challenge: str, answer: str) -> tuple[Passkey, int]:
    """Return which of the person's passkeys was shown for this challenge, and its new count of uses.

    Raises `PasskeyNotValid`.
    """
    try:
        shown_id = json.loads(answer)["id"]
        passkey = next(one for one in known if one.credential_id == shown_id)
        shown = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except (*HOSTILE, StopIteration) as error:
        raise PasskeyNotValid from error
    return passkey, shown.new_sign_count


def _described(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in known]
