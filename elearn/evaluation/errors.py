"""Refusals of evaluation."""

from elearn.core.errors import DomainError


class PassageNotFound(DomainError):
    """The text does not hold the passage."""


class ThemeTaken(DomainError):
    """The course has a theme of this name."""
