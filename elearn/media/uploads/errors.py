"""Named refusals of uploads."""

from elearn.core.errors import DomainError


class BadUpload(DomainError):
    """What is to be uploaded is not named, or not in a way that a film can be named."""


class FilmTooLarge(DomainError):
    """The file is larger than this installation takes."""


class UploadUnderWay(DomainError):
    """The film is being uploaded already."""


class TooManyUploads(DomainError):
    """The house has as many uploads under way as it may have."""


class NoRoom(DomainError):
    """The disk is nearly full."""


class WrongOffset(DomainError):
    """The bytes do not follow what is there; `arrived` says how much that is."""

    def __init__(self, arrived: int) -> None:
        super().__init__(f"{arrived} bytes are there")
        self.arrived = arrived


class WrongChecksum(DomainError):
    """The bytes are not those that were sent."""


class LineCut(DomainError):
    """The sender was gone before its last byte."""


class NoPlaceFree(DomainError):
    """As many senders as may are at it just now."""


class TooManyBytes(DomainError):
    """There are more bytes than the upload was said to have."""
