"""What buyers type about rules."""

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.licensing.forms import WholeNumberField
from elearn.training.models import RuleKind
from elearn.training.services.rules import Wish
from elearn.web.forms import MESSAGE_REQUIRED, Form

SHORTEST, LONGEST = 7, 365
MOST_MONTHS = 60
EVERYWHERE = "all"
"""Stands for the whole municipality among its departments."""


class RuleForm(Form):
    """Asks what every rule needs."""

    kind = RuleKind.JOINER
    department = SelectField(_l("For whom"), [InputRequired(MESSAGE_REQUIRED)], default=EVERYWHERE)
    within_days = WholeNumberField(
        _l("Days to do it in"),
        [
            InputRequired(_l("Write how many days people have.")),
            NumberRange(SHORTEST, LONGEST, message=_l("Write a number of days from 7 to 365.")),
        ],
        default=14,
    )

    def offer_departments(self, everywhere: str, departments: list[tuple[int, str]]) -> None:
        """Set the choices: the whole municipality, then its departments."""
        self.department.choices = [
            SelectChoice(EVERYWHERE, everywhere),
            *(SelectChoice(str(id_), name) for id_, name in departments),
        ]

    def wish(self) -> Wish:
        """Return what was asked for, as plain values."""
        department_id = None if self.department.data == EVERYWHERE else int(self.department.data)
        return Wish(self.kind, department_id, self.within_days.data)


class JoinerForm(RuleForm):
    """A rule for new hires."""

    includes_present = BooleanField(_l("Also ask those who are here already"))

    def wish(self) -> Wish:
        """Return what was asked for, as plain values."""
        asked = super().wish()
        return Wish(asked.kind, asked.department_id, asked.within_days, includes_present=self.includes_present.data)


class RefresherForm(RuleForm):
    """A rule for refreshers."""

    kind = RuleKind.REFRESHER
    after_months = WholeNumberField(
        _l("Again after how many months"),
        [
            InputRequired(MESSAGE_REQUIRED),
            NumberRange(1, MOST_MONTHS, message=_l("Write a number of months from 1 to 60.")),
        ],
        default=12,
    )
    modules = SelectMultipleField(_l("Modules to go through again"))

    def offer_modules(self, modules: list[tuple[str, str]]) -> None:
        """Set the choices: key and title of each module."""
        self.modules.choices = [SelectChoice(key, title) for key, title in modules]

    def validate_modules(self, field: SelectMultipleField) -> None:
        """Refuse a refresher without modules: it would ask for nothing."""
        if not field.data:
            raise ValidationError(_("Choose at least one module."))

    def wish(self) -> Wish:
        """Return what was asked for, as plain values."""
        asked = super().wish()
        return Wish(
            asked.kind,
            asked.department_id,
            asked.within_days,
            after_months=self.after_months.data,
            modules=list(self.modules.data),
        )
