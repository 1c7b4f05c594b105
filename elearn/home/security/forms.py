"""What people type to change how they sign in."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from elearn.accounts.passwords import MOST
from elearn.core.i18n import lazy_gettext as _l
from elearn.web.forms import Form, no_control_characters


class NewPasswordForm(Form):
    """Asks for a new password, once: browsers and password managers show what was written."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a password.")), Length(max=MOST, message=_l("The password is too long."))],
    )


class FirstCodeForm(Form):
    """Asks for the first code of an authenticator app."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Write the six digits.")), Length(max=20, message=_l("The code has six digits."))],
    )


class NewPasskeyForm(Form):
    """Asks what the person calls the device; a script adds what the browser made."""

    name = StringField(
        _l("Your name for the device"),
        [
            InputRequired(_l("Write a name, such as 'work laptop'.")),
            Length(max=60, message=_l("Write at most 60 characters.")),
            no_control_characters,
        ],
    )
    credential = HiddenField(validators=[Length(max=20_000, message=_l("The browser has not made a passkey."))])
