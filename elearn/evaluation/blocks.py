"""What a page and a report show of an evaluation, piece by piece: rows ready to be drawn and set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from elearn.catalogue.content import Text
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.evaluation.charts import Axis, Bar, change_axis, recommendation_bars, scale_axis
from elearn.evaluation.figures import Estimate, Figure, Rate
from elearn.evaluation.queries import Published
from elearn.evaluation.reading import (
    Group,
    Measure,
    answers_of,
    by_sector,
    groups,
    scale_of,
    staff_and_leaders,
)
from elearn.evaluation.words import AUDIENCES, LEVELS
from elearn.feedback.form_files import Audience, FormFile, Level
from elearn.feedback.questions import Matrix, MultipleChoice
from elearn.feedback.words import say

CHOSEN = "1"
"""What an option of a multiple choice counts where it was chosen."""


@dataclass(frozen=True)
class ChangeRow:
    """A line of a before-and-after chart."""

    label: Text | None
    """None where it goes on with the line above it."""
    whose: str
    """'' where all lines are about the same people."""
    figure: Figure | None


@dataclass(frozen=True)
class Changes:
    """Questions that were asked before and after, on one scale."""

    kind = "changes"
    group: Group | None
    """None for what several forms asked alike."""
    rows: list[ChangeRow]
    axis: Axis

    @property
    def is_withheld(self) -> bool:
        """Whether no row's figure may be shown."""
        return all(row.figure is None for row in self.rows)


@dataclass(frozen=True)
class SectorChanges:
    """One question's change, sector by sector."""

    measure: Measure
    shown: list[tuple[str, Figure]]
    hidden: list[str]
    axis: Axis


@dataclass(frozen=True)
class Histogram:
    """Whether people would recommend the course."""

    kind = "histogram"
    group: Group
    figure: Figure | None
    beside: Figure | None
    bars: list[Bar]

    @property
    def is_withheld(self) -> bool:
        """Whether neither the bars nor the total's score may be shown."""
        return not self.bars and self.beside is None

    @property
    def high(self) -> float:
        """Return the share of those who answered 9 or 10."""
        return sum(bar.share for bar in self.bars if bar.is_high)

    @property
    def is_merged(self) -> bool:
        """Whether 0 to 5 are one bar."""
        return any("–" in bar.label for bar in self.bars)


@dataclass(frozen=True)
class ShareRow:
    """An answer and how many gave it."""

    label: Text
    share: float | None
    """None where it may not be shown."""
    interval: Estimate | None = None
    count: int | None = None
    total: float | None = None
    """The share among all, where the page is about a municipality."""

    @property
    def is_withheld(self) -> bool:
        """Whether neither share may be shown."""
        return self.share is None and self.total is None


@dataclass(frozen=True)
class Shares:
    """How the answers to one question are spread, or which options were chosen."""

    kind = "shares"
    heading: Text
    """The question; for a matrix the row."""
    group: Group
    rows: list[ShareRow]
    figure: Figure | None
    """With the mean, where there is one."""

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a matrix, so that the question is still to be said."""
        return isinstance(self.group.question, Matrix)

    @property
    def is_withheld(self) -> bool:
        """Whether no answer's share may be shown; then one word says it for all."""
        return self.figure is None and all(row.is_withheld for row in self.rows)


Block = Changes | Histogram | Shares


@dataclass(frozen=True)
class Part:
    """What one form asked one audience about a level."""

    group: Group
    """One of its groups: form, audience and module are the same in all."""
    module: str
    """The module's title; '' for forms that do not ask after each module."""
    blocks: list[Block]

    @property
    def is_withheld(self) -> bool:
        """Whether nothing of it may be shown; then one word says it for all its questions."""
        return all(block.is_withheld for block in self.blocks)


@dataclass(frozen=True)
class Chapter:
    """A level of Kirkpatrick's with all that is shown of it."""

    level: Level
    title: str
    parts: list[Part]
    sectors: list[SectorChanges] = field(default_factory=list)
    views: Changes | None = None
    """Leaders' view beside staff's own."""


@dataclass(frozen=True)
class RateRow:
    """Who was asked what, and how many have answered."""

    form: FormFile | None
    """None for the completion of the course."""
    title: Text
    whose: str
    rate: Rate | None


def chapters(published: Published, *, own: str = "", modules: Mapping[str, str] | None = None) -> list[Chapter]:
    """Return the levels of which anything was asked; `own` is the name of the municipality a page is about.

    `modules` are the titles of the course's modules by their keys.
    """
    found = []
    for level in Level:
        asked = groups(published, level, own=bool(own))
        views = _views(published, own=own) if level == Level.RESULTS else None
        if asked or views:
            sectors = [] if own else _sectors(published, asked)
            found.append(Chapter(level, str(LEVELS[level]), _parts(asked, own, modules or {}), sectors, views))
    return found


