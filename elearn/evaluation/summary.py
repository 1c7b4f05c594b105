"""The evaluation in short: plain sentences that say what the figures show and no more, and what they do not show."""

from elearn.core.i18n import format_decimal, language, ngettext
from elearn.core.i18n import gettext as _
from elearn.evaluation.figures import Change, Figure
from elearn.evaluation.queries import Published
from elearn.evaluation.reading import Group, Measure, answers_of, groups, scale_of
from elearn.evaluation.words import share
from elearn.feedback.form_files import Audience, Level
from elearn.feedback.questions import MultipleChoice, SingleChoice
from elearn.feedback.words import say

GOOD = 9


def in_short(published: Published, *, own: bool = False) -> list[str]:
    """Return what the figures show, each sentence made from figures that stand on the page."""
    compared = [group for level in Level for group in groups(published, level, own=own) if group.is_compared]
    said = [
        _staff([group for group in compared if group.audience == Audience.STAFF]),
        _leaders([group for group in compared if group.audience == Audience.LEADER]),
        _later(groups(published, Level.BEHAVIOUR, own=own)),
        _recommended(groups(published, Level.REACTION, own=own)),
    ]
    return [sentence for sentence in said if sentence] or [_("There are not enough answers yet to say anything.")]


def not_shown() -> str:
    """Return what the figures do not show; it stands below every summary."""
    return _(
        "This does not show that the course alone is the reason. There is no comparison group, and those who answered "
        "may be the keenest."
    )


def _staff(compared: list[Group]) -> str:
    known = _known(compared)
    higher, lower = _moved(known)
    if not known:
        return ""
    if not higher + lower:
        return _("Staff’s own ratings before and after the course do not differ with certainty.")
    said = []
    if higher == len(known):
        said.append(
            ngettext(
                "Staff rate themselves higher after the course on what was asked.",
                "Staff rate themselves higher after the course on all %(num)d questions.",
                higher,
            )
        )
    elif higher:
        said.append(
            _(
                "Staff rate themselves higher after the course on %(some)s of %(all)s questions.",
                some=higher,
                all=len(known),
            )
        )
    if lower:
        said.append(
            _(
                "Staff rate themselves lower after the course on %(some)s of %(all)s questions.",
                some=lower,
                all=len(known),
            )
        )
    return " ".join([*said, _largest(known)] if higher else said)


def _leaders(compared: list[Group]) -> str:
    known = _known(compared)
    higher, lower = _moved(known)
    if not known:
        return ""
    if not higher + lower:
        return _("Leaders’ ratings of their department before and after do not differ with certainty.")
    said = []
    if higher == len(known):
        said.append(
            ngettext(
                "Leaders rate their department higher afterwards on what was asked.",
                "Leaders rate their department higher afterwards on all %(num)d questions.",
                higher,
            )
        )
        said.append(_largest(known))
    elif higher:
        said.append(
            _(
                "Leaders rate their department higher afterwards on %(some)s of %(all)s questions.",
                some=higher,
                all=len(known),
            )
        )
    if lower:
        said.append(
            _(
                "Leaders rate their department lower afterwards on %(some)s of %(all)s questions.",
                some=lower,
                all=len(known),
            )
        )
    return " ".join(said)


def _moved(known: list[tuple[Measure, Change]]) -> tuple[int, int]:
    """Return on how many measures people rate certainly higher afterwards, and on how many lower."""
    changes = [change.change for _measure, change in known]
    return sum(each.low > 0 for each in changes), sum(each.high < 0 for each in changes)


def _largest(known: list[tuple[Measure, Change]]) -> str:
    measure, change = max(known, key=lambda row: row[1].change.value)
    ends = scale_of(measure.question)
    values = {
        "what": measure.label,
        "before": format_decimal(change.before.value),
        "after": format_decimal(change.after.value),
    }
    if ends is None:
        return _("The difference is largest for “%(what)s”: from %(before)s to %(after)s.", **values)
    return _(
        "The difference is largest for “%(what)s”: from %(before)s to %(after)s on a scale from %(low)s to %(high)s.",
        **values,
        low=ends[0],
        high=ends[1],
    )


def _known(compared: list[Group]) -> list[tuple[Measure, Change]]:
    return [
        (measure, measure.figure.change)
        for group in compared
        for measure in group.measures
        if measure.figure is not None and measure.figure.change is not None
    ]


def _later(behaviour: list[Group]) -> str:
    """Return what most said to the first question that everybody was asked about what they do now."""
    for group in behaviour:
        told = _shares(group) if group.audience == Audience.STAFF and group.question.show_if is None else []
        if told:
            most, words = max(told)
            return _(
                "“%(question)s” %(share)s answer “%(answer)s”.",
                question=say(group.question.text, language()),
                share=share(most),
                answer=words,
            )
    return ""


def _shares(group: Group) -> list[tuple[float, str]]:
    figure = group.measures[0].figure
    if isinstance(group.question, MultipleChoice):
        return [(each, str(m.label)) for m in group.measures if (each := chosen(m.figure)) is not None]
    if isinstance(group.question, SingleChoice) and figure is not None and figure.shares:
        words = {value: str(text) for value, text in answers_of(group.question)}
        return [(each.value, words.get(value, value)) for value, each in figure.shares.items()]
    return []


def chosen(figure: Figure | None) -> float | None:
    """Return the share that chose an option of a multiple choice."""
    if figure is None or not figure.shares or "1" not in figure.shares:
        return None
    return figure.shares["1"].value


def _recommended(reaction: list[Group]) -> str:
    for group in reaction:
        figure = group.measures[0].figure
        if group.is_recommendation and group.audience == Audience.STAFF and figure is not None and figure.counts:
            high = sum(number for value, number in figure.counts.items() if int(value) >= GOOD)
            return _(
                "%(share)s answer 9 or 10 when asked whether they would recommend the course to a colleague.",
                share=share(high / (sum(figure.counts.values()) or 1)),
            )
    return ""
