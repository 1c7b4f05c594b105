"""Forms of deletion."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from elearn.accounts.addresses import MAX_LENGTH
from elearn.core.i18n import lazy_gettext as _l
from elearn.web.forms import Form


class DeleteForm(Form):
    """Asks for the address once more, so that nobody deletes an account by mistake."""

    address = StringField(
        _l("Your email address"),
        [
            InputRequired(_l("Write your email address.")),
            Length(max=MAX_LENGTH, message=_l("The address is too long.")),
        ],
    )
