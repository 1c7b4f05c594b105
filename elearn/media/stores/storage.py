"""Where packaged films lie: what every store promises, and how code gets at the installation's own."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from elearn.config import Settings
from elearn.media.errors import FilmsOutOfReach
from elearn.media.stores.damage import Damage
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import MASTER, Holding, Tell


class MediaStore(Protocol):
    """The packages of an installation. Names that no package has are nowhere: not there, not read, not added.

    Where films lie elsewhere, whatever asks there raises `FilmsOutOfReach` when it is not answered.
    """

    def has(self, package: str, file: str = MASTER) -> bool:
        """Whether a package, or one file of it, is there."""

    def missing_files(self, package: str) -> list[str]:
        """Return the files that a package should have and that are not there: somebody removed them."""

    def damage(self, package: str, *, deep: bool = False) -> list[Damage]:
        """Return what is no longer as it was made; `deep` leaves no byte out."""

    def read(self, package: str, file: str) -> bytes | None:
        """Return a small file (playlist, captions, picture), or None when it is not there."""

    def notes(self, package: str) -> bytes | None:
        """Return what a manifest says of the package, or None like `read`."""

    def add(self, package: str, file: str, content: bytes) -> None:
        """Put a file beside a package's own, such as captions; a file of that name is replaced."""

    def making(self, package: str, tell: Tell | None = None) -> AbstractContextManager[Path]:
        """Open a folder to make a package in; it becomes the package when the block ends well.

        When another run has made the same package meanwhile, that one stays. `tell` hears of bytes being sent away.
        """

    def finish(self, package: str, tell: Tell | None = None) -> None:
        """Go on sending a package that an earlier run made; do nothing when there is nothing to send."""

    def holdings(self) -> list[Holding]:
        """Return what is kept under packages' names, halves of packages too."""

    def remove(self, package: str) -> None:
        """Remove a package, first the file that makes it one; stopped on the way, what is left is no package."""

    def scratch(self, name: str = "") -> AbstractContextManager[Path]:
        """Open a folder that is gone when the block ends, or at the next run when the block was killed."""

    def local_path(self, package: str, file: str) -> Path | None:
        """Return where a file lies on this machine; None for wrong names, and when films do not lie here."""

    def signed_url(self, package: str, file: str, *, seconds: int = 60, method: str = "GET") -> str | None:
        """Return an address that answers GET, or HEAD, for one file for so long; None when the product sends itself."""


def open_store(settings: Settings, *, patient: bool = False, pressed: bool = False) -> MediaStore:
    """Return the installation's store; nothing outside the process is touched.

    A page opens it anew for each request: whatever it asks of a bucket, it waits half a second in all, then
    `FilmsOutOfReach` is raised. Who has `pressed` a button waits for some seconds; jobs and commands are `patient`.
    """
    if not settings.has_s3:
        return LocalStore(settings.media)
    from elearn.media.stores.bucket import connection  # boto3 is slow to import
    from elearn.media.stores.s3_store import S3Store

    here = connection(settings)
    asked = here.for_work() if patient else here.for_press() if pressed else here.for_page()
    return S3Store(asked, here.for_work(), settings.data, trusts=not patient)


def known_missing(store: MediaStore, package: str) -> list[str] | None:
    """Return what a package lacks, or None when where it lies does not answer."""
    try:
        return store.missing_files(package)
    except FilmsOutOfReach:
        return None
