from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from elearn.core.content_files import FileProblems, Wrong, read_file


class Lesson(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern="^[a-z-]+$", description="small letters and hyphens")
    minutes: int = Field(ge=1)
    seconds: float | None = None


class Course(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    languages: list[Literal["da", "nb"]] = []
    lessons: list[Lesson] = []
    by_name: dict[str, Lesson] = {}
    open: bool = False


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "course.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems_in(folder: Path, content: str | bytes) -> list[str]:
    path = written(folder, content)
    with pytest.raises(FileProblems) as refused:
        read_file(path, Course)
    return [str(problem).removeprefix(f"{path}") for problem in refused.value.problems]


def test_scalars_are_what_they_say_and_lines_are_known(tmp_path: Path) -> None:
    path = written(tmp_path, "title: no\nopen: true\nlessons:\n  - id: a\n    minutes: 8\n")
    loaded = read_file(path, Course)

    assert loaded.value.title == "no"
    assert loaded.value.lessons[0].minutes == 8
    assert loaded.line("lessons", 0, "minutes") == 5
    assert loaded.line("lessons", 7, "minutes") == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("title: x\ntitel: x\n", ", line 2, titel: this key is not known here. Did you mean 'title'?"),
        ("open: true\n", ", line 1, title: it is missing. Write title: …"),
        ("title: x\nopen: perhaps\n", ", line 2, open: 'perhaps' is neither yes nor no. Write true or false."),
        ("title: x\nlanguages: da\n", ", line 2, languages: this is not a list. Write one line per item, each"),
        ("title: x\nlanguages: [da, de]\n", ", line 2, languages[1]: 'de' is not one of the words used here. Write"),
        (
            "title: x\nlessons:\n  - id: a\n    minutes: many\n",
            ", line 4, lessons[0].minutes: 'many' is not a whole number. Write a whole number, such as 8.",
        ),
        (
            "title: x\nlessons:\n  - {id: A b, minutes: 1}\n",
            ", line 3, lessons[0].id: 'A b' has a character that does not belong there. Write small letters and",
        ),
        ("title: x\nby_name:\n  q: {id: a, minutes: 0}\n", ", line 3, by_name.q.minutes: '0' is too small. Write 1"),
        ("title:\n", ", line 1, title: there is nothing behind the colon. Write its value or remove the line."),
        ("title: x\ntitle: y\n", ", line 2, title: the key is written twice. Remove one of them."),
        ("title: x: y\n", ", line 1: there is a colon too many. Put a text that holds ': ' in quotes."),
        ("title: x\n\topen: true\n", ", line 2: a line begins with a character that YAML keeps for itself"),
        ("title: &a x\n", ", line 1: anchors (&) and aliases (*) are not used here."),
        ("title: *a\n", ", line 1: anchors (&) and aliases (*) are not used here."),
        ("title: !!python/object:os.system x\n", ", line 1: tags (!) are not used here."),
        ("title: x\n---\ntitle: y\n", ", line 2: a second document begins here (---). Remove that line."),
        ("? [a]\n: b\n", ", line 1: a key is not plain text."),
        ("[" * 5000, ", line 1: the content is nested too deeply."),
        ("", ": the file is empty. Write its content."),
        ("- a\n", ", line 1: this is not a group of keys."),
        (b"title: \xff\n", ", line 1: the text is not UTF-8. Save the file as UTF-8."),
        (b"title: x\nopen: a\x00\n", ", line 2: the character U+0000 is not text. Remove it."),
        ("title: " + "x" * 1_000_001, ": the file is larger than 1000 kB."),
    ],
)
def test_a_problem_names_line_field_and_cure(tmp_path: Path, content: str | bytes, expected: str) -> None:
    (found, *_) = problems_in(tmp_path, content)

    assert found.startswith(expected)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    assert len(problems_in(tmp_path, "titel: x\nopen: perhaps\nlanguages: da\n")) == 4


def test_a_thousand_aliases_are_refused_before_they_multiply(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"k{n}: &k{n} [*a,*a,*a,*a,*a,*a]\n" for n in range(1000))

    assert "anchors" in problems_in(tmp_path, bomb)[0]


def test_a_missing_file_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(FileProblems, match="there is no such file"):
        read_file(tmp_path / "nowhere.yaml", Course)


def test_a_validators_own_words_are_kept() -> None:
    wrong = Wrong("it is odd", "Write an even one")

    assert (wrong.problem, wrong.cure) == ("it is odd", "Write an even one")
