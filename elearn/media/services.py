"""Adding films to an installation, and publishing them for a course house."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.content_files import FileProblems, Loaded, read_text, shown_path
from elearn.core.db import insert
from elearn.core.file_rules import FileProblem
from elearn.media import ffmpeg, manifest_text, packaging, thumbnails
from elearn.media.captions import Captions, read_captions
from elearn.media.checks import CAPTIONS_FOLDER, all_captions, refusal
from elearn.media.errors import EndsTooEarly, NewFilmHasOtherLength, NotPublishable, OtherLength
from elearn.media.film_rules import ManifestRule
from elearn.media.manifest import SAME_LENGTH_S, HandWritten, Manifest, Statement, read_manifest
from elearn.media.models import Film, Video
from elearn.media.queries import current_video
from elearn.media.stores.storage import MediaStore
from elearn.organisations.models import CourseHouse

VIDEO_PUBLISHED = audit.kind("media.video.published", "film", "generation", "package", "length_s")


class FilmChoice(StrEnum):
    """What becomes of the progress when a new film has another length."""

    KEEP = "keep"
    START_OVER = "start-over"


@dataclass(frozen=True)
class FilmAdded:
    """What adding a film came to."""

    manifest: Loaded[Manifest]
    made: bool
    """Whether ffmpeg had work to do."""
    written: bool
    """Whether the manifest or a caption file changed."""
    captions: dict[str, Captions]


@dataclass(frozen=True)
class NewFilm:
    """What somebody says about a film when adding it; None and empty where the manifest says it already."""

    language: str | None = None
    captions: dict[str, Path] = field(default_factory=dict)
    statement: Statement | None = None


@dataclass(frozen=True)
class PublishedVideo:
    """A film as it was published."""

    video: Video
    changed: bool
    """False when the same film was published before, just so."""


def add_film(
    film: Path, *, manifest_path: Path, store: MediaStore, new: NewFilm, watch: ffmpeg.Watch | None = None
) -> FilmAdded:
    """Package a film and write its manifest; doing it again changes nothing.

    Everything is checked before anything is written. Raises `NotAFilm`, `FileProblems`, and `EndsTooEarly` when
    what was written about a longer film lies after the end of this one.
    """
    text = _text_with_news(manifest_path, new)
    manifest = check_text(manifest_path, text)
    for path in new.captions.values():
        read_captions(path, None)  # a fault is told before the long work, not after it
    added = packaging.add_package(film, store, poster_s=manifest.poster_s, watch=watch)
    captions = {lang: read_captions(path, added.written.duration) for lang, path in new.captions.items()}
    written = False
    with manifest_text.alone_with(manifest_path.parent):
        # Read again: somebody may have written in it while the film was packaged.
        text = manifest_text.with_written(_text_with_news(manifest_path, new), added.written)
        try:
            check_text(manifest_path, text)
        except FileProblems as refused:
            raise EndsTooEarly(refused.problems) from None
        for language, checked in captions.items():
            path = manifest_path.parent / CAPTIONS_FOLDER / caption_name(manifest.id, language)
            written |= manifest_text.write_atomically(path, checked.as_vtt())
        written |= manifest_text.write_atomically(manifest_path, text)
    return FilmAdded(read_manifest(manifest_path), added.made, written, captions)


def caption_name(film: str, language: str) -> str:
    """Return the name under which a film's captions are kept."""
    return f"{film}.{language}.vtt"


def _text_with_news(path: Path, new: NewFilm) -> str:
    """Return the manifest's text with what was said on the command line worked in."""
    names = {language: caption_name(path.stem, language) for language in new.captions}
    if path.exists():
        _check_language(path, new)
        text = manifest_text.with_captions(path.read_text(encoding="utf-8"), names)
        return manifest_text.with_statement(text, new.statement) if new.statement else text
    if new.language is None:
        raise FileProblems([FileProblem(shown_path(path), 0, "language", ManifestRule.LANGUAGE_UNKNOWN)])
    return manifest_text.new_text(HandWritten(path.stem, new.language, names, new.statement))


def _check_language(path: Path, new: NewFilm) -> None:
    loaded = read_manifest(path)
    spoken = loaded.value.language
    if new.language not in (None, spoken):
        raise FileProblems(
            [loaded.problem(("language",), ManifestRule.OTHER_LANGUAGE, spoken=spoken, said=new.language)]
        )


