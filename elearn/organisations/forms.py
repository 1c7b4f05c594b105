"""What people type about departments, colleagues, numbers and customers."""

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import lazy_gettext as _l
from elearn.organisations.models import Role, TokenScope
from elearn.organisations.sectors import SECTORS
from elearn.web.forms import MESSAGE_REQUIRED, Form, no_control_characters

NAME_TOO_LONG = _l("The name is too long. Write at most 120 characters.")
MOST_IN_NUMBER = 40


class DepartmentForm(Form):
    """Asks a department's name, where it lies and what it works with."""

    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Write the department’s name.")),
            Length(max=120, message=NAME_TOO_LONG),
            no_control_characters,
        ],
    )
    parent = SelectField(_l("Lies under"), [Optional()], coerce=int)
    sector = SelectField(_l("Sector"), [Optional()])

    def __init__(self, *args: object, departments: Sequence[tuple[int, str]] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.parent.choices = [
            SelectChoice(0, _l("No other department")),
            *(SelectChoice(department_id, label) for department_id, label in departments),
        ]
        self.sector.choices = [
            SelectChoice("", _l("Not said")),
            *(SelectChoice(code, str(name)) for code, name in SECTORS.items()),
        ]


class NewBuyerForm(Form):
    """Asks who is to manage a municipality's seats."""

    email = StringField(
        _l("Work email"),
        [InputRequired(_l("Write the email address.")), Length(max=254, message=_l("The address is too long."))],
    )
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Write the name.")),
            Length(max=120, message=NAME_TOO_LONG),
            no_control_characters,
        ],
    )
    language = SelectField(
        _l("Language of the email"),
        [InputRequired(MESSAGE_REQUIRED)],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )


class ColleagueForm(NewBuyerForm):
    """Asks which colleague gets which role, and of which departments a leader."""

    role = RadioField(
        _l("Role"),
        [InputRequired(_l("Choose the role."))],
        choices=[
            SelectChoice(Role.BUYER, _l("Buyer: manages seats, colleagues and departments")),
            SelectChoice(Role.LEADER, _l("Leader: sees how the own department gets through")),
        ],
    )
    departments = SelectMultipleField(_l("Departments that a leader leads"), [Optional()], coerce=int)

    def __init__(self, *args: object, departments: Sequence[tuple[int, str]] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.departments.choices = [SelectChoice(department_id, label) for department_id, label in departments]


class GlnForm(Form):
    """Asks a GLN (EAN) number and which unit it is."""

    gln = StringField(
        _l("EAN number"),
        [
            InputRequired(_l("Write the EAN number.")),
            Length(max=MOST_IN_NUMBER, message=_l("That is no EAN number. It has 13 digits.")),
        ],
    )
    label = StringField(
        _l("Unit"),
        [
            InputRequired(_l("Write which unit it is, such as: Schools.")),
            Length(max=120, message=NAME_TOO_LONG),
            no_control_characters,
        ],
    )


class OrgNumberForm(Form):
    """Asks the organisation number of a municipality that has none."""

    org_number = StringField(
        _l("Organisation number"),
        [
            InputRequired(_l("Write the organisation number.")),
            Length(max=MOST_IN_NUMBER, message=_l("That is no organisation number.")),
        ],
    )


class NudgesForm(Form):
    """Asks whether learners who stopped are reminded."""

    nudges = BooleanField(_l("Remind whoever has stopped for 14 days, once"))


class CustomerForm(Form):
    """Asks about a customer that is no municipality."""

    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Write the customer’s name.")),
            Length(max=120, message=NAME_TOO_LONG),
            no_control_characters,
        ],
    )
    country = SelectField(
        _l("Country"),
        [InputRequired(MESSAGE_REQUIRED)],
        choices=[SelectChoice("DK", _l("Denmark")), SelectChoice("NO", _l("Norway"))],
    )
    org_number = StringField(
        _l("CVR or organisation number"),
        [
            InputRequired(_l("Write the CVR or organisation number.")),
            Length(max=MOST_IN_NUMBER, message=_l("That is no organisation number.")),
        ],
    )


class TokenForm(Form):
    """Asks what a token of the API is for, and what it may do."""

    name = StringField(
        _l("What it is for"),
        [
            InputRequired(_l("Write what it is for, such as: HR system.")),
            Length(max=120, message=NAME_TOO_LONG),
            no_control_characters,
        ],
    )
    scopes = SelectMultipleField(
        _l("What it may do"),
        [InputRequired(_l("Choose at least one."))],
        choices=[
            SelectChoice(TokenScope.LICENCES_READ, _l("Read licences and how many seats are free")),
            SelectChoice(TokenScope.SEATS_READ, _l("Read who has a seat, and departments")),
            SelectChoice(TokenScope.SEATS_WRITE, _l("Give seats and take them back")),
            SelectChoice(TokenScope.COMPLETIONS_READ, _l("Read who has completed a course, and on which day")),
        ],
    )
