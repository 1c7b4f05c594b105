"""What a sender is told when bytes cannot be taken: a status that tus clients understand, and a sentence for people."""

from elearn.config import Settings
from elearn.core.content_files import FileProblems
from elearn.core.errors import DomainError
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import lazy_gettext as _l
from elearn.media.errors import OtherLanguage
from elearn.media.packagings.errors import PackagingUnderWay
from elearn.media.uploads.errors import (
    BadUpload,
    FilmTooLarge,
    LineCut,
    NoPlaceFree,
    NoRoom,
    TooManyBytes,
    TooManyUploads,
    UploadUnderWay,
    WrongChecksum,
    WrongOffset,
)
from elearn.media.uploads.services import MOST_OF_A_HOUSE

REFUSALS: dict[type[DomainError], tuple[int, str]] = {
    BadUpload: (400, _l("What is to be uploaded was not named as it should be. Reload the page and try again.")),
    LineCut: (400, _l("The line was cut. What had arrived is kept.")),
    TooManyBytes: (400, _l("The file is no longer the one that was begun with. Drop the upload and begin again.")),
    WrongOffset: (409, _l("Some of the film has arrived already. Go on from there.")),
    FilmTooLarge: (413, _l("The file is too large: films of up to %(most_gb)s GB are taken.")),
    OtherLanguage: (422, _l("This film is in another language: %(spoken)s. Make a new film instead.")),
    FileProblems: (422, _l("What is written about the film has a fault. Put that right, then try again.")),
    UploadUnderWay: (422, _l("This film is being uploaded already. Go on with that, or drop it first.")),
    PackagingUnderWay: (422, _l("This film is being packaged. Wait until that is done, or cancel it.")),
    TooManyUploads: (422, _l("%(most)s films are on their way already. Wait for one, or drop one.")),
    WrongChecksum: (460, _l("A piece of the film was damaged on its way. Send it again.")),
    NoRoom: (503, _l("The disk is nearly full. What has arrived is kept: try again later, or write to us.")),
    NoPlaceFree: (503, _l("Many films are being sent just now. What has arrived is kept; this one goes on soon.")),
}


def told(error: DomainError, settings: Settings) -> tuple[int, str]:
    """Return the status and the sentence of a refusal. Raises it again when it is none of an upload's."""
    if type(error) not in REFUSALS:
        raise error
    status, sentence = REFUSALS[type(error)]
    values: dict[str, object] = {"most_gb": settings.largest_film_gb, "most": MOST_OF_A_HOUSE}
    if isinstance(error, OtherLanguage):
        values["spoken"] = LANGUAGES[error.spoken]
    return status, str(sentence) % values
