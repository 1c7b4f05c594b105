"""The published figures as rows of a file: what the page shows, one number of an estimate in each column."""

from collections.abc import Iterator, Mapping

from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.spreadsheets import Cell
from elearn.evaluation.figures import COMPLETED, Estimate, Figure
from elearn.evaluation.queries import Figures, Published
from elearn.evaluation.reading import answers_of
from elearn.evaluation.words import AUDIENCES, withheld
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.questions import QuestionFile
from elearn.feedback.words import say
from elearn.organisations.sectors import SECTORS

Row = list[Cell]
DIGITS = 4


def header() -> list[str]:
    """Return the names of the columns."""
    return [
        _("Part"),
        _("Form"),
        _("Who"),
        _("Module"),
        _("Question"),
        _("Statement or option"),
        _("Figure"),
        _("Answer"),
        _("Number of answers"),
        _("Value"),
        _("95 per cent interval from"),
        _("95 per cent interval to"),
    ]


def rows(published: Published, *, modules: Mapping[str, str], own: str = "") -> Iterator[Row]:
    """Yield the figures of all, of the sectors and, where `own` names a municipality, its own; rates at the end.

    `modules` are the titles of the course's modules by their keys.
    """
    yield from _part(_("All"), published, published.everybody, modules)
    if own:
        yield from _part(own, published, published.own, modules)
    for code, name in SECTORS.items():
        if code in published.sectors:
            yield from _part(str(name), published, published.sectors[code], modules)
    yield from _rates(published, own)


def _part(part: str, published: Published, figures: Figures, modules: Mapping[str, str]) -> Iterator[Row]:
    forms = {form.id: form for form in published.forms}
    for figure in figures.values():
        form = forms.get(figure.form)
        question = form.question(figure.question) if form else None
        if form is not None and question is not None:
            for told in _numbers(figure, question):
                yield [part, *_place(form, figure, question, modules), *told]


def _place(form: FormFile, figure: Figure, question: QuestionFile, modules: Mapping[str, str]) -> Row:
    items = {each.id: each for each in [*getattr(question, "rows", []), *getattr(question, "options", [])]}
    return [
        str(say(form.title, language())),
        str(AUDIENCES[Audience(figure.audience)]),
        modules.get(figure.about, figure.about),
        str(say(question.text, language())),
        str(say(items[figure.item].text, language())) if figure.item in items else figure.item,
    ]


def _numbers(figure: Figure, question: QuestionFile) -> Iterator[Row]:
    words = {value: str(text) for value, text in answers_of(question)}
    for value, count in (figure.counts or {}).items():
        yield [_("number"), words.get(value, value), count, "", "", ""]
    for value, share in (figure.shares or {}).items():
        yield [_("share"), words.get(value, value), figure.n, *_estimate(share)]
    if figure.mean:
        yield [_("average"), "", figure.n, *_estimate(figure.mean)]
    if figure.score:
        yield [_("recommendation score"), "", figure.n, *_estimate(figure.score)]
    if figure.change:
        change = figure.change
        for name, each in (
            (_("average before"), change.before),
            (_("average after"), change.after),
            (_("difference"), change.change),
            (_("effect size (d)"), change.effect),
        ):
            if each:
                yield [name, "", change.n, *_estimate(each)]


def _rates(published: Published, own: str) -> Iterator[Row]:
    titles = {form.id: str(say(form.title, language())) for form in published.forms}
    for rate in published.rates:
        if rate.form not in {*titles, COMPLETED} or (rate.municipality_id is not None and not own):
            continue
        part = _("All") if rate.municipality_id is None else own
        told: Cell = withheld() if rate.step is None else rate.step / 10
        told = _("nearly all") if rate.is_nearly_all else told
        who = str(AUDIENCES[Audience(rate.audience)])
        is_of_course = rate.form == COMPLETED
        what = _("have completed the course, in tenths") if is_of_course else _("have answered, in tenths")
        yield [part, titles.get(rate.form, ""), who, "", "", "", what, "", "", told, "", ""]


def _estimate(each: Estimate) -> Row:
    return [round(each.value, DIGITS), round(each.low, DIGITS), round(each.high, DIGITS)]
