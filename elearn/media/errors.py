"""Named refusals of the film pipeline; each message is one sentence that a person can act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from elearn.core.content_files import FileProblems
from elearn.core.errors import Away, DomainError


class Fault(StrEnum):
    """Why a film could not be packaged; `packagings.faults` has a sentence for each, in every language."""

    EMPTY = "empty"
    NOT_A_FILM = "not-a-film"
    NO_PICTURE = "no-picture"
    SIZE = "size"
    LENGTH = "length"
    DAMAGED = "damaged"
    FILE_GONE = "file-gone"
    MANIFEST = "manifest"
    ENDS_EARLY = "ends-early"
    OURS = "ours"


class NotAFilm(DomainError):
    """The file cannot be packaged: it holds no picture, is damaged, or is no film at all."""

    def __init__(self, message: str, fault: Fault = Fault.DAMAGED) -> None:
        super().__init__(message)
        self.fault = fault


class EndsTooEarly(FileProblems):
    """A film ends before places that its manifest names: they were written for a longer one."""

    fault = Fault.ENDS_EARLY


class FfmpegMissing(DomainError):
    """No ffmpeg that can do the work was found."""


class NotPublishable(DomainError):
    """A film lacks what a published film owes its viewers; `missing` has one sentence per lack.

    `is_away`: nobody knows whether it lacks more, for where films lie does not answer.
    """

    def __init__(self, film: str, missing: list[str], *, is_away: bool = False) -> None:
        super().__init__(f"The film '{film}' cannot be published yet. " + " ".join(missing))
        self.film = film
        self.missing = missing
        self.is_away = is_away


@dataclass(frozen=True)
class OtherLength:
    """A film that is to be replaced by one whose length differs by more than a second."""

    film: str
    old_s: float
    new_s: float

    def __str__(self) -> str:
        return f"The new film '{self.film}' is {self.new_s:.1f} s long, the published one {self.old_s:.1f} s."


class NewFilmHasOtherLength(DomainError):
    """Films are to be replaced by ones of other lengths.

    Somebody has to say, for each of them, whether what people have seen of the old film still counts.
    """

    def __init__(self, films: Sequence[OtherLength]) -> None:
        named = " ".join(str(film) for film in films)
        super().__init__(f"{named} Say whether what people have seen is kept or starts over.")
        self.films = films


class ChangedMeanwhile(DomainError):
    """A film's files are not what they were when whoever saves looked at them."""

    def __init__(self, film: str) -> None:
        super().__init__(f"Somebody has changed the film '{film}' meanwhile. Look at it again, then change it.")
        self.film = film


class OtherLanguage(DomainError):
    """A film's manifest says that another language is spoken in it."""

    def __init__(self, film: str, spoken: str) -> None:
        super().__init__(f"The manifest of '{film}' says that its language is '{spoken}'.")
        self.spoken = spoken


class FilmsOutOfReach(Away):
    """The place where films lie does not answer, refuses us, or gives out wrong bytes."""

    def __init__(self, why: str = "it does not answer") -> None:
        super().__init__(f"The films' storage cannot be used just now: {why}. Try again in a few minutes.")


class WrongBytes(FilmsOutOfReach):
    """Bytes changed on the way to the films' storage, on the way back, or in it."""


class PackageDamaged(DomainError):
    """A package on this machine is not as it was made."""

    def __init__(self, package: str, fault: str) -> None:
        super().__init__(f"The package {package} on this machine is damaged: {fault}. Add the film again.")
