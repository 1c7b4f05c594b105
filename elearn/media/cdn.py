"""CloudFront before the bucket: cookies, signed with our key, that open one film's package until the ticket's end."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Response

from elearn.config import Settings
from elearn.media.tickets import LIFE, Ticket


def url_at_cdn(settings: Settings, package: str, file: str) -> str | None:
    """Return where the CDN has a file; None without a CDN."""
    return f"{settings.cdn_url}/{package}/{file}" if settings.has_cdn else None


def admit(response: Response, settings: Settings, ticket: Ticket) -> None:
    """Set the cookies that open the ticket's package at the CDN for as long as the ticket stands."""
    for name, value in signed_cookies(settings, ticket).items():
        response.set_cookie(
            name,
            value,
            max_age=LIFE,
            domain=settings.cdn_cookie_domain or None,
            path=f"/{ticket.package}/",
            secure=settings.secure,
            httponly=True,
            samesite="Lax",
        )


def signed_cookies(settings: Settings, ticket: Ticket) -> dict[str, str]:
    """Return CloudFront's three cookies by name: a policy for the package's path, its signature, whose key that is."""
    from botocore.signers import CloudFrontSigner  # slow to load, and few have a CDN

    key = _private_key(settings.cdn_key)
    sha1 = SHA1()  # noqa: S303 - CloudFront takes no other for these
    signer = CloudFrontSigner(settings.cdn_key_id, lambda text: key.sign(text, PKCS1v15(), sha1))
    policy = signer.build_policy(f"{settings.cdn_url}/{ticket.package}/*", ticket.issued_at + LIFE)
    return {
        "CloudFront-Policy": _url_safe(policy.encode()),
        "CloudFront-Signature": _url_safe(signer.rsa_signer(policy.encode())),
        "CloudFront-Key-Pair-Id": settings.cdn_key_id,
    }


@cache
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey), "the settings were checked"
    return key


def _url_safe(content: bytes) -> str:
    """Return base64 as CloudFront writes it in cookies."""
    return base64.b64encode(content).decode().translate(str.maketrans("+=/", "-_~"))
