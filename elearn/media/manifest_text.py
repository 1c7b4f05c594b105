"""Writing into a manifest without touching what people wrote: their order, comments and blank lines stay.

The tool's own part is one block at the end, below a marker line; writing again replaces that block alone.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from yaml import MappingNode, Node

from elearn.media.manifest import HandWritten, Statement, Written

LOCK_FILE = ".lock"
MARKER = "# ---- below: written by `elearn media add`; what you change here is lost ----"
MARKER_LINE = re.compile(rf"^{re.escape(MARKER)}[ \t\r]*$", re.MULTILINE)


def with_written(text: str, written: Written) -> str:
    """Return the manifest's text with the tool's part replaced by `written`."""
    renditions = "\n".join(
        f"  - {{height: {r.height}, width: {r.width}, video_kbps: {r.video_kbps}, codecs: {quoted(r.codecs)}}}"
        for r in written.renditions
    )
    source = written.source
    block = (
        f"{MARKER}\n"
        f"source: {{file: {quoted(source.file)}, sha256: {source.sha256}, bytes: {source.bytes}}}\n"
        f"duration: {written.duration:.3f}\n"
        f'package: "{written.package}"\n'
        f"renditions:\n{renditions}\n"
        f"flashes_per_s: {written.flashes_per_s}\n"
    )
    return f"{_parted(text)[0].rstrip()}\n\n{block}"


def with_captions(text: str, captions: dict[str, str]) -> str:
    """Return the manifest's text with captions added or renamed, by language."""
    for language, name in captions.items():
        text = _with_caption(text, language, name)
    return text


def with_statement(text: str, statement: Statement) -> str:
    """Return the manifest's text with the statement that the picture carries nothing essential, if it has none."""
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    if _value(node, "described") is not None:
        return text
    lines = (
        "described:\n  statement:\n"
        f"    by: {quoted(statement.by)}\n    on: {statement.on.isoformat()}\n    text: {quoted(statement.text)}\n"
    )
    return at_end_of_hand(text, lines)


def new_text(film: HandWritten) -> str:
    """Return the upper part of a new manifest."""
    text = f"id: {film.id}\nlanguage: {film.language}\n"
    text = with_captions(text, film.captions)
    return with_statement(text, film.statement) if film.statement else text


def write_atomically(path: Path, content: str | bytes) -> bool:
    """Put a file in place whole or not at all, durable; say whether that changed anything."""
    raw = content.encode() if isinstance(content, str) else content
    with suppress(FileNotFoundError):
        if path.read_bytes() == raw:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    own = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        own.chmod(0o644)
        own.replace(path)
    except BaseException:
        own.unlink(missing_ok=True)
        raise
    return True


@contextmanager
def alone_with(folder: Path) -> Iterator[None]:
    """Let nobody else who asks so change a folder's files until the block ends: reading and writing are one step."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _parted(text: str) -> tuple[str, str]:
    """Return what people wrote, and what the tool wrote from its line on. A text may hold that line's words, too."""
    line = MARKER_LINE.search(text)
    at = line.start() if line else len(text)
    return text[:at], text[at:]


def at_end_of_hand(text: str, lines: str) -> str:
    """Return the manifest's text with lines added below what people wrote."""
    by_hand, written = _parted(text)
    gap = "\n" if written else ""
    return f"{by_hand.rstrip()}\n{lines}{gap}{written}"


def _with_caption(text: str, language: str, name: str) -> str:
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    captions = _value(node, "captions")
    if captions is None:
        return at_end_of_hand(text, f"captions:\n  {language}: {name}\n")
    present = _value(captions, language)
    if present is not None:
        return text[: present.start_mark.index] + name + text[present.end_mark.index :]
    if not isinstance(captions, MappingNode):  # `captions:` with nothing behind it
        end = captions.start_mark.index
        return f"{text[:end]}\n  {language}: {name}{text[end:]}"
    if captions.flow_style:
        end = captions.end_mark.index - 1
        comma = ", " if captions.value else ""
        return f"{text[:end]}{comma}{language}: {name}{text[end:]}"
    last = text.find("\n", captions.value[-1][1].end_mark.index)
    last = len(text) if last < 0 else last
    indent = " " * captions.value[0][0].start_mark.column
    return f"{text[:last]}\n{indent}{language}: {name}{text[last:]}"


def _value(node: Node | None, key: str) -> Node | None:
    pairs: list[tuple[Any, Node]] = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def quoted(text: str) -> str:
    """Return a text as YAML in double quotes, whatever it holds."""
    return yaml.dump(text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=100_000).strip()
