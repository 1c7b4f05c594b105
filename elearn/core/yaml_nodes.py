"""A YAML file as it was written: what stands where."""

from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode

Loc = tuple[str | int, ...]
"""A place in a file: keys, and positions in lists."""


def plain(node: Node) -> Any:
    """Return what a node says: dictionaries, lists, texts and None."""
    if isinstance(node, MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    # `key:` with nothing behind it says that there is nothing; `key: ""` is an empty text.
    assert isinstance(node, ScalarNode)
    return None if not node.style and node.value == "" else node.value


def line_of(node: Node, loc: Loc) -> int:
    """Return the line on which a place, or the nearest above it, is written; the first is 1."""
    line = node.start_mark.line + 1
    for part in loc:
        found = child(node, part)
        if found is not None:
            line, node = found
    return int(line)


def at(node: Node, loc: Loc) -> Node | None:
    """Return what stands at a place, or None."""
    for part in loc:
        found = child(node, part)
        if found is None:
            return None
        node = found[1]
    return node


def child(node: Node, part: str | int) -> tuple[int, Node] | None:
    """Return line and node one step below, or None: pydantic's places also name arms of unions."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
