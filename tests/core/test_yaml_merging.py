"""A file that people wrote is changed where it must be, and nowhere else."""

import copy
from typing import Any

import pytest
import yaml

from elearn.core.yaml_merging import merged
from elearn.core.yaml_nodes import plain
from elearn.core.yaml_writing import said, written

BY_HAND = """\
---
# The head of the file.

id: hard-talks   # stays for ever
languages: [da, en]  # da first
# Who it is for.
audience:
- school
- daycare

modules:

# The first one.
- id: one   # one
  minutes: 8
  text: >-
    A long sentence that
    somebody broke by hand.
  note: |+
    Kept to the letter.

    # no remark

- # The second one.
  id: two
  "minutes": '10'
  lessons:
      - {id: film, videos: {da: two}}   # its film
  plain: a text that runs
    over two lines
  quoted: "one line
    # and no remark"
# Below the last.
"""


def content(text: str) -> Any:
    return plain(yaml.compose(text, Loader=yaml.BaseLoader))


def lines_of(text: str) -> list[str]:
    return text.splitlines()


def change(text: str, *loc: Any, to: Any) -> str:
    """Return the file's text with another value at a place, or without it when `to` is None."""
    wanted = copy.deepcopy(content(text))
    row = wanted
    for part in loc[:-1]:
        row = row[part]
    if to is None:
        del row[loc[-1]]
    else:
        row[loc[-1]] = to
    changed = merged(text, wanted)
    assert content(changed) == said(wanted)
    return changed


def test_what_says_the_same_stays_to_the_letter():
    assert merged(BY_HAND, content(BY_HAND)) == BY_HAND


@pytest.mark.parametrize(
    ("loc", "to", "old", "new"),
    [
        (("id",), "other", "id: hard-talks   # stays for ever", "id: other  # stays for ever"),
        (("languages",), ["da", "en", "nb"], "languages: [da, en]  # da first", "languages: [da, en, nb]  # da first"),
        (("modules", 0, "minutes"), 9, "  minutes: 8", "  minutes: 9"),
        (("modules", 1, "minutes"), "11", "  \"minutes\": '10'", "  minutes: '11'"),
        (("modules", 1, "plain"), "b", "  plain: a text that runs\n    over two lines", "  plain: b"),
        (("modules", 1, "quoted"), "b", '  quoted: "one line\n    # and no remark"', '  quoted: "b"'),
        (
            ("modules", 0, "text"),
            "Short.",
            "  text: >-\n    A long sentence that\n    somebody broke by hand.",
            "  text: >-\n    Short.",
        ),
        (
            ("modules", 0, "note"),
            "a\nb\n",
            "  note: |+\n    Kept to the letter.\n\n    # no remark\n\n",
            "  note: |\n    a\n    b\n",
        ),
        (
            ("modules", 1, "lessons"),
            [{"id": "film", "videos": {"da": "x"}}],
            "      - {id: film, videos: {da: two}}   # its film",
            "      - id: film\n        videos: {da: x}",
        ),
        (("audience",), ["school"], "- daycare\n", ""),
    ],
)
def test_only_the_lines_of_a_changed_value_change(loc, to, old, new):
    assert BY_HAND.count(old) == 1
    assert change(BY_HAND, *loc, to=to) == BY_HAND.replace(old, new)


def test_items_move_and_go_with_the_remarks_above_them():
    wanted = content(BY_HAND)
    wanted["modules"].reverse()
    moved = merged(BY_HAND, wanted)
    assert content(moved) == wanted
    assert sorted(filter(None, lines_of(moved))) == sorted(filter(None, lines_of(BY_HAND)))
    assert moved.index("The second one.") < moved.index("# The first one.\n- id: one   # one")

    del wanted["modules"][1]
    without = merged(BY_HAND, wanted)
    assert content(without) == wanted
    assert "The first one." not in without
    assert "The second one." in without
    assert "Below the last." in without


def test_a_new_item_and_a_new_key_are_written_below_what_is_there():
    wanted = content(BY_HAND)
    wanted["modules"].append({"id": "three", "minutes": 5})
    wanted["modules"][0]["open"] = True
    changed = merged(BY_HAND, wanted)

    assert content(changed) == said(wanted)
    assert "    # no remark\n\n  open: true\n" in changed
    assert '    # and no remark"\n- {id: three, minutes: 5}\n# Below the last.' in changed


@pytest.mark.parametrize(
    "text", ["a: 1", "a: 1\r\nb: 2\r\n# c\r\n", "{a: 1}\n", "? a\n: 1\n", "a:\n", "- x\n", "", "a: [\n"]
)
def test_odd_files_say_what_they_are_to_say(text):
    for wanted in ({"a": "2", "b": ["x"]}, {"b": "no"}, {"a": {"c": "x\ny"}}, {}):
        assert content(merged(text, wanted)) == wanted


AWKWARD = [
    "no",
    "007",
    "1e3",
    "~",
    "null",
    "12:30",
    "a: b",
    "# a",
    "- a",
    "@a",
    "`a`",
    "%a",
    "a #b",
    "'",
    '"',
    "[a",
    "{a",
]
AWKWARD += [
    "|",
    ">",
    "a\nb",
    "a\n",
    "a\n\n",
    "\na",
    " a",
    "a ",
    " a\n b",
    "a\n \nb",
    "a\n\tb",
    "\ta",
    "a\n# b\n",
    "---",
]
AWKWARD += ["...", "a\n---\nb", "a\x85b", "a\u2028b", "\ufeffa", "æøå", "🎬", "x" * 400, "word " * 60 + "end"]
AWKWARD += ["two  spaces " * 30 + "x", "é" * 130]


@pytest.mark.parametrize("words", AWKWARD)
@pytest.mark.parametrize("style", ["", "'", '"', ">-", "|"])
def test_every_text_is_read_back_whatever_stood_there_before(words, style):
    before = {"": "t: old", "'": "t: 'old'", '"': 't: "old"', ">-": "t: >-\n  old", "|": "t: |\n  old\n"}[style]
    for wanted in ({"t": words}, {"t": [words]}, {"t": {"k": words}}, {"t": [{"id": words, "b": "x\ny"}]}):
        assert content(merged(before, wanted)) == wanted
        assert content(written(wanted)) == wanted
