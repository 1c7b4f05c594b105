"""Codes of authenticator apps (RFC 6238): six digits that change every 30 seconds."""

import hmac
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pyotp
import segno

STEP_S = 30
AROUND = 1
"""Codes of the step before and after count too: clocks differ, and typing takes time."""


def new_secret() -> str:
    """Return 160 random bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """Return the otpauth:// address that an app reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def secret_in(address: str) -> str:
    """Return the secret of an otpauth:// address in groups of four, for whoever types it."""
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def square_code(address: str) -> str:
    """Return the address as a QR code: inline SVG whose sizes and colours are attributes, so the policy holds."""
    return segno.make(address, error="m").svg_inline(scale=5, light="#fff", dark="#000", border=4, svgclass="qr")


def step_of(instant: datetime) -> int:
    """Return the 30 s step that an instant falls into."""
    return int(instant.timestamp()) // STEP_S


def step_shown(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code was typed, or None for a wrong or old one. Spaces between the digits are fine."""
    typed = "".join(code.split())
    app, current, found = pyotp.TOTP(secret), step_of(now), None
    for step in range(current - AROUND, current + AROUND + 1):
        if hmac.compare_digest(app.at(step * STEP_S).encode(), typed.encode()):
            found = step
    return found
