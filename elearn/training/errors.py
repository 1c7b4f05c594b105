"""What rules for new hires and refreshers refuse."""

from elearn.core.errors import DomainError


class RuleRunsAlready(DomainError):
    """A rule of the same kind runs for the same course and department already."""


class NoSuchModules(DomainError):
    """A refresher names no module of the course, or one that the course does not have."""
