"""Refusals of backups and of moving; each says what to do."""

from elearn.core.errors import DomainError


class NoSuchBackup(DomainError):
    """There is no backup of that name, or none at all."""


class BackupUnderWay(DomainError):
    """Another process is making a backup, or putting one back."""


class BrokenBackup(DomainError):
    """A backup's files are not as they were made."""


class WrongKey(DomainError):
    """The key is none, cannot open anything, or is not the one that the backup was encrypted to."""


class OnlyPublicHalf(WrongKey):
    """The key at hand makes backups and opens none."""


class ToolFailed(DomainError):
    """A program of PostgreSQL is not there, or refused; the message says what it said."""


class OtherEngine(DomainError):
    """A backup of one engine cannot be put into the other."""


class InUse(DomainError):
    """The product, or something else, is connected to the database."""


class NotEmpty(DomainError):
    """There is something already where nothing may be lost."""


class NotAsBefore(DomainError):
    """What was written is not what was read: nothing may be built on it."""
