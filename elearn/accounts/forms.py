"""What people type to sign in."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from elearn.accounts.passwords import MOST
from elearn.core.i18n import lazy_gettext as _l
from elearn.web.forms import Form

ADDRESS_RULES = [
    InputRequired(_l("Write your email address.")),
    Length(max=254, message=_l("The address is too long.")),
]


class SignInForm(Form):
    """Asks for the address a link is sent to."""

    email = StringField(_l("Email"), ADDRESS_RULES)
    next = HiddenField()


class PasswordSignInForm(Form):
    """Asks for address and password."""

    email = StringField(_l("Email"), ADDRESS_RULES)
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Write your password.")), Length(max=MOST, message=_l("The password is too long."))],
    )
    next = HiddenField()


class CodeForm(Form):
    """Asks for a code of the authenticator app."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Write the six digits.")), Length(max=20, message=_l("The code has six digits."))],
    )
    next = HiddenField()


class PasskeyForm(Form):
    """Brings what the browser says about a passkey; a script fills it in."""

    credential = HiddenField(
        validators=[
            InputRequired(_l("The browser has not shown a passkey.")),
            Length(max=20_000, message=_l("The browser has not shown a passkey.")),
        ]
    )
    next = HiddenField()
