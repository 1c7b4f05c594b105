"""Writes plain content as YAML the way people write it: long texts below `|`, short groups on one line.

Plain content is what `content_files` reads: dictionaries with ids or names for keys, lists, texts; numbers, true and
false stand for the words that say them.
"""

import re
from typing import Any

import yaml

Plain = Any

WIDTH = 120
BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")
"""What YAML takes for the end of a line, or for the beginning of a file, within a text."""
FOLD = re.compile(r"(?<=\S) (?=\S)")


def written(content: dict[str, Plain]) -> str:
    """Return the text of a file."""
    if not content:
        return "{}\n"
    return "".join(line for key, value in content.items() for line in entry(key, value, 0))


def said(value: Plain) -> Plain:
    """Return content as reading its file gives it: every word as text."""
    if isinstance(value, dict):
        return {key: said(each) for key, each in value.items()}
    if isinstance(value, list):
        return [said(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)


def entry(key: str, value: Plain, column: int, style: str | None = None) -> list[str]:
    """Return the lines of `key: value`, indented to a column; a text keeps to the style of the one it replaces."""
    return _lines(f"{' ' * column}{key}:", value, column, style)


def item(value: Plain, column: int) -> list[str]:
    """Return the lines of one item of a list, its dash in a column."""
    if isinstance(value, dict) and value and not _is_short(value):
        lines = [line for key, each in value.items() for line in entry(key, each, column + 2)]
        return [f"{' ' * column}- {lines[0].lstrip(' ')}", *lines[1:]]
    return _lines(f"{' ' * column}-", value, column, None)


def _lines(head: str, value: Plain, column: int, style: str | None) -> list[str]:
    if isinstance(value, str):
        return _text(head, value, column, style)
    if not isinstance(value, dict | list) or not value or _is_short(value):
        return [f"{head} {_flow(value)}\n"]
    if isinstance(value, dict):
        below = [line for key, each in value.items() for line in entry(key, each, column + 2)]
    else:
        below = [line for each in value for line in item(each, column + 2)]
    return [f"{head}\n", *below]


def _text(head: str, value: str, column: int, style: str | None) -> list[str]:
    indent = " " * (column + 2)
    if "\n" in value and _fits_literal(value):
        body = value.rstrip("\n")
        ends = len(value) - len(body)
        sign = "-" if ends == 0 else "" if ends == 1 else "+"
        lines = [indent + line if line else "" for line in body.split("\n")]
        return [f"{head} |{sign}\n", *(f"{line}\n" for line in lines), *("\n" for _more in range(ends - 1))]
    if style == ">" and _fits_folded(value):
        return [f"{head} >-\n", *(f"{indent}{line}\n" for line in _folded(value, WIDTH - len(indent)))]
    return [f"{head} {_inline(value, style)}\n"]


def _fits_literal(value: str) -> bool:
    first = value.lstrip("\n")
    return bool(first) and first[0] not in " \t" and value.rstrip("\n") == value.rstrip() and not BREAKS.search(value)


def _fits_folded(value: str) -> bool:
    return bool(value) and value == value.strip() and not BREAKS.search(value) and not re.search(r"[\n\t]", value)


def _folded(value: str, width: int) -> list[str]:
    """Break a text where a single space stands between two words."""
    lines = [""]
    for word in FOLD.split(value):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _inline(value: str, style: str | None = None) -> str:
    quotes = style if style in ("'", '"') else None
    if "\n" in value or BREAKS.search(value):
        quotes = '"'
    text: str = yaml.safe_dump(value, default_style=quotes, allow_unicode=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...")


def _is_short(value: Plain) -> bool:
    """Whether a group of words fits on one line: no texts, and nothing below it."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if any(isinstance(part, dict | list | None) or "\n" in str(part) for part in parts):
        return False
    return len(_flow(value)) <= WIDTH - 20


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(each) for each in value)}]"
    if isinstance(value, str):
        # As part of a list, since `,` and `]` are nothing special outside of one.
        quotes = '"' if BREAKS.search(value) else None
        text: str = yaml.safe_dump(
            [value], default_flow_style=True, default_style=quotes, allow_unicode=True, width=10**9
        )
        return text.removesuffix("\n")[1:-1]
    return "" if value is None else str(said(value))
