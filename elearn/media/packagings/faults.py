"""Why a film could not be packaged, in the reader's language, with what to do."""

from elearn.core.i18n import lazy_gettext as _l
from elearn.media.errors import Fault

_SENTENCES = {
    Fault.EMPTY: _l("The file is empty. Upload it again."),
    Fault.NOT_A_FILM: _l("The file is not a film. Upload one as MP4, MOV, WebM, MKV, AVI or MPEG."),
    Fault.NO_PICTURE: _l("The file holds no picture that can be read. Export the film again and upload that file."),
    Fault.SIZE: _l("The picture is too small or too large. Upload a film with sides of 32 to 8192 pixels."),
    Fault.LENGTH: _l("The film is longer than 12 hours, or says so. Upload it in parts, or export it again."),
    Fault.DAMAGED: _l("The film is damaged or was not copied to its end. Export it again and upload that file."),
    Fault.FILE_GONE: _l("The uploaded file is gone. Upload it again."),
    Fault.MANIFEST: _l("What is written about the film has a fault. Put that right, then try again."),
    Fault.ENDS_EARLY: _l(
        "The film ends before a chapter, a part that may be skipped or the place of the still picture. "
        "Move or remove what lies after its end, then try again."
    ),
    Fault.OURS: _l("The fault is ours and has been noted. Try again later."),
}


def sentence(fault: Fault) -> str:
    """Return a fault in words."""
    return str(_SENTENCES[fault])
