"""Rewriting one part of a manifest: what people wrote around it, comments included, stays as it was."""

from collections.abc import Callable, Sequence
from textwrap import indent
from typing import TypeVar

import yaml
from pydantic import BaseModel
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from elearn.core.yaml_nodes import plain
from elearn.media.manifest import Chapter, Described, Passage, timecode
from elearn.media.manifest_text import at_end_of_hand, quoted

Item = TypeVar("Item", bound=BaseModel)


def with_chapters(text: str, chapters: Sequence[Chapter]) -> str:
    """Return the manifest's text with these chapters; one that was there already is left as it was written."""
    return _with_items(text, "chapters", Chapter, chapters, _chapter)


def with_passages(text: str, passages: Sequence[Passage]) -> str:
    """Return the manifest's text with these passages; one that was there already is left as it was written."""
    return _with_items(text, "passages", Passage, passages, _passage)


def with_poster(text: str, poster_s: float) -> str:
    """Return the manifest's text with the place of the still picture."""
    return _with_part(text, "poster", f'poster: "{timecode(poster_s)}"\n')


def with_described(text: str, described: Described) -> str:
    """Return the manifest's text with how the picture gets to those who do not see it."""
    if described.statement is None:
        return _with_part(text, "described", f"described:\n  video: {described.video}\n")
    said = described.statement
    lines = f"    by: {quoted(said.by)}\n    on: {said.on.isoformat()}\n    text: {quoted(said.text)}\n"
    return _with_part(text, "described", f"described:\n  statement:\n{lines}")


def without_captions(text: str, language: str) -> str:
    """Return the manifest's text without the captions of a language."""
    captions = _pair(_root(text), "captions")
    inner = captions[1] if captions else None
    names = {key.value: value.value for key, value in inner.value} if isinstance(inner, MappingNode) else {}
    if language not in names:
        return text
    assert isinstance(inner, MappingNode)
    if inner.flow_style or len(names) == 1:
        left = {code: name for code, name in names.items() if code != language}
        listed = "".join(f"  {code}: {name}\n" for code, name in left.items())
        return _with_part(text, "captions", f"captions:\n{listed}" if left else "")
    key, value = next(pair for pair in inner.value if pair[0].value == language)
    return text[: _line_start(text, key)] + text[_line_end(text, value) :]


def _chapter(chapter: Chapter) -> str:
    title = ", ".join(f"{code}: {quoted(words)}" for code, words in chapter.title.items())
    return f'- at: "{timecode(chapter.at)}"\n  title: {{{title}}}\n'


def _passage(passage: Passage) -> str:
    return f'- {{id: {passage.id}, from: "{timecode(passage.from_s)}", to: "{timecode(passage.to_s)}"}}\n'


def _with_items(text: str, key: str, kind: type[Item], items: Sequence[Item], write: Callable[[Item], str]) -> str:
    pair = _pair(_root(text), key)
    there = _written_items(text, *pair, kind) if pair else []
    if [value for value, _lines in there] == list(items):
        return text
    block = pair[1] if pair and isinstance(pair[1], SequenceNode) and not pair[1].flow_style else None
    margin = " " * (block.start_mark.column if block else 2)
    lines = [
        next((old for value, old in there if value == item), None) or indent(write(item), margin) for item in items
    ]
    return _with_part(text, key, f"{key}:\n{''.join(lines)}" if items else "")


def _written_items(text: str, key: Node, node: Node, kind: type[Item]) -> list[tuple[Item, str]]:
    """Return what a list holds, each with its lines and the comments above it."""
    if not isinstance(node, SequenceNode):
        return []
    found = []
    begins = _line_end(text, key)
    for item in node.value:
        ends = _line_end(text, item)
        lines = "" if node.flow_style else f"{text[begins:ends].rstrip()}\n"
        found.append((kind.model_validate(plain(item)), lines))
        begins = ends
    return found


def _with_part(text: str, key: str, lines: str) -> str:
    """Put `lines` where a part of the manifest stands, or at the end of what people wrote; no lines remove it."""
    pair = _pair(_root(text), key)
    if pair is None:
        return at_end_of_hand(text, lines) if lines else text
    return text[: _line_start(text, pair[0])] + lines + text[_line_end(text, pair[1]) :]


def _root(text: str) -> Node | None:
    root: Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    return root


def _pair(root: Node | None, key: str) -> tuple[Node, Node] | None:
    pairs: list[tuple[Node, Node]] = root.value if isinstance(root, MappingNode) else []
    return next((pair for pair in pairs if pair[0].value == key), None)


def _line_start(text: str, node: Node) -> int:
    return text.rfind("\n", 0, node.start_mark.index) + 1


def _line_end(text: str, node: Node) -> int:
    """Return where the line after a node's last word begins. A block's own end mark lies behind later comments."""
    while isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return int(node.end_mark.index)
    end = text.find("\n", node.end_mark.index)
    return len(text) if end < 0 else end + 1
