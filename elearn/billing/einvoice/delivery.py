"""How e-invoices leave the house: as a letter, into a folder, to a webhook (docs/rules/invoices.md)."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from elearn.billing.models import Delivery
from elearn.config import Settings
from elearn.core import clock, outgoing
from elearn.core.tokens import Tokens
from elearn.mail import transport

XML, PDF = "xml", "pdf"
SIGNING = "invoice-webhook"


@dataclass(frozen=True)
class Parcel:
    """What one delivery takes along."""

    id: int
    """The delivery's."""
    how: Delivery
    target: str
    house_id: int
    house_slug: str
    number: str
    kind: str
    asked_at: datetime
    xml: bytes
    pdf: bytes
    facts: dict[str, Any]
    """What a program wants to know without reading the e-invoice."""

    @property
    def message_id(self) -> str:
        """The same at every try, so that the other side can drop a double."""
        return f"invoice-delivery-{self.id}"

    @property
    def file_stem(self) -> str:
        """The name of its files: the number, whatever signs its prefix has."""
        return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in self.number)


def into_folder(settings: Settings, parcel: Parcel) -> None:
    """Write both files, whole or not at all, the e-invoice last: whoever looks for it finds the paper beside it."""
    folder = settings.data / "e-invoices" / parcel.house_slug / parcel.target
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{parcel.file_stem}.{PDF}", parcel.pdf)
    _write(folder / f"{parcel.file_stem}.{XML}", parcel.xml)


def by_mail(settings: Settings, parcel: Parcel, letter: EmailMessage) -> None:
    """Send a letter with both files. Raises OSError, smtplib.SMTPException, `transport.AddressRefused`."""
    host = letter["Message-ID"].rpartition("@")[2]
    letter.replace_header("Message-ID", f"<{parcel.message_id}@{host}")
    letter.add_attachment(parcel.xml, maintype="application", subtype="xml", filename=f"{parcel.file_stem}.{XML}")
    letter.add_attachment(parcel.pdf, maintype="application", subtype="pdf", filename=f"{parcel.file_stem}.{PDF}")
    transport.send(settings, letter, name=letter_name(parcel.id, parcel.asked_at))


def letter_name(delivery_id: int, asked_at: datetime) -> str:
    """Return the name of a letter's file, where letters are written to files."""
    return f"{asked_at:%Y%m%dT%H%M%S}-invoice-{delivery_id:08}"


def to_webhook(settings: Settings, tokens: Tokens, parcel: Parcel) -> None:
    """Post both files as JSON, signed by the convention of Standard Webhooks. Raises what `outgoing.post` does."""
    body = json.dumps(
        {
            "type": f"{parcel.kind}.issued",
            "timestamp": parcel.asked_at.isoformat(),
            "data": {**parcel.facts, "xml": parcel.xml.decode(), "pdf_base64": base64.b64encode(parcel.pdf).decode()},
        }
    ).encode()
    sent_at = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": parcel.message_id,
        "webhook-timestamp": sent_at,
        "webhook-signature": " ".join(
            signature(secret, parcel.message_id, sent_at, body) for secret in _webhook_secrets(tokens, parcel.house_id)
        ),
    }
    outgoing.post(parcel.target, body, headers, loopback_too=settings.demo)


def webhook_secret(tokens: Tokens, house_id: int) -> str:
    """Return what a house's receiving program checks signatures with; shown on the seller's page."""
    return _webhook_secrets(tokens, house_id)[0]


def _webhook_secrets(tokens: Tokens, house_id: int) -> list[str]:
    """Return today's secret, and those that a receiver may still have: each signs, as Standard Webhooks has it."""
    keys = [base64.urlsafe_b64decode(token) for token in tokens.lasting(SIGNING, str(house_id))]
    return [f"whsec_{base64.b64encode(key).decode()}" for key in keys]


def signature(secret: str, message_id: str, sent_at: str, body: bytes) -> str:
    """Return the signature of a message as its header has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
