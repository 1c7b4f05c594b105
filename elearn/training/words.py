"""What a rule will do, in plain sentences: the same on the page before it begins and in the list afterwards."""

from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.training.models import RuleKind, TrainingRule


def rule_sentence(rule: TrainingRule, *, title: str, department: str | None, modules: list[str]) -> str:
    """Say whom a rule asks for what, and by when; `modules` are the titles of a refresher's."""
    days = ngettext("%(num)d day", "%(num)d days", rule.within_days)
    if rule.kind == RuleKind.REFRESHER:
        return _refresher(rule, title, department, days, ", ".join(modules))
    if department is None:
        return _("Everyone who joins you is to finish “%(title)s” within %(days)s.", title=title, days=days)
    return _(
        "Everyone who joins %(department)s, or a department below it, is to finish “%(title)s” within %(days)s.",
        department=department,
        title=title,
        days=days,
    )


def rule_number(rule: TrainingRule, asked: int) -> str:
    """Say how many people a rule that is about to begin asks today."""
    if rule.kind == RuleKind.REFRESHER:
        return ngettext(
            "%(num)d person has completed the course so far. Whoever’s time has come is asked at once.",
            "%(num)d people have completed the course so far. Those whose time has come are asked at once.",
            asked,
        )
    if rule.includes_present:
        return ngettext(
            "It asks %(num)d person here who has not completed it, and everyone who joins from now on.",
            "It asks %(num)d people here who have not completed it, and everyone who joins from now on.",
            asked,
        )
    return _("It asks nobody today: only people who join from now on.")


def _refresher(rule: TrainingRule, title: str, department: str | None, days: str, again: str) -> str:
    months = ngettext("%(num)d month", "%(num)d months", rule.after_months or 0)
    if department is None:
        who = _("Everyone who has completed “%(title)s” has a refresher every %(months)s.", title=title, months=months)
    else:
        who = _(
            "Everyone in %(department)s, or below it, who has completed “%(title)s” has a refresher every %(months)s.",
            department=department,
            title=title,
            months=months,
        )
    return who + " " + _("They have %(days)s to go through it again: %(modules)s.", days=days, modules=again)
