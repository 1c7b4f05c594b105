"""Secrets that travel in links, short signed statements, and texts that are kept encrypted.

A link's token is derived from the product's secret key and a public nonce, so that a letter waiting in the
outbox holds no secret; only the token's hash is stored (at least 128 bits).

While one secret key follows another, what the old one signed, sealed or derived is still read; nothing new is
made with it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True)
class Minted:
    """What is stored of a new token: the nonce it can be derived from, and the hash it is found by."""

    nonce: str
    token_hash: str


class Tokens:
    """Makes and checks tokens under a secret key; every purpose has its own, which no other accepts.

    `old_keys` are those before it: what they made is read, and they make nothing any more.
    """

    def __init__(self, secret_key: str, old_keys: Sequence[str] = ()) -> None:
        self._keys = [secret_key, *old_keys]
        self.signer = cache(self._signer)
        """Returns the signer whose statements are accepted for one purpose alone."""

    def mint(self, purpose: str) -> Minted:
        """Make a token for a purpose; what is returned may be stored."""
        nonce = f"{secrets.token_urlsafe(16)}.{_mark(self._keys[0])}"
        return Minted(nonce, hash_of(self.reveal(purpose, nonce)))

    def reveal(self, purpose: str, nonce: str) -> str:
        """Return the token itself, to be written into a letter: 192 bits, URL-safe.

        A nonce without a mark was minted before there were marks, so under the oldest key.
        """
        mark = nonce.rpartition(".")[2]
        minted_with = next((key for key in self._keys if _mark(key) == mark), self._keys[-1])
        return _derived(minted_with, purpose, nonce)

    def lasting(self, purpose: str, name: str) -> list[str]:
        """Return the token of a name that has one for good: today's, then those under the keys before."""
        return [_derived(key, purpose, name) for key in self._keys]

    def fingerprint(self, purpose: str, text: str) -> str:
        """Return a keyed hash: the same text gives the same one, and nobody without the key can try texts out."""
        return self.fingerprints(purpose, text)[0]

    def fingerprints(self, purpose: str, text: str) -> list[str]:
        """Return all keyed hashes that may have been stored of a text: today's, then those under the keys before."""
        return [_digest(key, f"print:{purpose}:{text}").hex() for key in self._keys]

    def seal(self, purpose: str, text: str) -> str:
        """Encrypt a text that has to be read again, so that the database alone does not tell it."""
        return self._fernets(purpose)[0].encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str | None:
        """Return the text, or None when it was sealed under another key or for another purpose."""
        try:
            return MultiFernet(self._fernets(purpose)).decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def seal_anew(self, purpose: str, sealed: str) -> str | None:
        """Return the same text sealed under today's key; None when it is already, or cannot be read."""
        today, *_before = fernets = self._fernets(purpose)
        with suppress(InvalidToken):
            today.extract_timestamp(sealed.encode())
            return None
        with suppress(InvalidToken):
            return MultiFernet(fernets).rotate(sealed.encode()).decode()
        return None

    def _fernets(self, purpose: str) -> list[Fernet]:
        return [Fernet(base64.urlsafe_b64encode(_digest(key, f"seal:{purpose}"))) for key in self._keys]

    def _signer(self, purpose: str) -> "Signer":
        return Signer(self._keys, purpose)


class Signer:
    """Signs small JSON statements for one purpose."""

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            keys[::-1],  # the last one signs
            salt=f"elearn.{purpose}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def sign(self, statement: Any) -> str:
        """Return the statement as a signed, URL-safe string."""
        return str(self._serializer.dumps(statement))

    def read(self, signed: str | None) -> Any:
        """Return the statement, or None when it is missing, altered or signed for another purpose."""
        if not signed:
            return None
        try:
            return self._serializer.loads(signed)
        except BadSignature:
            return None


def random_token() -> str:
    """Return 192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    """Return what is stored of a token: its SHA-256, enough for tokens of full entropy."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derived(key: str, purpose: str, nonce: str) -> str:
    return base64.urlsafe_b64encode(_digest(key, f"link:{purpose}:{nonce}")[:24]).decode()


def _mark(key: str) -> str:
    """Return what a nonce carries of the key it was minted under: enough to tell keys apart, and no more."""
    return _digest(key, "mark").hex()[:8]


def _digest(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
