"""The report: a PDF/UA with a title page, one page in plain words, every chart with its table, method and limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from elearn.catalogue.content import Text
from elearn.core import clock, paper
from elearn.core.i18n import format_day, format_decimal, language, quoted
from elearn.core.i18n import gettext as _
from elearn.core.paper import Marked, Section
from elearn.evaluation import summary, words
from elearn.evaluation.blocks import (
    Block,
    Changes,
    Chapter,
    Histogram,
    RateRow,
    SectorChanges,
    ShareRow,
    Shares,
    chapters,
    rate_rows,
)
from elearn.evaluation.charts import Axis
from elearn.evaluation.figures import Change, Estimate, Figure, Rate
from elearn.evaluation.method import method
from elearn.evaluation.queries import Published
from elearn.feedback.words import say
from elearn.organisations.sectors import SECTORS

COUNTRY = "DK"
FULL = 10
Blocks = list[dict[str, Any]]


def draw(
    published: Published,
    *,
    house: str,
    course: str,
    completed: Rate,
    quotes: list[str],
    modules: Mapping[str, str],
    own: tuple[int, str] | None = None,
) -> bytes:
    """Return the report in the language spoken now; `own` is the municipality it is about, by id and name.

    `modules` are the titles of the course's modules by their keys.
    """
    municipality_id, name = own or (None, "")
    sections = [
        _in_short(published, name),
        Section(_("Who has answered"), [_rates(rate_rows(published, completed, municipality_id))]),
    ]
    for number, chapter in enumerate(chapters(published, own=name, modules=modules), start=1):
        sections.append(Section(f"{number}. {chapter.title}", _chapter(chapter, own=bool(name))))
    if quotes:
        note = paper.text(_("In random order, read before they are shown, never by municipality."))
        sections.append(Section(_("In their own words"), [note, paper.items([quoted(each) for each in quotes])]))
    sections += _method()
    return paper.document(
        language=language(),
        house=house,
        title=_("Evaluation of %(course)s", course=course),
        lead=" · ".join(filter(None, [name or _("All municipalities"), _until(published.released_at)])),
        foot=format_day(clock.today(COUNTRY)),
        sections=sections,
        has_cover=True,
    )


def _until(released_at: datetime | None) -> str:
    if released_at is None:
        return _("No answers have been released yet")
    return _("answers until %(day)s", day=format_day(clock.day_of(released_at, COUNTRY)))


def _in_short(published: Published, own: str) -> Section:
    said = [paper.lead(sentence) for sentence in summary.in_short(published, own=bool(own))]
    withheld = _(
        "“%(withheld)s” means that there are too few answers, or none, or that they wait. Which of these, nobody is "
        "told.",
        withheld=words.withheld(),
    )
    return Section(_("In short"), [*said, paper.text(summary.not_shown()), paper.text(withheld), paper.new_page()])


def _rates(rows: list[RateRow]) -> dict[str, Any]:
    return paper.tenths(
        [_("Form"), _("Have answered")],
        _("Chart"),
        [(f"{row.whose}: {row.title}", _step(row.rate), [words.rate(row.rate)]) for row in rows],
    )


def _step(rate: Rate | None) -> int | None:
    if rate is None:
        return None
    return FULL if rate.is_nearly_all else rate.step


def _chapter(chapter: Chapter, *, own: bool) -> Blocks:
    blocks: Blocks = []
    for part in chapter.parts:
        about = [str(words.AUDIENCES[part.group.audience]), str(say(part.group.form.title, language())), part.module]
        blocks.append(paper.heading(" · ".join(filter(None, about))))
        if part.is_withheld:
            blocks.append(paper.text(words.withheld()))
            continue
        for block in part.blocks:
            blocks += _block(block, own=own)
    for each in chapter.sectors:
        blocks += [paper.heading(_("Difference by sector: %(what)s", what=each.measure.label)), _sectors(each)]
    if chapter.views:
        blocks += [paper.heading(_("Leaders’ view beside staff’s own")), _changes(chapter.views)]
    return blocks


def _block(block: Block, *, own: bool) -> Blocks:
    match block:
        case Changes():
            return [_changes(block)]
        case Histogram():
            return _histogram(block)
        case Shares():
            return _shares(block, own=own)


def _changes(block: Changes) -> dict[str, Any]:
    rows, last = [], Text("", language())
    for row in block.rows:
        last = row.label or last
        name = f"{last} – {row.whose}" if row.whose else str(last)
        rows.append(_change_row(name, row.figure, block.axis))
    head = [_("Question"), _("Before"), _("After"), _("Difference"), _("Answers")]
    return paper.marks(head, _("Chart"), _ticks(block.axis), rows)


def _change_row(name: str, figure: Figure | None, axis: Axis) -> Marked:
    change = figure.change if figure else None
    if change is None:
        return Marked(name, [], [words.withheld(), "", "", ""])
    before, after = format_decimal(change.before.value), format_decimal(change.after.value)
    marks = [_mark(change.before, axis), _mark(change.after, axis)]
    lines = [_difference(change), *([_("effect size (d)"), words.effect(change)] if change.effect else [])]
    return Marked(name, marks, [before, after, "\n".join(lines), str(change.n)])


def _difference(change: Change) -> str:
    value = format_decimal(change.change.value, signed=True)
    return f"{value} ({words.interval(change.change, signed=True)})"


def _mark(each: Estimate, axis: Axis) -> tuple[float, float, float]:
    return axis.at(each.value), axis.at(each.low), axis.at(each.high)


def _ticks(axis: Axis, *, signed: bool = False) -> list[tuple[float, str]]:
    return [(axis.at(tick), format_decimal(tick, places=axis.places, signed=signed)) for tick in axis.ticks]


def _sectors(each: SectorChanges) -> dict[str, Any]:
    rows = []
    everybody = [(_("All"), each.measure.figure)]
    for name, figure in [*everybody, *((str(SECTORS[code]), figure) for code, figure in each.shown)]:
        if figure is not None and figure.change is not None:
            change = figure.change
            size = str(change.n) if figure is each.measure.figure else f"{change.n}+"
            rows.append(Marked(name, [_mark(change.change, each.axis)], [_difference(change), size]))
    if each.hidden:
        rows.append(Marked(", ".join(str(SECTORS[code]) for code in each.hidden), [], [words.withheld(), ""]))
    head = [_("Sector"), _("Difference"), _("Answers")]
    return paper.marks(head, _("Chart"), _ticks(each.axis, signed=True), rows)


def _histogram(block: Histogram) -> Blocks:
    question = str(say(block.group.question.text, language()))
    if block.figure is None or not block.bars:
        return [paper.question(question, []), paper.text(words.withheld())]
    rows = [(bar.label, bar.share, [words.share(bar.share), str(bar.count)]) for bar in block.bars]
    facts = [(_("Answers"), str(block.figure.n)), (_("9 or 10"), words.share(block.high))]
    if block.figure.mean:
        facts.append((_("Average"), _with_interval(block.figure.mean)))
    if block.figure.score:
        facts.append((_("Recommendation score"), _with_interval(block.figure.score, places=0, signed=True)))
    return [
        paper.question(question, facts),
        paper.bars([_("Answer"), _("Share"), _("Answers")], _("Chart"), rows),
    ]


def _with_interval(each: Estimate, *, places: int = 1, signed: bool = False) -> str:
    value = format_decimal(each.value, places=places, signed=signed)
    return f"{value} ({words.interval(each, places=places, signed=signed)})"


def _share_cells(row: ShareRow, *, own: bool) -> list[str]:
    count = "" if row.count is None else str(row.count)
    beside = words.share_interval(row.interval) if row.interval else count
    cells = [words.withheld(), ""] if row.share is None else [words.share(row.share), beside]
    if own:
        cells.append(words.withheld() if row.total is None else words.share(row.total))
    return cells


def _shares(block: Shares, *, own: bool) -> Blocks:
    facts = []
    if block.figure and block.figure.mean:
        facts.append((_("Average"), _with_interval(block.figure.mean)))
    if block.group.n:
        facts.append((_("Answers"), str(block.group.n)))
    has_interval = any(row.interval for row in block.rows)
    head = [_("Answer"), _("Share"), _("95 per cent interval") if has_interval else _("Answers")]
    if own:
        head.append(_("All"))
    rows = [(str(row.label), row.share, _share_cells(row, own=own)) for row in block.rows]
    asked = paper.question(str(block.heading), facts)
    if rows and not block.is_withheld:
        return [asked, paper.bars(head, _("Chart"), rows)]
    return [asked] if facts else [asked, paper.text(words.withheld())]


def _method() -> list[Section]:
    sections = [Section(each.heading, [paper.text(sentence) for sentence in each.paragraphs]) for each in method()]
    sections[0].blocks.insert(
        0, paper.text(_("How the figures are made, when they are shown, and what they cannot tell."))
    )
    return sections
