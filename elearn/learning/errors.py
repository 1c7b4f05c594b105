"""Refusals of watching."""

from elearn.core.errors import DomainError


class NoLiveSeat(DomainError):
    """The person holds no seat whose licence runs today."""


class BadReport(DomainError):
    """A progress report does not make sense; the message says why. Nothing of it is stored."""


class OwnWordNotTaken(DomainError):
    """The course does not take the learner's word; the film has to be watched."""
