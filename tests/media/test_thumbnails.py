import re
from fractions import Fraction
from pathlib import Path

import av
import pytest

from elearn.media import thumbnails
from elearn.media.packaging import add_package
from elearn.media.stores.local_store import LocalStore
from elearn.media.thumbnails import as_vtt, sprite_file, step_s
from tests.media.clips import make_clip


def cues(text: str) -> list[tuple[str, str, str]]:
    return re.findall(r"^([\d:.]+) --> ([\d:.]+)\n(.+)$", text, re.MULTILINE)


def test_a_film_has_at_most_as_many_pictures_as_one_image_holds() -> None:
    for duration in (0.4, 3, 10.2, 239.9, 241, 3600, 36_000.5):
        found = as_vtt(duration, 90, [])
        assert found
        assert 1 <= len(cues(found)) - 2 <= thumbnails.MOST
        assert step_s(duration) >= thumbnails.LEAST_STEP_S


def test_each_picture_stands_for_its_seconds_and_the_last_for_the_rest() -> None:
    found = cues(as_vtt(8.9, 90, []) or "")

    assert [(begins[-6:], ends[-6:]) for begins, ends, _place in found[1:-1]] == [
        ("00.000", "02.000"),
        ("02.000", "04.000"),
        ("04.000", "06.000"),
        ("06.000", "08.900"),
    ]
    assert [place for _begins, _ends, place in found[1:3]] == [
        "thumbnails-2.jpg#xywh=0,0,160,90",
        "thumbnails-2.jpg#xywh=160,0,160,90",
    ]


def test_nothing_of_a_marked_passage_is_shown() -> None:
    found = cues(as_vtt(30, 90, [(0, 3), (9, 12.5)]) or "")
    shown = {place for _begins, _ends, place in found}

    for hidden in (0, 1, 4, 5, 6):  # pictures of 0–2, 2–4, 8–10, 10–12 and 12–14
        assert f"thumbnails-2.jpg#xywh={hidden * 160},0,160,90" not in shown
    assert len(found) - 2 == 15 - 5


def test_what_is_marked_from_end_to_end_has_no_pictures() -> None:
    assert as_vtt(30, 90, [(0, 30)]) is None


def test_the_image_holds_a_picture_for_every_cue(tmp_path: Path) -> None:
    film = make_clip(tmp_path / "film.mp4", seconds=23, size="320x180", rate="10")
    store = LocalStore(tmp_path / "media")
    written = add_package(film, store, poster_s=1).written

    path = store.local_path(written.package, sprite_file(written.duration))
    assert path
    with av.open(str(path)) as image:
        stream = image.streams.video[0]
        assert (stream.width, stream.height) == (1600, 180)
        picture = next(image.decode(stream)).to_ndarray(format="gray")
    for _begins, _ends, place in cues(as_vtt(written.duration, 90, []) or ""):
        x, y, width, height = map(int, place.partition("=")[2].split(","))
        assert picture[y : y + height, x : x + width].std() > 10, f"{place} is empty"


def test_a_package_that_lacks_the_pictures_gets_them(filled_store: LocalStore, clip: Path) -> None:
    written = add_package(clip, filled_store, poster_s=1).written
    image = filled_store.local_path(written.package, sprite_file(written.duration))
    assert image
    image.unlink()

    again = add_package(clip, filled_store, poster_s=1)

    assert not again.made
    assert image.is_file()


@pytest.mark.parametrize(("shape", "tall"), [((1280, 720), 90), ((720, 1280), 284), ((4096, 32), 2)])
def test_pictures_keep_the_films_shape(shape: tuple[int, int], tall: int) -> None:
    assert thumbnails.tall(*shape) == tall
    assert Fraction(tall, 2).denominator == 1
