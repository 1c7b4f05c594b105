"""What people type about licences and seats."""

from datetime import date

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from elearn.core.i18n import LANGUAGES, format_day
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.licensing.services.licences import MOST_SEATS
from elearn.organisations.sectors import SECTORS
from elearn.web.forms import MESSAGE_REQUIRED, Form, no_control_characters


class WholeNumberField(IntegerField):  # type: ignore[misc]  # WTForms is untyped
    """A whole number, refused in words that say what to write."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ValueError, whose text WTForms shows."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a whole number, such as 100.")) from None


_none_or_more = NumberRange(0, MOST_SEATS, _l("Write a whole number, such as 5, or 0 for none."))


def _department_id(value: str | int | None) -> int | None:
    """Read a choice of department: '' is none."""
    return int(value) if value else None


class GiveSeatForm(Form):
    """Asks whom a seat is for."""

    email = StringField(
        _l("Work email"),
        [InputRequired(_l("Write the email address.")), Length(max=254, message=_l("The address is too long."))],
    )
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Write the name, as it should stand on the certificate.")),
            Length(max=120, message=_l("The name is too long. Write at most 120 characters.")),
            no_control_characters,
        ],
    )
    language = SelectField(
        _l("Language of the email"),
        [InputRequired(MESSAGE_REQUIRED)],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    sector = SelectField(_l("Sector"), [Optional()])
    message = StringField(
        _l("A line of your own"),
        [
            Optional(),
            Length(max=300, message=_l("The line is too long. Write at most 300 characters.")),
            no_control_characters,
        ],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.sector.choices = [
            SelectChoice("", _("Not said")),
            *(SelectChoice(code, str(name)) for code, name in SECTORS.items()),
        ]


class GiveSeatHereForm(GiveSeatForm):
    """Asks a buyer whom a seat is for; the view fills in the departments."""

    department = SelectField(_l("Department"), [Optional()], coerce=_department_id)
    holds_until = DateField(_l("Hold the seat until"), [InputRequired(_l("Choose the day."))])


class AddressForm(Form):
    """Asks for the right address of somebody who is invited."""

    email = StringField(
        _l("Right email address"),
        [InputRequired(_l("Write the email address.")), Length(max=254, message=_l("The address is too long."))],
    )


class DepartmentForm(Form):
    """Asks in which department somebody works; the view fills in the departments."""

    department = SelectField(_l("Department"), [Optional()], coerce=_department_id)


class SeatListForm(Form):
    """Asks for a list of people: pasted, or as a file."""

    rows = TextAreaField(_l("Paste the rows"), [Optional()])
    file = FileField(_l("Or choose a file"))
    language = SelectField(
        _l("Language of the email"),
        [InputRequired(MESSAGE_REQUIRED)],
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    holds_until = DateField(
        _l("The invitations hold the seats until"), [InputRequired(_l("Choose the last day of the invitations."))]
    )
    message = StringField(
        _l("A line of your own"),
        [
            Optional(),
            Length(max=300, message=_l("The line is too long. Write at most 300 characters.")),
            no_control_characters,
        ],
    )

    def __init__(self, *args: object, first: date = date.min, last: date = date.max, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._first, self._last = first, last

    def validate_file(self, field: FileField) -> None:
        """Ask for rows or a file, and not for both. Raises ValidationError."""
        if not self.rows.data and not field.data:
            raise ValidationError(_("Paste the rows, or choose a file."))
        if self.rows.data and field.data:
            raise ValidationError(_("There are pasted rows and a file. Send one of them."))

    def validate_holds_until(self, field: DateField) -> None:
        """Keep the day within the licence, from today on. Raises ValidationError."""
        if not self._first <= field.data <= self._last:
            raise ValidationError(
                _(
                    "Choose a day from %(first)s to %(last)s.",
                    first=format_day(self._first),
                    last=format_day(self._last),
                )
            )


class JoinForm(Form):
    """Asks whoever has a join link who they are and where they work."""

    name = StringField(
        _l("Your name"),
        [
            InputRequired(_l("Write your name.")),
            Length(max=100, message=_l("The name is too long.")),
            no_control_characters,
        ],
    )
    email = StringField(
        _l("Work email"),
        [InputRequired(_l("Write the email address.")), Length(max=254, message=_l("The address is too long."))],
    )


class JoinerNameForm(Form):
    """Asks somebody new for their name as it should stand on the certificate."""

    name = StringField(
        _l("Your name"),
        [
            InputRequired(_l("Write your name.")),
            Length(max=100, message=_l("The name is too long.")),
            no_control_characters,
        ],
    )


class JoinCodeForm(Form):
    """Asks for the code on a poster."""

    code = StringField(
        _l("Code"),
        [
            InputRequired(_l("Write the code on the poster.")),
            Length(max=40, message=_l("This is no code of ours. Check it letter by letter: there are ten.")),
        ],
    )


class JoinLinkForm(Form):
    """Asks who may join by a link, how many, and until when; the view fills in the departments."""

    department = SelectField(_l("Department"), [Optional()], coerce=_department_id)
    domains = TextAreaField(
        _l("Mail domains"),
        [
            InputRequired(_l("Write at least one mail domain, such as favrskov.dk.")),
            Length(max=1000, message=_l("Write at most 1,000 characters.")),
        ],
    )
    most = WholeNumberField(
        _l("How many may join"),
        [
            InputRequired(_l("Write a whole number, such as 100.")),
            NumberRange(1, MOST_SEATS, _l("Write a whole number from 1 to 10000.")),
        ],
    )
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    needs_approval = BooleanField(_l("I approve each person"))


class AnswerForm(Form):
    """Asks what the buyer says to those who are ticked, and why."""

    reason = StringField(
        _l("A line to those you decline"),
        [
            Optional(),
            Length(max=300, message=_l("The line is too long. Write at most 300 characters.")),
            no_control_characters,
        ],
    )


class LicenceForm(Form):
    """Asks who gets how many seats in which course, and for how long."""

    course = SelectField(_l("Course"), [InputRequired(_l("Choose the course."))], coerce=int)
    municipality = StringField(
        _l("Municipality"),
        [InputRequired(_l("Write the municipality’s name.")), Length(max=100, message=_l("The name is too long."))],
    )
    municipality_id = HiddenField()
    seats = WholeNumberField(
        _l("Seats"),
        [
            InputRequired(_l("Write a whole number, such as 100.")),
            NumberRange(1, MOST_SEATS, _l("Write a whole number from 1 to 10000.")),
        ],
    )
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    handovers_allowed = WholeNumberField(_l("Handovers"), [Optional(), _none_or_more])
    seat_days = WholeNumberField(
        _l("Days a seat lasts"), [Optional(), NumberRange(1, 3660, _l("Write a whole number of days, such as 180."))]
    )
    has_waiting_line = BooleanField(_l("People wait in line when no seat is free"), default=True)
    renews = HiddenField()
    reason = TextAreaField(
        _l("Why it is given"),
        [
            InputRequired(_l("Write a word or two, such as: pilot, gift, order 1042.")),
            Length(max=300, message=_l("Write at most 300 characters.")),
        ],
    )


class TermsForm(Form):
    """Asks how the terms of a licence are from now on, and why."""

    handovers_allowed = WholeNumberField(
        _l("Handovers"), [InputRequired(_l("Write a whole number, such as 5.")), _none_or_more]
    )
    has_waiting_line = BooleanField(_l("People wait in line when no seat is free"))
    reason = TextAreaField(
        _l("Why they change"),
        [
            InputRequired(_l("Write a word or two.")),
            Length(max=300, message=_l("Write at most 300 characters.")),
        ],
    )


class MessageForm(Form):
    """Asks what to write to all learners of a licence."""

    text = TextAreaField(
        _l("Your text"),
        [
            DataRequired(_l("Write what you want to say.")),
            Length(max=2000, message=_l("The text is too long. Write at most 2000 characters.")),
        ],
    )
    press = HiddenField(validators=[InputRequired(MESSAGE_REQUIRED), Length(max=64, message=MESSAGE_REQUIRED)])
    change = HiddenField()