def check_text(path: Path, text: str) -> Manifest:
    """Return what the text would say as a manifest, before it is one. Raises `FileProblems`."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return read_manifest(path).value
    path.parent.mkdir(parents=True, exist_ok=True)
    trial = path.parent / f".trial-{path.stem}" / path.name
    try:
        manifest_text.write_atomically(trial, text)
        return read_manifest(trial).value
    finally:
        trial.unlink(missing_ok=True)
        if trial.parent.exists():
            trial.parent.rmdir()


def publish_video(
    session: Session,
    *,
    house: CourseHouse,
    manifest: Loaded[Manifest],
    store: MediaStore,
    actor_id: int | None = None,
    choice: FilmChoice | None = None,
) -> PublishedVideo:
    """Publish a film for a course house as its manifest says; publishing the same again changes nothing.

    A film of the same length keeps everyone's progress. For one of another length `choice` decides;
    None raises `NewFilmHasOtherLength`. Raises `NotPublishable` when the film lacks what viewers are owed.
    """
    film = manifest.value
    if refused := refusal(manifest, store):
        raise refused
    assert film.package is not None
    assert film.duration is not None
    old = current_video(session, house.id, film.id)
    if (old is None or old.package != film.package) and (damage := store.damage(film.package)):
        raise NotPublishable(film.id, [f"Its package {film.package} is damaged: {damage[0]}."])
    _claim(session, house, film.id)
    values = _published_values(manifest, store)
    _store_texts(manifest, store)
    if old is not None and _says(old, values):
        return PublishedVideo(old, changed=False)
    starts_over = old is not None and _starts_over(old, film, choice)
    now = clock.now()
    if old is None or starts_over:
        generation = old.generation + 1 if old else 1
        video = Video(course_house_id=house.id, key=film.id, generation=generation, published_at=now, **values)
        if old:
            old.replaced_at = now
        session.add(video)
    else:
        video = old
        for name, value in values.items():
            setattr(video, name, value)
        video.published_at = now
    session.flush()
    audit.record(
        session,
        VIDEO_PUBLISHED,
        actor_id=actor_id,
        course_house_id=house.id,
        film=film.id,
        generation=video.generation,
        package=film.package,
        length_s=film.length_s,
    )
    return PublishedVideo(video, changed=True)


def make_ready(films: Iterable[Loaded[Manifest]], store: MediaStore, *, published: Collection[str]) -> None:
    """Look over the packages that are not among those `published`, and put all films' texts in place.

    Publishing does the same, but with a transaction open: who has a store far away waits here first.
    """
    for film in films:
        package = film.value.package
        if package is not None and (package in published or not store.damage(package)):
            _published_values(film, store)
            _store_texts(film, store)


def is_published_so(loaded: Loaded[Manifest], store: MediaStore, video: Video) -> bool:
    """Whether publishing a film that lacks nothing would change nothing."""
    return _says(video, _published_values(loaded, store))


def _says(video: Video, values: dict[str, object]) -> bool:
    return all(getattr(video, name) == value for name, value in values.items())


def _claim(session: Session, house: CourseHouse, key: str) -> None:
    """A film's files belong to the house that published it first; others may show it, not change it."""
    session.execute(insert(session, Film).values(key=key, course_house_id=house.id).on_conflict_do_nothing())


def _starts_over(old: Video, film: Manifest, choice: FilmChoice | None) -> bool:
    assert film.duration is not None
    if abs(film.duration - old.duration_ms / 1000) <= SAME_LENGTH_S:
        return False
    if choice is None:
        raise NewFilmHasOtherLength([OtherLength(film.id, old.duration_ms / 1000, film.duration)])
    return choice is FilmChoice.START_OVER


def _published_values(loaded: Loaded[Manifest], store: MediaStore) -> dict[str, object]:
    film = loaded.value
    assert film.package is not None
    assert film.duration is not None
    return {
        "language": film.language,
        "package": film.package,
        "duration_ms": round(film.duration * 1000),
        "length_s": film.length_s,
        "manifest": {
            "captions": {language: name for language, (name, _content) in _caption_files(loaded).items()},
            "transcripts": _stored_transcripts(loaded),
            "chapters": [{"at": chapter.at, "title": dict(chapter.title)} for chapter in film.chapters],
            "passages": [{"id": p.id, "from": p.from_s, "to": p.to_s} for p in film.passages],
            "poster": packaging.poster_file(film.poster_s),
            "thumbnails": next(iter(_thumbnail_files(film, store)), None),
            "described": film.described.model_dump(mode="json") if film.described else None,
            "renditions": [rendition.model_dump() for rendition in film.renditions],
            "source": film.source.model_dump() if film.source else None,
            "flashes_per_s": film.flashes_per_s,
        },
    }


def _store_texts(loaded: Loaded[Manifest], store: MediaStore) -> None:
    """Put captions and the like into the package under names that change with what they say: browsers may keep them."""
    film = loaded.value
    assert film.package is not None
    for name, content in [*_caption_files(loaded).values(), *_thumbnail_files(film, store).items()]:
        if not store.has(film.package, name):
            store.add(film.package, name, content)


def _caption_files(loaded: Loaded[Manifest]) -> dict[str, tuple[str, bytes]]:
    """Return the names and contents of a film's captions, by language. Raises `FileProblems`."""
    return {
        language: _named(f"captions/{language}", captions.as_vtt())
        for language, captions in all_captions(loaded).items()
    }


def _thumbnail_files(film: Manifest, store: MediaStore) -> dict[str, bytes]:
    text = thumbnails_vtt(film, store)
    return dict([_named("thumbnails", text)]) if text else {}


def thumbnails_vtt(film: Manifest, store: MediaStore, folder: str = "") -> str | None:
    """Return which pictures stand for which seconds, as the manifest would have it; None where there are none to show.

    `folder` is where the pictures lie as seen from the text, ending in a slash.
    """
    if film.package is None or film.duration is None:
        return None
    if not store.has(film.package, thumbnails.sprite_file(film.duration)):
        return None
    largest = film.renditions[-1]
    hidden = [(passage.from_s, passage.to_s) for passage in film.passages]
    return thumbnails.as_vtt(film.duration, thumbnails.tall(largest.width, largest.height), hidden, folder)


def _named(stem: str, text: str) -> tuple[str, bytes]:
    content = text.encode()
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.vtt", content


def _stored_transcripts(loaded: Loaded[Manifest]) -> dict[str, str]:
    """Return the text of transcripts that were written by hand, by language."""
    return {language: read_text(loaded.path.parent / name) for language, name in loaded.value.transcript.items()}
