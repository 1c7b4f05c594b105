"""Forms of the owner's work with texts."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from elearn.core.i18n import lazy_gettext as _l
from elearn.evaluation.services.moderating import LONGEST_THEME
from elearn.web.forms import MESSAGE_REQUIRED, Form

MESSAGE_LONG = _l("This is too long. Make it shorter.")


class RedactForm(Form):
    """Which passage is taken out of a text."""

    passage = StringField(
        _l("What is taken out"), [InputRequired(MESSAGE_REQUIRED), Length(max=2000, message=MESSAGE_LONG)]
    )


class ThemeForm(Form):
    """What a theme is called."""

    name = StringField(_l("Theme"), [InputRequired(MESSAGE_REQUIRED), Length(max=LONGEST_THEME, message=MESSAGE_LONG)])
