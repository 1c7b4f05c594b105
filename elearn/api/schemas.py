"""The shapes of what the API takes and answers; the OpenAPI description is made from them."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from elearn.core.i18n import LANGUAGES
from elearn.licensing.models import SeatState
from elearn.organisations.sectors import SECTORS

MOST_PAGES = 100_000
MOST_ID = 2_147_483_647
LETTER = "A-Za-z0-9À-Þà-ǯǱ-ɏ"
"""Without ß and ǰ, which would be compared as other letters (`accounts.addresses.check`)."""
SIGN = "A-Za-z0-9_!#$%&'*+/=?^{|}~-"
ADDRESS = rf"^[{SIGN}]+(\.[{SIGN}]+)*@([{LETTER}]([{LETTER}-]{{0,61}}[{LETTER}])?\.)+[{LETTER}]{{2,63}}$"
ONE_LINE = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"


def refuse_line_breaks(text: str) -> None:
    """Refuse what a pattern's end lets through: a line break after the last letter."""
    if "\n" in text:
        raise ValidationError("Write this on one line.")


class WholeNumber(fields.Integer):
    """A whole number as JSON writes it: 3 and 3.0 are one number, "3" and true are none."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "A sentence for people."})
    code = fields.String(required=True, metadata={"description": "A stable word for programs, such as no-free-seat."})
    errors = fields.Dict(metadata={"description": "Which fields are wrong, and why."})


class PageArguments(Schema):
    """Which page of a list."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, MOST_PAGES),
        metadata={"description": "The page, counted from 1; a page has 50 rows."},
    )


class _Page(Schema):
    total = fields.Integer(required=True, metadata={"description": "How many rows the whole list has."})
    page = fields.Integer(required=True)
    has_next = fields.Boolean(required=True, metadata={"description": "Whether another page follows."})


class Course(Schema):
    """A course."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class Person(Schema):
    """A person on a seat."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)


class SeatCounts(Schema):
    """How a licence's seats stand."""

    all = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    invited = fields.Integer(required=True)
    free = fields.Integer(required=True)


class Licence(Schema):
    """A licence of the municipality."""

    id = fields.Integer(required=True)
    course = fields.Nested(Course, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "The last day; it counts."})
    seats = fields.Nested(SeatCounts, required=True)


class LicencePage(_Page):
    """Some licences."""

    licences = fields.List(fields.Nested(Licence), required=True)


class Department(Schema):
    """A department of the municipality's own tree."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    sector = fields.String(required=True, allow_none=True)


class Departments(Schema):
    """All departments."""

    departments = fields.List(fields.Nested(Department), required=True)


class Seat(Schema):
    """A seat somebody holds: who, and the day of each step. Never what was watched, nor when."""

    id = fields.Integer(required=True)
    licence_id = fields.Integer(required=True)
    person = fields.Nested(Person, required=True)
    department_id = fields.Integer(required=True, allow_none=True)
    sector = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf([SeatState.INVITED, SeatState.CLAIMED, "started"]))
    invited_on = fields.Date(required=True, allow_none=True)
    holds_until = fields.Date(required=True, allow_none=True)
    claimed_on = fields.Date(required=True, allow_none=True)
    started_on = fields.Date(required=True, allow_none=True)


class SeatPage(_Page):
    """Some seats."""

    seats = fields.List(fields.Nested(Seat), required=True)


class NewSeat(Schema):
    """Whom a seat is for."""

    class Meta:
        """Fields that are not here are refused."""

        unknown = RAISE

    email = fields.String(
        required=True, validate=[validate.Length(max=254), validate.Regexp(ADDRESS), refuse_line_breaks]
    )
    name = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=120), validate.Regexp(ONE_LINE), refuse_line_breaks],
        metadata={"description": "As it should stand on the certificate; a known person’s own name stays."},
    )
    language = fields.String(
        validate=validate.OneOf(list(LANGUAGES)),
        metadata={"description": "Of the email; the country’s first language when left out."},
    )
    department_id = WholeNumber(validate=validate.Range(1, MOST_ID))
    sector = fields.String(validate=validate.OneOf(list(SECTORS)))


class Release(Schema):
    """Who is to leave the seat: a call that comes late must not hit whoever has got the seat since."""

    class Meta:
        """Fields that are not here are refused."""

        unknown = RAISE

    person_id = WholeNumber(required=True, validate=validate.Range(1, MOST_ID))


class Completion(Schema):
    """That a person has completed a course."""

    person = fields.Nested(Person, required=True)
    course = fields.Nested(Course, required=True)
    completed_on = fields.Date(required=True)


class CompletionPage(_Page):
    """Some completions, the oldest first."""

    completions = fields.List(fields.Nested(Completion), required=True)
