"""Forms of deletion and departure."""

from wtforms import DateField, StringField, TextAreaField
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


class DepartureForm(Form):
    """Asks for the day and the reason of a municipality's departure."""

    delete_on = DateField(_l("The day on which everything is deleted"), [InputRequired(_l("Choose the day."))])
    reason = TextAreaField(
        _l("Why it leaves"),
        [
            InputRequired(_l("Write a word or two.")),
            Length(max=300, message=_l("Write at most 300 characters.")),
        ],
    )
