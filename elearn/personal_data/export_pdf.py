"""A person's export as a PDF/UA in their language: the same rows and fields as the file, for reading."""

import json
from typing import Any

from elearn.core import clock, i18n
from elearn.core.i18n import gettext as _
from elearn.core.paper import Section, document, pairs, text
from elearn.personal_data.words import FIELDS, INSIDE, NUMBERS_OF_ROWS, TITLES


def render(data: dict[str, Any], *, language: str, house: str) -> bytes:
    """Return the PDF of an export. `data` is what `export.export` returns."""
    with i18n.speaking(language):
        return document(
            language=language,
            house=house,
            title=_("My data"),
            lead=_("Everything that is held about you. Times are in UTC. Keep it where only you can read it."),
            foot=i18n.format_day(clock.now().date()),
            sections=[_section(str(title), data[kind]) for kind, title in TITLES.items()],
        )


def _section(title: str, rows: list[dict[str, Any]]) -> Section:
    if not rows:
        return Section(title, [text(_("Nothing."))])
    return Section(title, [pairs(_fields(row)) if _fields(row) else text(_("In use.")) for row in rows])


def _fields(row: dict[str, Any]) -> list[tuple[str, str]]:
    told = [(str(FIELDS[key]), _said(key, value)) for key, value in row.items() if key not in NUMBERS_OF_ROWS]
    return [(name, value) for name, value in told if value]


def _said(key: str, value: Any) -> str:
    """Return a field as people read it; empty when it holds nothing."""
    if value is None:
        return ""
    if value is True or value is False:
        return _("yes") if value else _("no")
    if key == "seen":
        return ", ".join(f"{i18n.format_timecode(first)}–{i18n.format_timecode(after)}" for first, after in value)
    if (key == "at" or key.endswith("_at")) and isinstance(value, str):
        return value[:16].replace("T", " ")
    if key == "answers":
        return _answered(value)
    if isinstance(value, dict):
        return ", ".join(f"{_named(name)}: {_said(name, each)}" for name, each in value.items() if each is not None)
    if isinstance(value, list):
        return "; ".join(_said("", each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _answered(value: Any) -> str:
    """Return what stands in answers. Its keys are ids of a form's writer, whatever columns or fields are called."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_answered(each)}" for name, each in value.items() if each is not None)
    return _said("", value)


def _named(name: str) -> str:
    return str(FIELDS.get(name) or INSIDE.get(name) or name)
