from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from elearn.core.content_files import FileProblems, read_file
from elearn.core.file_rules import FileRule, Rule, Wrong
from tests.core.said import said_in_four_languages


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


class OddRule(Rule):
    ODD = "%(number)s is odd", "Write an even number"


def even(value: int) -> int:
    if value % 2:
        raise Wrong(OddRule.ODD, number=value)
    return value


def test_a_validators_own_rule_is_kept(tmp_path: Path) -> None:
    class Pair(BaseModel):
        feet: Annotated[int, AfterValidator(even)]

    path = written(tmp_path, "feet: 3\n")
    with pytest.raises(FileProblems) as refused:
        read_file(path, Pair)

    (found,) = refused.value.problems
    assert found.rule is OddRule.ODD
    assert str(found) == f"{path}, line 1, feet: 3 is odd. Write an even number."


BREAKS: dict[FileRule, str | bytes | None] = {
    FileRule.NO_FILE: None,
    FileRule.TOO_LARGE: "x" * 1_000_001,
    FileRule.NOT_UTF8: b"\xff",
    FileRule.NOT_TEXT: b"\x00",
    FileRule.NOTHING_IN_IT: "",
    FileRule.TOO_DEEP: "[" * 50,
    FileRule.ANCHOR: "title: &a x",
    FileRule.TAG: "title: !x y",
    FileRule.SECOND_DOCUMENT: "a: b\n---\na: b",
    FileRule.STRANGE_BEGINNING: "a: b\n\tc: d",
    FileRule.COLON: "a: b: c",
    FileRule.NOT_YAML: "a: [",
    FileRule.KEY_NOT_TEXT: "? [a]\n: b",
    FileRule.KEY_TWICE: "a: b\na: c",
    FileRule.KEY_MISSPELT: "whoel: 8",
    FileRule.KEY_UNKNOWN: "banana: 8",
    FileRule.MISSING: "{}",
    FileRule.NOTHING_BEHIND_COLON: "whole:",
    FileRule.KIND_MISSING: "kind: {}",
    FileRule.KIND_UNKNOWN: "kind: {type: banana}",
    FileRule.KIND_MISSPELT: "kind: {type: cirle}",
    FileRule.NO_WHOLE_NUMBER: "whole: x",
    FileRule.NO_NUMBER: "number: x",
    FileRule.NO_YES_OR_NO: "yes: x",
    FileRule.NO_DATE: "day: x",
    FileRule.NO_TEXT: "word: []",
    FileRule.TOO_SHORT: 'word: ""',
    FileRule.TOO_LONG: "word: xxxxxx",
    FileRule.PATTERN: "word: X",
    FileRule.NOT_OFFERED: "offered: x",
    FileRule.NO_LIST: "several: x",
    FileRule.TOO_FEW: "several: []",
    FileRule.TOO_MANY: "several: [a, b, c]",
    FileRule.NO_GROUP: "group: x",
    FileRule.LESS_THAN_LEAST: "whole: 0",
    FileRule.NOT_MORE_THAN: "number: 0",
    FileRule.MORE_THAN_MOST: "whole: 9",
    FileRule.OTHERWISE: "times: x",
}
"""How each rule is broken."""


class Square(BaseModel):
    type: Literal["square"]


class Circle(BaseModel):
    type: Literal["circle"]


class Anything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: str
    whole: int = Field(default=1, ge=1, le=8)
    number: float = Field(default=1, gt=0)
    yes: bool = True
    day: date = date(2026, 11, 30)
    word: str = Field(default="x", min_length=1, max_length=5, pattern="^[a-z]*$")
    offered: Literal["a", "b"] = "a"
    several: list[str] = Field(default=["a"], min_length=1, max_length=2)
    group: dict[str, str] = {}
    times: time = time(12)
    kind: Annotated[Square | Circle, Field(discriminator="type")] = Square(type="square")


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert set(BREAKS) == set(FileRule)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_breach_is_found_and_said_in_every_language(tmp_path: Path, rule: FileRule) -> None:
    content = BREAKS[rule]
    path = tmp_path / "course.yaml" if content is None else written(tmp_path, content)
    with pytest.raises(FileProblems) as refused:
        read_file(path, Anything)

    (found, *_) = [each for each in refused.value.problems if each.rule is rule]
    said_in_four_languages(found)
