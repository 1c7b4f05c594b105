"""Writes a form as the file it could have been read from."""

from typing import Any

import yaml

from elearn.core.i18n import LANGUAGES
from elearn.feedback.form_files import FormFile

FIRST = ("id", "type", "level")
"""What stands at the top of each group; the rest keeps the schema's order."""
WIDTH = 120


def as_yaml(form: FormFile) -> str:
    """Return a form's file: what stands in it by default is left out."""
    plain = _ordered(form.model_dump(mode="json", exclude_defaults=True))
    text: str = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text


def _ordered(part: Any) -> Any:
    if isinstance(part, list):
        return [_ordered(each) for each in part]
    if not isinstance(part, dict):
        return part
    order = [*LANGUAGES] if set(part) <= set(LANGUAGES) else [*FIRST]
    names = [name for name in order if name in part] + [name for name in part if name not in order]
    return {name: _ordered(part[name]) for name in names}
