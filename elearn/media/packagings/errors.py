"""Named refusals of packagings."""

from elearn.core.errors import DomainError


class PackagingUnderWay(DomainError):
    """The film is being packaged, or waits for it."""


class NothingToRetry(DomainError):
    """There is no uploaded file any more to be packaged again, or the last attempt has not failed."""
