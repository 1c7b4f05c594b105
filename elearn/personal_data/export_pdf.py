"""A person's export as a PDF/UA in their language: the same rows and fields as the file, for reading."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from elearn.billing.words import amount
from elearn.core import clock, i18n
from elearn.core.i18n import gettext as _
from elearn.core.paper import Section, document, pairs, text
from elearn.personal_data.export import IN_WORDS
from elearn.personal_data.words import FIELDS, INSIDE, NUMBERS_OF_ROWS, TITLES, VALUES


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
    in_words = row.get(IN_WORDS, [])
    left_out = NUMBERS_OF_ROWS | {IN_WORDS} | ({"answers"} if in_words else set())
    told = [
        (str(FIELDS[key]), amount(value, row["currency"]) if key == "total_minor" else _said(key, value))
        for key, value in row.items()
        if key not in left_out
    ]
    told += [(each["question"], "; ".join(each["answer"])) for each in in_words]
    return [(name, value) for name, value in told if value]


def _said(key: str, value: Any) -> str:
    """Return a field as people read it; empty when it holds nothing."""
    if value is None:
        return ""
    if value is True or value is False:
        return _("yes") if value else _("no")
    if key in _READ:
        return _READ[key](value)
    if (key == "at" or key.endswith("_at")) and isinstance(value, str):
        return _time(value)
    if isinstance(value, dict):
        return ", ".join(f"{_named(name)}: {_said(name, each)}" for name, each in value.items() if each is not None)
    if isinstance(value, list):
        return "; ".join(_said("", each) for each in value)
    if isinstance(value, str):
        return str(VALUES.get(key, {}).get(value, value))
    return json.dumps(value, ensure_ascii=False)


def _answered(value: Any) -> str:
    """Return what stands in answers. Its keys are ids of a form's writer, whatever columns or fields are called."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_answered(each)}" for name, each in value.items() if each is not None)
    return _said("", value)


def _named(name: str) -> str:
    return str(FIELDS.get(name) or INSIDE.get(name) or name)


def _time(instant: str) -> str:
    return instant[:16].replace("T", " ")


def _time_of_ms(epoch_ms: int) -> str:
    return _time(datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat())


def _stretches(seen: list[tuple[float, float]]) -> str:
    return ", ".join(f"{i18n.format_timecode(first)}–{i18n.format_timecode(after)}" for first, after in seen)


_READ: dict[str, Callable[[Any], str]] = {
    "answers": _answered,
    "first_ticket_ms": _time_of_ms,
    "opened_ms": _time_of_ms,
    "position_ms": lambda position_ms: i18n.format_timecode(position_ms / 1000),
    "seen": _stretches,
}
