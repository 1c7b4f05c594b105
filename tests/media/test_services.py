import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from elearn.core.content_files import FileProblems, Loaded
from elearn.core.scope import HouseScope
from elearn.media.checks import check_publishable
from elearn.media.errors import NewFilmHasOtherLength, NotPublishable
from elearn.media.manifest import Manifest, Statement, read_manifest
from elearn.media.models import Video
from elearn.media.queries import chapters, tracks, transcript, transcript_language, video_states
from elearn.media.services import (
    FilmChoice,
    NewFilm,
    PublishedVideo,
    add_film,
    publish_video,
)
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.storage import open_store
from elearn.organisations.models import CourseHouse
from tests.conftest import NOW, TestClock, settings_in
from tests.peers.s3 import S3Service

CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>Hej.\n"


@pytest.fixture
def house(session: Session, clock: TestClock) -> CourseHouse:
    house = CourseHouse(slug="house", name="House", country="DK", email="house@example.org")
    session.add(house)
    session.flush()
    return house


@pytest.fixture
def manifest(tmp_path: Path, clip: Path, filled_store: LocalStore) -> Loaded[Manifest]:
    """A film that may be published."""
    captions = tmp_path / "given.vtt"
    captions.write_text(CAPTIONS)
    statement = Statement(by="Anna", on=NOW.date(), text="All is heard.")
    new = NewFilm("da", {"da": captions}, statement)
    return add_film(clip, manifest_path=tmp_path / "manifests" / "film.yaml", store=filled_store, new=new).manifest


def lasting(loaded: Loaded[Manifest], seconds: float) -> Loaded[Manifest]:
    """The same film as if it were shorter or longer: its manifest's length is changed."""
    text = re.sub(r"duration: .*", f"duration: {seconds}", loaded.path.read_text())
    loaded.path.write_text(text)
    return read_manifest(loaded.path)


def publish(
    session: Session,
    house: CourseHouse,
    manifest: Loaded[Manifest],
    store: LocalStore,
    choice: FilmChoice | None = None,
) -> PublishedVideo:
    return publish_video(session, house=house, manifest=manifest, store=store, choice=choice)


def test_adding_a_film_twice_changes_nothing(manifest: Loaded[Manifest], clip: Path, store: LocalStore) -> None:
    before = manifest.path.stat().st_mtime_ns
    again = add_film(clip, manifest_path=manifest.path, store=store, new=NewFilm())

    assert (again.made, again.written) == (False, False)
    assert manifest.path.stat().st_mtime_ns == before


def test_a_wrong_caption_file_is_told_before_any_work(tmp_path: Path, clip: Path, store: LocalStore) -> None:
    bad = tmp_path / "bad.vtt"
    bad.write_text("Hej")

    with pytest.raises(FileProblems, match="not a WebVTT"):
        add_film(clip, manifest_path=tmp_path / "m" / "film.yaml", store=store, new=NewFilm("da", {"da": bad}))
    assert not store.root.exists()
    assert not (tmp_path / "m" / "film.yaml").exists()


def test_a_new_film_needs_its_language(tmp_path: Path, clip: Path, store: LocalStore) -> None:
    with pytest.raises(FileProblems, match="--language da"):
        add_film(clip, manifest_path=tmp_path / "film.yaml", store=store, new=NewFilm())


def test_what_a_film_lacks_is_said(manifest: Loaded[Manifest], store: LocalStore) -> None:
    assert check_publishable(manifest, store) == []

    manifest.path.write_text("id: film\nlanguage: da\n")
    shutil.rmtree(store.root)
    lacks = check_publishable(read_manifest(manifest.path), store)
    assert [lack.split(":")[0] for lack in lacks] == [
        "It is not packaged",
        "Captions in the spoken language are missing",
        "A described version or a statement is missing",
    ]


@pytest.mark.looks
def test_wrong_bytes_in_the_bucket_are_never_published(
    session: Session,
    house: CourseHouse,
    manifest: Loaded[Manifest],
    filled_store: LocalStore,
    swift: S3Service,
    tmp_path: Path,
) -> None:
    package = manifest.value.package or ""
    bucket = swift.new_bucket()
    in_bucket = open_store(settings_in(tmp_path / "data", **swift.settings(bucket)), patient=True)
    with in_bucket.making(package) as folder:
        shutil.copytree(filled_store.root / package, folder, dirs_exist_ok=True)
    right = (filled_store.root / package / "180-00001.m4s").read_bytes()

    swift.put(bucket, f"{package}/180-00001.m4s", right[:-1] + b"!")
    with pytest.raises(NotPublishable, match=r"180-00001\.m4s holds other bytes than it was made with"):
        publish_video(session, house=house, manifest=manifest, store=in_bucket)

    swift.put(bucket, f"{package}/180-00001.m4s", right)
    assert publish_video(session, house=house, manifest=manifest, store=in_bucket).changed
    assert in_bucket.read(package, "poster-1000.jpg") is not None


