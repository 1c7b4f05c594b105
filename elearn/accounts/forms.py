"""What people type to sign in."""

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from elearn.core.i18n import lazy_gettext as _l
from elearn.web.forms import Form


class SignInForm(Form):
    """Asks for the address a link is sent to."""

    email = StringField(
        _l("Email"),
        [InputRequired(_l("Write your email address.")), Length(max=254, message=_l("The address is too long."))],
    )
    next = HiddenField()
