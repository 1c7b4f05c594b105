"""Where packaged films lie: what every store promises, and how code gets at the installation's own."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from elearn.config import Settings
from elearn.media.local_store import LocalStore
from elearn.media.packages import MASTER


class MediaStore(Protocol):
    """The packages of an installation. Names that no package has are nowhere: not there, not read, not added."""

    def has(self, package: str, file: str = MASTER) -> bool:
        """Whether a package, or one file of it, is there."""

    def missing_files(self, package: str) -> list[str]:
        """Return the files that a package should have and that are not there: somebody removed them."""

    def read(self, package: str, file: str) -> bytes | None:
        """Return a small file (playlist, captions, picture), or None when it is not there or cannot be had now."""

    def notes(self, package: str) -> bytes | None:
        """Return what a manifest says of the package, or None like `read`."""

    def add(self, package: str, file: str, content: bytes) -> None:
        """Put a file beside a package's own, such as captions; a file of that name is replaced."""

    def making(self, package: str) -> AbstractContextManager[Path]:
        """Open a folder to make a package in; it becomes the package when the block ends well.

        When another run has made the same package meanwhile, that one stays.
        """

    def scratch(self, name: str = "") -> AbstractContextManager[Path]:
        """Open a folder that is gone when the block ends, or at the next run when the block was killed."""

    def local_path(self, package: str, file: str) -> Path | None:
        """Return where a file lies on this machine; None for wrong names, and when films do not lie here."""

    def signed_url(self, package: str, file: str, seconds: int = 60) -> str | None:
        """Return an address that gives out one file for so long; None when the product sends files itself."""


def open_store(settings: Settings) -> MediaStore:
    """Return the installation's store; nothing outside the process is touched."""
    return LocalStore(settings.media)
