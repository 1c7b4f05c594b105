"""What learners write."""

import re
import unicodedata
from typing import Any

from flask import request
from wtforms import HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from elearn.core.i18n import gettext
from elearn.core.i18n import lazy_gettext as _l
from elearn.learning.services import MAX_NOTE_LENGTH
from elearn.web.forms import Form

MAX_NAME_LENGTH = 100


def _plain_name(_form: Any, field: Any) -> None:
    """Refuse what no name holds: a certificate is read by others."""
    if any(unicodedata.category(character).startswith("C") for character in field.data):
        raise ValidationError(gettext("Write this on one line."))
    if not any(character.isalpha() for character in field.data) or "@" in field.data or "/" in field.data:
        raise ValidationError(gettext("Write your name with letters, as it should stand on the certificate."))


def _tidy(name: str | None) -> str | None:
    return re.sub(" +", " ", unicodedata.normalize("NFC", name)) if name else name


class NameForm(Form):
    """Asks for the name as it should stand on certificates."""

    name = StringField(
        _l("Your name"),
        [
            InputRequired(_l("Write your name.")),
            Length(max=MAX_NAME_LENGTH, message=_l("The name is too long.")),
            _plain_name,
        ],
        filters=[_tidy],
    )
    next = HiddenField()


class CodeForm(Form):
    """Asks for the code on a certificate."""

    code = StringField(
        _l("Code on the certificate"),
        [InputRequired(_l("Write the code.")), Length(max=100, message=_l("The code is too long."))],
    )


class NoteForm(Form):
    """A private note; an empty one deletes what was there."""

    text = TextAreaField(
        _l("Your note"), [Length(max=MAX_NOTE_LENGTH, message=_l("The note is too long. Shorten it."))]
    )

    @classmethod
    def sent(cls) -> "NoteForm":
        """Read the note from a form, or from the JSON that the page's script sends."""
        if not request.is_json:
            return cls()
        body = request.get_json(silent=True)
        text = body.get("text") if isinstance(body, dict) else None
        # The script's token comes in a header, which CSRFProtect has checked before the view.
        form = cls(formdata=None, meta={"csrf": False})
        form.text.data = text.strip() if isinstance(text, str) else None
        return form
