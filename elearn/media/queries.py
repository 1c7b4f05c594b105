"""Looking films up, and what a player shows beside one."""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.i18n import LANGUAGES
from elearn.core.scope import HouseScope
from elearn.media.captions import TranscriptLine, cues_of, transcript_of
from elearn.media.errors import FilmsOutOfReach
from elearn.media.manifest import seconds_of
from elearn.media.models import Video
from elearn.media.stores.storage import MediaStore, known_missing

SPOKEN_AT = re.compile(r"\[([\d:.]+)\]\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class VideoState:
    """A published film and how it is doing."""

    video: Video
    missing_files: list[str] | None
    """Files of its package that are not in the store; empty when all is well, None when the store does not answer."""
    caption_languages: list[str]


@dataclass(frozen=True)
class Track:
    """Captions that a player offers."""

    language: str
    label: str
    file: str
    """Its name in the package."""


def current_video(session: Session, course_house_id: int, key: str) -> Video | None:
    """Return a house's film by its manifest's id, as it is published now."""
    return session.scalar(
        select(Video).where(Video.course_house_id == course_house_id, Video.key == key, Video.replaced_at.is_(None))
    )


def published_packages(session: Session, scope: HouseScope) -> set[str]:
    """Return the packages of the films a house has published now."""
    shown = select(Video.package).where(Video.course_house_id == scope.course_house_id, Video.replaced_at.is_(None))
    return set(session.scalars(shown))


def video_states(session: Session, scope: HouseScope, store: MediaStore) -> list[VideoState]:
    """Return the films a house has published now, by id."""
    videos = session.scalars(
        select(Video)
        .where(Video.course_house_id == scope.course_house_id, Video.replaced_at.is_(None))
        .order_by(Video.key)
    )
    return [
        VideoState(video, known_missing(store, video.package), sorted(video.manifest["captions"])) for video in videos
    ]


def tracks(video: Video) -> list[Track]:
    """Return a film's captions: its own language first, then in the product's order."""
    stored: dict[str, str] = video.manifest["captions"]
    order = [video.language, *(code for code in LANGUAGES if code != video.language)]
    return [Track(code, LANGUAGES[code], stored[code]) for code in order if code in stored]


def chapters(video: Video, language: str) -> list[tuple[float, str]]:
    """Return a film's chapters as (second, title), titles in a language or the film's own."""
    found = []
    for chapter in video.manifest["chapters"]:
        title = chapter["title"]
        text = title.get(language) or title.get(video.language) or next(iter(title.values()))
        found.append((float(chapter["at"]), str(text)))
    return found


def transcript_language(video: Video, language: str) -> str | None:
    """Return the language a transcript is there in, preferring `language`, then the film's own."""
    there: Collection[str] = {**video.manifest["captions"], **video.manifest["transcripts"]}
    return next((code for code in (language, video.language) if code in there), None)


def transcript(video: Video, language: str, store: MediaStore) -> list[TranscriptLine]:
    """Return what is said in a film, in a language that `transcript_language` gave; empty when it cannot be had now."""
    by_hand = video.manifest["transcripts"].get(language)
    if by_hand is not None:
        return list(_written_transcript(by_hand))
    captions = None
    with suppress(FilmsOutOfReach):
        captions = store.read(video.package, video.manifest["captions"].get(language, ""))
    return list(_captions_transcript(captions)) if captions else []


@lru_cache(maxsize=256)
def _captions_transcript(captions: bytes) -> tuple[TranscriptLine, ...]:
    return tuple(transcript_of(cues_of(captions)))


@lru_cache(maxsize=64)
def _written_transcript(text: str) -> tuple[TranscriptLine, ...]:
    """Paragraphs; one may begin with its time in brackets: `[01:05] Text`."""
    lines = []
    for paragraph in re.split(r"\n\s*\n", text):
        said = " ".join(paragraph.split())
        marked = SPOKEN_AT.fullmatch(said)
        if said:
            at = seconds_of(marked[1]) if marked else None
            lines.append(TranscriptLine(at, None, None, marked[2] if marked else said))
    return tuple(lines)
