"""The one door to mail: a server by SMTP, or files in the data folder that demo mode shows in the browser."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from elearn.config import LOOPBACK, Settings

TIMEOUT_S = 20
POLICY = "5.7."
"""How a server says that it is the sender it does not like: that tells nothing about the address."""
NOT_SIGNED_IN = 530


class AddressRefused(Exception):
    """Nothing is ever delivered to the address: the text is the mail server's own, or says why it is asked nothing."""


def send(settings: Settings, message: EmailMessage, *, name: str) -> None:
    """Hand a message over. Raises OSError or smtplib.SMTPException when it was not taken, `AddressRefused`."""
    if settings.mail_url == "file:":
        _write(settings, message, name)
    else:
        _deliver(settings.mail_url, message)


def forget(settings: Settings, name: str) -> None:
    """Delete the file of a letter, where letters are written to files."""
    (settings.mail_folder / f"{name}.eml").unlink(missing_ok=True)


def _write(settings: Settings, message: EmailMessage, name: str) -> None:
    folder = settings.mail_folder
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    try:
        part.write_bytes(bytes(message))
        part.chmod(0o600)
        part.replace(folder / f"{name}.eml")
    finally:
        part.unlink(missing_ok=True)


def _deliver(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    assert parts.hostname
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TIMEOUT_S, context=secure)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=TIMEOUT_S)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=secure)
        elif parts.scheme == "smtp" and parts.username and parts.hostname not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError("The mail server offers no TLS, so the password was not sent.")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            raise _permanent(refused) or refused from None


def _permanent(refused: smtplib.SMTPRecipientsRefused) -> AddressRefused | None:
    """Return the refusal of the one recipient when trying again is no use; None when the cause may pass."""
    for code, words in refused.recipients.values():
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        if 500 <= code < 600 and code != NOT_SIGNED_IN and not said.startswith(POLICY):
            return AddressRefused(f"{code} {' '.join(said.split())}")
    return None