def test_a_flashing_film_is_not_published(manifest: Loaded[Manifest], store: LocalStore) -> None:
    manifest.path.write_text(manifest.path.read_text().replace("flashes_per_s: 0", "flashes_per_s: 5"))

    (lack,) = check_publishable(read_manifest(manifest.path), store)
    assert "flashes 5 times" in lack


def test_publishing_stores_what_a_player_needs(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    text = manifest.path.read_text()
    extra = 'chapters:\n  - {at: "00:02", title: {da: "Så", en: "Then"}}\n'
    manifest.path.write_text(text.replace("language: da\n", f"language: da\n{extra}"))

    video = publish(session, house, read_manifest(manifest.path), store).video

    (track,) = tracks(video)
    assert (track.language, store.has(video.package, track.file)) == ("da", True)
    assert chapters(video, "en") == [(2, "Then")]
    assert chapters(video, "nb") == [(2, "Så")]
    assert transcript_language(video, "nb") == "da"
    assert [(line.speaker, line.text) for line in transcript(video, "da", store)] == [("Anna", "Hej.")]
    assert store.has(video.package, video.manifest["poster"])
    assert video.length_s == 10


def test_a_transcript_written_by_hand_goes_before_the_captions(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    (manifest.path.parent / "film.md").write_text("Intro.\n\n[00:02] Anna says\nhello.\n")
    text = manifest.path.read_text().replace("language: da\n", "language: da\ntranscript: {da: film.md}\n")
    manifest.path.write_text(text)

    video = publish(session, house, read_manifest(manifest.path), store).video

    lines = transcript(video, "da", store)
    assert [(line.from_s, line.text) for line in lines] == [(None, "Intro."), (2, "Anna says hello.")]


def test_publishing_says_which_pictures_the_seek_bar_shows_and_leaves_out_what_is_marked(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    first = publish(session, house, manifest, store).video.manifest["thumbnails"]
    passage = 'passages:\n  - {id: memory, from: "00:04", to: "00:06"}\n'
    manifest.path.write_text(manifest.path.read_text().replace("language: da\n", f"language: da\n{passage}"))

    marked = read_manifest(manifest.path)
    assert check_publishable(marked, store) == []
    video = publish(session, house, marked, store).video

    told = store.read(video.package, video.manifest["thumbnails"])
    assert told
    assert first != video.manifest["thumbnails"], "browsers keep files: another text has another name"
    assert b"00:00:02.000 --> 00:00:04.000" in told
    assert b"00:00:04.000 --> 00:00:06.000" not in told


def test_a_film_packaged_before_there_were_such_pictures_is_published_without(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    for image in store.root.glob("*/thumbnails-*.jpg"):
        image.unlink()

    assert publish(session, house, manifest, store).video.manifest["thumbnails"] is None


def test_publishing_twice_changes_nothing(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    first = publish(session, house, manifest, store)
    again = publish(session, house, manifest, store)

    assert (first.changed, again.changed) == (True, False)
    assert again.video is first.video


def test_what_is_not_publishable_is_refused(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    manifest.path.write_text(re.sub(r"described:\n(  .*\n)+", "", manifest.path.read_text()))

    with pytest.raises(NotPublishable, match="described version or a statement"):
        publish(session, house, read_manifest(manifest.path), store)


def test_a_new_film_of_the_same_length_keeps_the_row(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    old = publish(session, house, manifest, store)
    new = publish(session, house, lasting(manifest, 10.9), store)

    assert (new.video.id, new.video.length_s) == (old.video.id, 11)


def test_a_film_of_another_length_waits_for_the_owners_word(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    old = publish(session, house, manifest, store).video
    longer = lasting(manifest, 14)

    with pytest.raises(NewFilmHasOtherLength, match=r"is 14\.0 s long, the published one 10\.0 s"):
        publish(session, house, longer, store)

    kept = publish(session, house, longer, store, FilmChoice.KEEP)
    assert (kept.video.id, kept.video.length_s, kept.video.replaced_at) == (old.id, 14, None)

    anew = publish(session, house, lasting(manifest, 20), store, FilmChoice.START_OVER)
    assert (anew.video.generation, anew.video.length_s) == (2, 20)
    assert old.replaced_at == NOW


def test_the_owner_sees_how_the_films_are_doing(
    session: Session, house: CourseHouse, manifest: Loaded[Manifest], store: LocalStore
) -> None:
    video = publish(session, house, manifest, store).video
    (store.root / video.package / "180.m3u8").unlink()

    (state,) = video_states(session, HouseScope(house.id, 1), store)
    assert (state.video, state.missing_files, state.caption_languages) == (video, ["180.m3u8"], ["da"])
    assert video_states(session, HouseScope(house.id + 1, 1), store) == []
    assert isinstance(state.video, Video)
