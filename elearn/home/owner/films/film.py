"""A film's own page: how it stands, what it lacks, and what is written around it."""

from dataclasses import dataclass

from elearn.core.i18n import LANGUAGES
from elearn.home.owner.films import caption_words
from elearn.home.owner.films.captions import Kept, kept_captions
from elearn.home.owner.films.pages import FilmHere, film_here, film_page, used_by
from elearn.home.owner.films.preview import chapter_title, player_config
from elearn.home.owner.pages import bp
from elearn.learning import words as player_words
from elearn.media.house_films import HouseFilm
from elearn.media.manifest import SAME_LENGTH_S
from elearn.organisations.access import owner


@dataclass(frozen=True)
class OtherLength:
    """The new film is longer or shorter than the one people have watched: publishing will ask about it."""

    old_s: float
    new_s: float


@bp.get("/films/<film_key>")
@owner
def film(film_key: str) -> str:
    """Show a film: the player, what it lacks, captions, chapters, passages, and where it is used."""
    here = film_here(film_key)
    if here.film.manifest is None:
        return film_page("unwritten.html", here, faults=[caption_words.said(each) for each in here.film.problems])
    return film_page(
        "film.html",
        here,
        config=player_config(here),
        said=player_words.said,
        captions=_captions(here),
        chapter_title=chapter_title,
        other_length=other_length(here.film),
        modules=used_by()[here.film.video.id] if here.film.video else [],
    )


def other_length(film: HouseFilm) -> OtherLength | None:
    """Return both lengths where a new film waits to be published that is not as long as the old one."""
    manifest, video = film.manifest, film.video
    if manifest is None or manifest.duration is None or video is None:
        return None
    old_s = video.duration_ms / 1000
    return OtherLength(old_s, manifest.duration) if abs(manifest.duration - old_s) > SAME_LENGTH_S else None


def _captions(here: FilmHere) -> list[tuple[str, Kept | None]]:
    """Return every language, the film's own first, with its captions."""
    spoken = here.manifest.language
    codes = [spoken, *(code for code in LANGUAGES if code != spoken)]
    return [(code, kept_captions(here, code)) for code in codes]
