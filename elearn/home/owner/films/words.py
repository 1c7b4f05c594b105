"""What the pages say about films: how they stand, and what they lack."""

from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.media import flashes
from elearn.media.checks import Lack, LackKind
from elearn.media.house_films import FilmState, HouseFilm

STATES = {
    FilmState.UPLOADING: _l("Being uploaded"),
    FilmState.WAITING: _l("Waits to be packaged"),
    FilmState.PACKAGING: _l("Being packaged"),
    FilmState.FAILED: _l("Could not be packaged"),
    FilmState.CANCELLED: _l("Packaging cancelled"),
    FilmState.UNREADABLE: _l("Its file has a fault"),
    FilmState.EMPTY: _l("No film yet"),
    FilmState.BROKEN: _l("Cannot be played"),
    FilmState.LACKING: _l("Lacks something"),
    FilmState.UNKNOWN: _l("Not known just now"),
    FilmState.READY: _l("Ready"),
    FilmState.CHANGED: _l("Published, changed since"),
    FilmState.PUBLISHED: _l("Published"),
}
SQUARES = {FilmState.PUBLISHED: "a", FilmState.READY: "a", FilmState.CHANGED: "b", FilmState.LACKING: "b"}
"""The form of a state's square in tables; others have none, or the one for mistakes."""
FAULTS = (FilmState.FAILED, FilmState.UNREADABLE, FilmState.BROKEN)


def state_name(film: HouseFilm) -> str:
    """Return how a film stands."""
    return str(STATES[film.state])


def square(film: HouseFilm) -> str:
    """Return the class of a film's square."""
    return "e" if film.state in FAULTS else SQUARES.get(film.state, "c")


def lack(film: HouseFilm, what: Lack) -> str:
    """Return what a film lacks, and what to do about it."""
    manifest = film.manifest
    assert manifest is not None
    match what.kind:
        case LackKind.PACKAGE:
            return _("The film itself: upload it.")
        case LackKind.FILES:
            return _("Files of the film are gone: upload it again.")
        case LackKind.AWAY:
            return _("The place where films lie does not answer just now. Look again in a few minutes.")
        case LackKind.CAPTIONS:
            return _("Captions in the spoken language, %(language)s.", language=LANGUAGES[manifest.language])
        case LackKind.CAPTION_FILE:
            return _("Captions that can be read: a file of them has a fault, or is gone.")
        case LackKind.DESCRIBED:
            return _("A described version, or the statement that the picture carries nothing the sound does not.")
        case LackKind.DESCRIBED_FILM:
            assert manifest.described is not None
            return _("The described version “%(film)s”: there is no such film.", film=manifest.described.video)
        case LackKind.FLASHES:
            return _(
                "A calmer picture: it flashes %(count)s times in a second, and more than %(most)s can bring on a "
                "seizure. Change the film and upload it again.",
                count=manifest.flashes_per_s,
                most=flashes.MOST_PER_S,
            )


def lack_link(what: Lack) -> str:
    """Return the part of the film's page where a lack is mended."""
    match what.kind:
        case LackKind.CAPTIONS | LackKind.CAPTION_FILE:
            return "captions"
        case LackKind.DESCRIBED | LackKind.DESCRIBED_FILM:
            return "described"
        case _:
            return "file"
