"""Changes a YAML file to say something else, and leaves every line that says the same as it was written.

Comments and blank lines stay, and go with what stands below them when it moves; quotes and line breaks stay wherever
the text does. Only whole lines are kept or replaced, so what is not touched is the same to the letter.
"""

import json
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

import yaml
from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from elearn.core.yaml_nodes import plain
from elearn.core.yaml_writing import Plain, entry, item, said, written

N = TypeVar("N", bound=CollectionNode)

NAMES = ("id", "passage")
"""The keys by which an item of a list is known again, wherever it has moved."""


def merged(text: str, content: dict[str, Plain]) -> str:
    """Return a file's text changed to say `content`.

    Where the file is no good YAML, or of a form that is not understood well enough to be changed in place, it is
    written anew.
    """
    node = _read(text)
    if content and _is_block(node, MappingNode):
        changed = _Merger(text).file(node, content)
        if (read := _read(changed)) is not None and _is_same(plain(read), content):
            return changed
    return written(content)


def _read(text: str) -> Node | None:
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None


def _is_same(value: Plain, other: Plain) -> bool:
    """Whether two contents say the same in the same order: the first of several films is the one fallen back to."""
    return json.dumps(said(value)) == json.dumps(said(other))


@dataclass(frozen=True)
class _Entry:
    """A key with its value, or an item, and the lines it is written on."""

    node: Node
    begins: int
    """The first line of its own: of the comments and blank lines above it."""
    at: int
    """The line of its key or dash."""
    ends: int
    """The line after its last."""


class _Merger:
    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        if self._lines and self._lines[-1].splitlines() == [self._lines[-1]]:
            self._lines[-1] += "\n"

    def file(self, node: MappingNode, content: dict[str, Plain]) -> str:
        """Return the whole file: what stands above its first key and below its last stays there."""
        first = node.value[0][0].start_mark.line
        head, tail = self._lines[:first], self._lines[self._end(node) :]
        return "".join([*head, *self._mapping(node, content, first), *tail])

    def _mapping(self, node: MappingNode, content: dict[str, Plain], begins: int) -> list[str]:
        known: dict[str, _Entry] = {}
        for key, value in node.value:
            known[key.value] = _Entry(value, begins, key.start_mark.line, self._end(value))
            begins = known[key.value].ends
        column = node.start_mark.column
        lines: list[str] = []
        for key, value in content.items():
            lines += self._entry(known[key], key, value, column) if key in known else entry(key, value, column)
        return lines

    def _entry(self, old: _Entry, key: str, value: Plain, column: int) -> list[str]:
        if _is_same(plain(old.node), value):
            return self._lines[old.begins : old.ends]
        head = self._lines[old.begins : old.at + 1]
        if value and isinstance(value, dict) and _is_block(old.node, MappingNode):
            return [*head, *self._mapping(old.node, value, old.at + 1)]
        if value and isinstance(value, list) and _is_block(old.node, SequenceNode):
            return [*head, *self._sequence(old.node, value, old.at + 1)]
        style = old.node.style if isinstance(old.node, ScalarNode) else None
        return [*head[:-1], *self._remarked(entry(key, value, column, style), old)]

    def _sequence(self, node: SequenceNode, content: list[Plain], begins: int) -> list[str]:
        column = node.start_mark.column
        known: dict[str, list[_Entry]] = {}
        for each in node.value:
            at = self._dash(each, column, begins)
            begins, before = self._end(each), begins
            known.setdefault(_name(plain(each)), []).append(_Entry(each, before, at, begins))
        gap = self._gap(node, column)
        lines: list[str] = []
        for value in content:
            same = known.get(_name(value))
            old = same.pop(0) if same else None
            own = self._item(old, value, column) if old else item(value, column)
            blank = _blank_lines(own)
            # A blank line stands between items, whichever of them is the first now.
            if old and old.node is node.value[0] and not lines:
                lines += own
            else:
                lines += own[blank:] if not lines else own if blank else [*gap, *own]
        return lines

    def _gap(self, node: SequenceNode, column: int) -> list[str]:
        """Return the blank lines that keep the first two items apart."""
        if len(node.value) < 2:
            return []
        begins = self._end(node.value[0])
        between = self._lines[begins : self._dash(node.value[1], column, begins)]
        return between[: _blank_lines(between)]

    def _item(self, old: _Entry, value: Plain, column: int) -> list[str]:
        if _is_same(plain(old.node), value):
            return self._lines[old.begins : old.ends]
        if not (value and isinstance(value, dict) and _is_block(old.node, MappingNode)):
            return [*self._lines[old.begins : old.at], *self._remarked(item(value, column), old)]
        # Without its dash an item is a group like any other; the dash comes back where it stood, or before a key.
        self._lines[old.at] = _with(" ", self._lines[old.at], column)
        lines = self._mapping(old.node, value, old.begins)
        first = old.at - old.begins
        if lines[first] != self._lines[old.at]:
            first = next(n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#"))
        lines[first] = _with("-", lines[first], column)
        return lines

    def _remarked(self, lines: list[str], old: _Entry) -> list[str]:
        """Return a new line with the remark that stood behind the old one."""
        end = old.node.end_mark
        is_block = isinstance(old.node, ScalarNode) and old.node.style in ("|", ">")
        rest = "" if is_block or end.line >= len(self._lines) else self._lines[end.line][end.column :].strip()
        if rest.startswith("#") and len(lines) == 1:
            return [f"{lines[0].rstrip()}  {rest}\n"]
        return lines

    def _dash(self, node: Node, column: int, begins: int) -> int:
        line: int = node.start_mark.line
        while line > begins and self._lines[line][: column + 1].strip() != "-":
            line -= 1
        return line

    def _end(self, node: Node) -> int:
        """Return the line after the last one that a value is written on."""
        if isinstance(node, CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(node, MappingNode) else last)
        end: int = node.end_mark.line
        if not (isinstance(node, ScalarNode) and node.style in ("|", ">")):
            return end + 1
        if end < len(self._lines) and node.end_mark.column:
            end += 1  # the file ends within the text
        keeps_blank_lines = node.value.endswith("\n\n")
        while not keeps_blank_lines and end > node.start_mark.line + 1 and not self._lines[end - 1].strip():
            end -= 1
        return end


def _is_block(node: Node | None, kind: type[N]) -> TypeGuard[N]:
    return isinstance(node, kind) and not node.flow_style and bool(node.value)


def _name(value: Plain) -> str:
    """Return what an item is known by."""
    if isinstance(value, dict):
        return next((str(value[key]) for key in NAMES if key in value), "")
    return str(said(value))


def _blank_lines(lines: list[str]) -> int:
    """Return how many blank lines stand first."""
    return next((n for n, line in enumerate(lines) if line.strip()), len(lines))


def _with(sign: str, line: str, column: int) -> str:
    return line[:column] + sign + line[column + 1 :]
