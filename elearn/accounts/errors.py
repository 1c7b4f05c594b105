"""Refusals of sign-in and accounts."""

from elearn.core.errors import DomainError


class NotAnAddress(DomainError):
    """What was written is no e-mail address."""


class LinkNotValid(DomainError):
    """The link has been used, is too old, or was never ours."""