def rate_rows(published: Published, completed: Rate | None, municipality_id: int | None) -> list[RateRow]:
    """Return who has answered which form, and at last, where it is known, who has completed the course."""
    by_form = {(rate.form, rate.audience): rate for rate in published.rates if rate.municipality_id == municipality_id}
    rows = [
        RateRow(form, say(form.title, language()), str(AUDIENCES[audience]), by_form.get((form.id, str(audience))))
        for form in published.forms
        for audience in form.audience
        if audience != Audience.GUEST
    ]
    if completed is None:
        return rows
    return [
        *rows,
        RateRow(None, Text(_("Completed the course"), language()), str(AUDIENCES[Audience.STAFF]), completed),
    ]


def _parts(asked: list[Group], own: str, modules: Mapping[str, str]) -> list[Part]:
    by_whom: dict[tuple[str, str, str], list[Group]] = {}
    for group in asked:
        by_whom.setdefault((group.form.id, group.audience, group.about), []).append(group)
    return [
        Part(each[0], modules.get(about, about), list(chain.from_iterable(_blocks(group, own) for group in each)))
        for (_form, _audience, about), each in by_whom.items()
    ]


def _blocks(group: Group, own: str) -> list[Block]:
    if group.is_compared:
        return [_changes(group, own)]
    if group.is_recommendation:
        measure = group.measures[0]
        counts = measure.figure.counts if measure.figure else None
        return [Histogram(group, measure.figure, measure.beside, recommendation_bars(counts) if counts else [])]
    if group.is_options:
        rows = [_option(measure) for measure in group.measures]
        return [Shares(say(group.question.text, language()), group, rows, None)]
    return [Shares(each.label, group, _spread(each), each.figure) for each in group.measures]


def _changes(group: Group, own: str) -> Changes:
    rows = []
    for each in group.measures:
        rows.append(ChangeRow(each.label, own, each.figure))
        if own:
            rows.append(ChangeRow(None, _("All"), each.beside))
    ends = scale_of(group.question)
    return Changes(group, rows, scale_axis(*(ends or (0, 1))))


def _views(published: Published, *, own: str) -> Changes | None:
    pairs = staff_and_leaders(published, own=bool(own))
    if not pairs:
        return None
    rows = []
    for staff, leaders in pairs:
        rows.append(ChangeRow(staff.label, str(AUDIENCES[Audience.STAFF]), staff.figure))
        rows.append(ChangeRow(None, str(AUDIENCES[Audience.LEADER]), leaders.figure))
    ends = scale_of(pairs[0][0].question)
    return Changes(None, rows, scale_axis(*(ends or (0, 1))))


def _sectors(published: Published, asked: list[Group]) -> list[SectorChanges]:
    """Return each change by sector, the largest first; where no sector's may be shown, one says it for all."""
    found = []
    for measure in (each for group in asked if group.is_compared for each in group.measures):
        if measure.figure is None or measure.figure.change is None:
            continue
        shown, hidden = by_sector(published, measure.place)
        changes = [figure.change.change for _code, figure in shown if figure.change]
        found.append(SectorChanges(measure, shown, hidden, change_axis([measure.figure.change.change, *changes])))
    found.sort(key=lambda each: -_change(each.measure))
    return found if any(each.shown for each in found) else found[:1]


def _change(measure: Measure) -> float:
    return measure.figure.change.change.value if measure.figure and measure.figure.change else 0.0


def _option(measure: Measure) -> ShareRow:
    """Return an option with the share that chose it: of fewer than ten answers without interval, from the counts."""
    figure = measure.figure
    interval = figure.shares.get(CHOSEN) if figure and figure.shares else None
    count = figure.counts.get(CHOSEN) if figure and figure.counts else None
    return ShareRow(measure.label, _chosen(figure), interval, count, _chosen(measure.beside))


def _chosen(figure: Figure | None) -> float | None:
    if figure and figure.shares and CHOSEN in figure.shares:
        return figure.shares[CHOSEN].value
    return (_shares(figure) or {}).get(CHOSEN)


def _spread(measure: Measure) -> list[ShareRow]:
    """Return the answers to a question with their shares; none for free numbers, of which the mean is told."""
    own, total = _shares(measure.figure), _shares(measure.beside)
    figure = measure.figure
    return [
        ShareRow(
            label,
            own.get(value) if own is not None else None,
            figure.shares.get(value) if figure and figure.shares else None,
            figure.counts.get(value, 0) if figure and figure.counts else None,
            total.get(value) if total is not None else None,
        )
        for value, label in answers_of(measure.question)
        if not isinstance(measure.question, MultipleChoice)
    ]


def _shares(figure: Figure | None) -> dict[str, float] | None:
    if figure is None or not figure.counts:
        return None
    total = sum(figure.counts.values()) or 1
    return {value: count / total for value, count in figure.counts.items()}
