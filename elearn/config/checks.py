"""What all settings are checked with."""

from urllib.parse import urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


class SettingError(Exception):
    """A setting is missing or wrong; the message says what to write."""


def is_loopback(url: str) -> bool:
    """Whether an address is that of a program on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and not parts.path


def is_origin(url: str) -> bool:
    """Whether an address is an https origin, or that of a program on this machine."""
    parts = urlsplit(url)
    return is_loopback(url) or (parts.scheme == "https" and bool(parts.hostname) and not parts.path)
