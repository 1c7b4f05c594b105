"""What the evaluation's pages, files and papers call things."""

from elearn.core.i18n import format_decimal, format_percent
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.evaluation.figures import Change, Estimate, Rate
from elearn.feedback.form_files import Audience, Level
from elearn.feedback.models import TextState

AUDIENCES = {
    Audience.STAFF: _l("Staff"),
    Audience.LEADER: _l("Leaders"),
    Audience.BUYER: _l("Buyers"),
    Audience.GUEST: _l("Guests"),
}
LEVELS = {
    Level.REACTION: _l("What they thought of it"),
    Level.LEARNING: _l("What they learned"),
    Level.BEHAVIOUR: _l("What they do now"),
    Level.RESULTS: _l("What came of it"),
}
"""Kirkpatrick's four levels, in their order."""


STATES = {
    TextState.NEW: _l("Not read yet"),
    TextState.APPROVED: _l("Approved"),
    TextState.HIDDEN: _l("Hidden"),
}
"""What the course owner has said of a text."""


def withheld() -> str:
    """Return what stands where a figure may not be shown, whatever the reason."""
    return _("not shown")


def interval(estimate: Estimate, *, places: int = 1, signed: bool = False) -> str:
    """Return a 95 % interval as '0,6 til 0,8'; `signed` as '+0,6 til +0,8' where it spans zero."""
    spans_zero = signed and estimate.low < 0 < estimate.high
    low = format_decimal(estimate.low, places=places, signed=spans_zero)
    return _("%(low)s to %(high)s", low=low, high=format_decimal(estimate.high, places=places, signed=spans_zero))


def effect(change: Change) -> str:
    """Return the size of a change's effect as '+0,9 (0,8 til 1,1)'; '' where everybody changed by the same."""
    if change.effect is None:
        return ""
    value = format_decimal(change.effect.value, signed=True)
    return f"{value} ({interval(change.effect, signed=True)})"


def share(value: float) -> str:
    """Return a share as whole per cent."""
    return format_percent(round(value * 100))


def share_interval(estimate: Estimate) -> str:
    """Return a share's interval as '53 til 70 %'."""
    return _("%(low)s to %(high)s", low=round(estimate.low * 100), high=share(estimate.high))


def rate(answered: Rate | None) -> str:
    """Return a rate of answers in words."""
    if answered is not None and answered.is_nearly_all:
        return _("nearly all")
    if answered is None or answered.step is None:
        return withheld()
    return _("about %(share)s", share=format_percent(answered.step * 10))
