"""Secrets that travel in links, short signed statements, and texts that are kept encrypted.

A link's token is derived from the product's secret key and a public nonce, so that a letter waiting in the
outbox holds no secret; only the token's hash is stored (promises.md 39: at least 128 bits, hashed at rest).
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True)
class Minted:
    """What is stored of a new token: the nonce it can be derived from, and the hash it is found by."""

    nonce: str
    token_hash: str


class Tokens:
    """Makes and checks tokens under one secret key; every purpose has its own, which no other accepts."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key
        self.signer = cache(self._signer)
        """Returns the signer whose statements are accepted for one purpose alone."""

    def mint(self, purpose: str) -> Minted:
        """Make a token for a purpose; what is returned may be stored."""
        nonce = secrets.token_urlsafe(16)
        return Minted(nonce, hash_of(self.reveal(purpose, nonce)))

    def reveal(self, purpose: str, nonce: str) -> str:
        """Return the token itself, to be written into a letter: 192 bits, URL-safe."""
        digest = hmac.new(self._secret_key.encode(), f"link:{purpose}:{nonce}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:24]).decode()

    def fingerprint(self, purpose: str, text: str) -> str:
        """Return a keyed hash: the same text gives the same one, and nobody without the key can try texts out."""
        return hmac.new(self._secret_key.encode(), f"print:{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def seal(self, purpose: str, text: str) -> str:
        """Encrypt a text that has to be read again, so that the database alone does not tell it."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str | None:
        """Return the text, or None when it was sealed under another key or for another purpose."""
        try:
            return self._fernet(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _fernet(self, purpose: str) -> Fernet:
        key = hmac.new(self._secret_key.encode(), f"seal:{purpose}".encode(), hashlib.sha256).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def _signer(self, purpose: str) -> "Signer":
        return Signer(self._secret_key, purpose)


class Signer:
    """Signs small JSON statements for one purpose."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            secret_key,
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
