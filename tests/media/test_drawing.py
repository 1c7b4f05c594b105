import re
from pathlib import Path

import av
import pytest

from elearn.core.content_files import FileProblems
from elearn.media.drawing import draw_film, film_files, read_film

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720"><rect width="1280" height="720" fill="{}"/></svg>'
FILM = """id: walk
tone: 196
scenes:
  - {drawing: red.svg, seconds: 2, text: ["En linje.", 'Og "en" til #1.']}
  - {drawing: blue.svg, seconds: 1.5}
"""


@pytest.fixture
def film_file(tmp_path: Path) -> Path:
    folder = tmp_path / "courses" / "course" / "films" / "walk"
    folder.mkdir(parents=True)
    (folder.parent / "drawings").mkdir()
    (folder.parent / "drawings" / "red.svg").write_text(SVG.format("#c04040"))
    (folder / "blue.svg").write_text(SVG.format("#4040c0"))
    (folder / "film.yaml").write_text(FILM)
    return folder / "film.yaml"


def colour_at(film: Path, seconds: float) -> tuple[int, int, int]:
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0) >= seconds:
                picture = frame.reformat(format="rgb24")
                row = bytes(picture.planes[0])
                at = picture.planes[0].line_size * 100 + 3 * 640
                return row[at], row[at + 1], row[at + 2]
    raise AssertionError("the film is shorter")


def test_a_film_is_drawn_scene_by_scene(tmp_path: Path, film_file: Path) -> None:
    drawn = draw_film(film_file, tmp_path / "films")

    with av.open(str(drawn.path)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, video.average_rate, video.frames) == (1280, 720, 25, 88)
        assert len(container.streams.audio) == 1
    assert colour_at(drawn.path, 1.2)[0] > 150
    assert colour_at(drawn.path, 2.5)[2] > 150


def test_drawing_again_does_nothing_until_a_drawing_changes(tmp_path: Path, film_file: Path) -> None:
    first = draw_film(film_file, tmp_path / "films")
    before = first.path.read_bytes()
    again = draw_film(film_file, tmp_path / "films")
    elsewhere = draw_film(film_file, tmp_path / "elsewhere")
    (film_file.parent / "blue.svg").write_text(SVG.format("#40c040"))
    changed = draw_film(film_file, tmp_path / "films")

    assert [drawn.made for drawn in (first, again, elsewhere, changed)] == [True, False, True, True]
    assert elsewhere.path.read_bytes() == before
    assert changed.path.read_bytes() != before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("red.svg", "green.svg", "line 4, scenes[0].drawing: there is no drawing 'green.svg'."),
        (
            "red.svg",
            "../red.svg",
            "line 4, scenes[0].drawing: '../red.svg' has a character that does not belong there.",
        ),
        ("id: walk", "id: run", "line 1, id: the id is not the folder's name."),
        ("seconds: 2", "seconds: 0", "line 4, scenes[0].seconds: '0' is too small."),
    ],
)
def test_a_fault_in_a_film_file_is_named(film_file: Path, old: str, new: str, problem: str) -> None:
    film_file.write_text(FILM.replace(old, new, 1))

    with pytest.raises(FileProblems, match=re.escape(problem)):
        read_film(film_file)


def test_films_are_found_by_course(tmp_path: Path, film_file: Path) -> None:
    assert film_files(tmp_path / "courses") == [film_file]
