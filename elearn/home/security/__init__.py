"""'Sign-in and security': how a person signs in, and where; importing this package brings all its pages along."""

from elearn.home.security import apps, browsers, page, passkeys, passwords
from elearn.home.security.blueprint import bp

__all__ = ["apps", "bp", "browsers", "page", "passkeys", "passwords"]
