"""Files that people write: YAML read without surprises, checked against a schema, refused with line and cure.

Every scalar is text until the schema says otherwise, so `no`, `007` and `12:30` mean what they say. Anchors, tags,
duplicate keys, several documents and deep nesting are refused: they serve nobody who writes a course, and hostile
files live on them. A file is taken whole or not at all.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from elearn.core.content_rules import broken_rule, discriminator
from elearn.core.errors import DomainError
from elearn.core.file_rules import FileProblem, FileRule, Rule, Wrong
from elearn.core.yaml_nodes import Loc, child, line_of, plain

M = TypeVar("M", bound=BaseModel)

LARGEST_FILE_BYTES = 1_000_000
DEEPEST = 20
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")

# libyaml where it was built in, and the same language in Python elsewhere.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class FileProblems(DomainError):
    """A file, or files that belong together, cannot be taken; every problem found is named."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Loaded(Generic[M]):
    """A file's checked content, which still knows where everything was written."""

    def __init__(self, path: Path, value: M, node: Node) -> None:
        self.path = path
        self.value = value
        self._node = node

    @property
    def content(self) -> Any:
        """What the file says as plain content: dictionaries, lists and texts, in its own order."""
        return plain(self._node)

    def line(self, *loc: str | int) -> int:
        """Return the line on which a field stands, such as `line('modules', 2, 'minutes')`, or its nearest parent."""
        return line_of(self._node, loc)

    def problem(self, loc: Loc, rule: Rule, **names: object) -> FileProblem:
        """Return a problem with a field, for checks that look across files."""
        return FileProblem(shown_path(self.path), self.line(*loc), field_name(loc), rule, names)


def read_file(path: Path, model: type[M]) -> Loaded[M]:
    """Read a YAML file as `model` (pydantic, extra='forbid'). Raises `FileProblems`."""
    node = _compose(path, read_text(path))
    duplicates = list(_key_problems(path, node, ()))
    if duplicates:
        raise FileProblems(duplicates)
    try:
        value = model.model_validate(plain(node))
    except ValidationError as error:
        raise FileProblems([_explain(path, node, model, detail) for detail in error.errors()]) from None
    return Loaded(path, value, node)


def shown_path(path: Path) -> str:
    """Return a path as people know it: from the current folder where it lies below it."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)


def field_name(loc: Loc) -> str:
    """Return a place in a file as people write it: `modules[2].minutes`."""
    name = ""
    for part in loc:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def read_text(path: Path, largest_bytes: int = LARGEST_FILE_BYTES) -> str:
    """Return the text of a file written by people: UTF-8, of bounded size, no control characters.

    Raises `FileProblems`.
    """

    def refuse(line: int, rule: FileRule, **names: object) -> FileProblems:
        return FileProblems([FileProblem(shown_path(path), line, "", rule, names)])

    if not path.is_file():
        raise refuse(0, FileRule.NO_FILE)
    with path.open("rb") as file:
        raw = file.read(largest_bytes + 1)
    if len(raw) > largest_bytes:
        raise refuse(0, FileRule.TOO_LARGE, kilobytes=largest_bytes // 1000)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(raw.count(b"\n", 0, error.start) + 1, FileRule.NOT_UTF8) from None
    if found := CONTROL_CHARACTERS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise refuse(line, FileRule.NOT_TEXT, character=f"U+{ord(found.group()):04X}")
    return text


def _compose(path: Path, text: str) -> Node:
    try:
        _refuse_cleverness(path, text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise FileProblems([_syntax_problem(path, error)]) from None
    if node is None:
        raise FileProblems([FileProblem(shown_path(path), 0, "", FileRule.NOTHING_IN_IT)])
    assert isinstance(node, Node)
    return node


def _refuse_cleverness(path: Path, text: str) -> None:
    """Look at the file as a stream first: composing it recurses, and aliases multiply."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        clever = _cleverness(event, depth)
        if clever:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise FileProblems([FileProblem(shown_path(path), line, "", clever, {"most": DEEPEST})])


def _cleverness(event: Any, depth: int) -> FileRule | None:
    if depth > DEEPEST:
        return FileRule.TOO_DEEP
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return FileRule.ANCHOR
    return FileRule.TAG if getattr(event, "tag", None) else None


def _syntax_problem(path: Path, error: yaml.YAMLError) -> FileProblem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = str(getattr(error, "problem", None) or error)
    line = mark.line + 1 if mark else 0
    return FileProblem(shown_path(path), line, "", _syntax_rule(str(error), said), {"said": said})


def _syntax_rule(error: str, said: str) -> FileRule:
    if "single document" in error:
        return FileRule.SECOND_DOCUMENT
    if "\\t" in said or "tab" in said or "cannot start any token" in said:
        return FileRule.STRANGE_BEGINNING
    return FileRule.COLON if "mapping values are not allowed" in said else FileRule.NOT_YAML


def _key_problems(path: Path, node: Node, loc: Loc) -> Iterator[FileProblem]:
    """Yield keys that are written twice or are not plain text."""
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from _key_problems(path, item, (*loc, index))
    elif isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                yield FileProblem(shown_path(path), line, field_name(loc), FileRule.KEY_NOT_TEXT)
                continue
            inner = (*loc, key.value)
            if key.value in seen:
                yield FileProblem(shown_path(path), line, field_name(inner), FileRule.KEY_TWICE)
            seen.add(key.value)
            yield from _key_problems(path, value, inner)


def _explain(path: Path, node: Node, model: type[BaseModel], detail: ErrorDetails) -> FileProblem:
    loc = _written_loc(node, detail)
    wrong = detail.get("ctx", {}).get("error")
    rule, names = (wrong.rule, wrong.names) if isinstance(wrong, Wrong) else broken_rule(model, node, loc, detail)
    return FileProblem(shown_path(path), line_of(node, loc), field_name(loc), rule, names)


def _written_loc(node: Node, detail: ErrorDetails) -> Loc:
    """Return pydantic's place without the names of union arms and validators, which nobody wrote."""
    written: list[str | int] = []
    for index, part in enumerate(detail["loc"]):
        found = child(node, part)
        is_missing_key = detail["type"] == "missing" and index == len(detail["loc"]) - 1
        if found is not None or is_missing_key:
            written.append(part)
        if found is not None:
            node = found[1]
    if detail["type"].startswith("union_tag"):
        written.append(discriminator(detail))
    return tuple(written)
