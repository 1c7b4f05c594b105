"""Paths of our own that a request names: where to go next."""

from urllib.parse import urlsplit

MAX_LENGTH = 500


def safe_path(path: str | None) -> str | None:
    """Return a path of this product, or None for anything a browser could read as another site.

    Browsers drop tabs and line breaks and read backslashes as slashes, so `/%09/evil.test` must not pass.
    """
    if not path or len(path) > MAX_LENGTH:
        return None
    if any(ord(character) <= 32 or ord(character) == 127 for character in path) or "\\" in path:
        return None
    try:
        parts = urlsplit(path)
    except ValueError:  # such as `//[`
        return None
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return None
    return path
