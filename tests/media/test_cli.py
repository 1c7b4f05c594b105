from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from elearn.core.installation import Installation
from elearn.media.cli import media
from tests.conftest import settings_in


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    manifests, courses = str(tmp_path / "manifests"), str(tmp_path / "courses")
    return Installation(settings_in(tmp_path / "data", ELEARN_MANIFESTS=manifests, ELEARN_COURSES=courses))


def run(installed: Installation, *arguments: str) -> Result:
    return CliRunner().invoke(media, arguments, obj=installed)


def test_a_film_is_added_listed_and_checked(installed: Installation, tmp_path: Path, clip: Path) -> None:
    captions = tmp_path / "da.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:06,000\nHej med dig\n")
    added = run(
        installed,
        "add",
        str(clip),
        "--id",
        "walk",
        "--language",
        "da",
        f"--captions=da={captions}",
        "--statement-by=Anna",
    )
    again = run(installed, "add", str(clip), "--id", "walk")

    assert added.exit_code == 0, added.output
    assert "walk: packaged, 10.0 s, 180; manifest written\nDansk: 1 captions over 50% of the film\n" in added.output
    assert again.output == "walk: was packaged before, 10.0 s, 180; nothing changed\n"
    assert run(installed, "list").output.split() == ["walk", "10.0", "s,", "180", "ready"]
    assert "It may be published." in run(installed, "check", "walk").output


def test_what_is_missing_is_said(installed: Installation, clip: Path) -> None:
    run(installed, "add", str(clip), "--language", "nn")
    checked = run(installed, "check", "clip")

    assert checked.exit_code == 1
    assert "Captions in the spoken language are missing: add --captions nn=FILE." in checked.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "{text}", "--language", "da"], "Error: text.mp4 is not a film"),
        (["add", "{clip}"], "Say which language is spoken: --language da."),
        (["add", "{clip}", "--language", "da", "--captions", "da"], "Write --captions da=FILE."),
        (["add", "{clip}", "--language", "da", "--statement", "x"], "--statement-by NAME."),
        (["check", "nowhere"], "there is no such file"),
        (["draw", "nowhere"], "There are no drawings for such a film"),
    ],
)
def test_a_refusal_is_one_clear_sentence(
    installed: Installation, tmp_path: Path, clip: Path, arguments: list[str], sentence: str
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("a letter")
    result = run(installed, *(part.format(text=text, clip=clip) for part in arguments))

    assert result.exit_code != 0
    assert sentence in result.output
    assert not list((tmp_path / "manifests").glob("*"))
