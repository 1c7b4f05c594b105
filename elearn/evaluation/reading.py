"""Published figures put in the order of the page: Kirkpatrick's levels, each form's questions, each with its words.

Page, files and report are made of the same groups, so that they cannot say different things.
"""

from dataclasses import dataclass

from elearn.catalogue.content import Text
from elearn.core.i18n import language
from elearn.evaluation.figures import Figure
from elearn.evaluation.queries import Place, Published
from elearn.feedback.form_files import Audience, FormFile, Level, Moment, SectionFile
from elearn.feedback.questions import Matrix, MultipleChoice, Number, QuestionFile, Rating, Recommendation, Scale
from elearn.feedback.words import say
from elearn.organisations.sectors import SECTORS

STARS = 5
AUDIENCES = [Audience.STAFF, Audience.LEADER, Audience.BUYER, Audience.GUEST]
"""In the order in which the page shows them."""


@dataclass(frozen=True)
class Measure:
    """One thing that was asked, with its figure where that may be shown."""

    place: Place
    question: QuestionFile
    label: Text
    figure: Figure | None
    beside: Figure | None = None
    """The total of all, where the page is about a municipality."""


@dataclass(frozen=True)
class Group:
    """Measures that are shown together: a form's questions on one scale before and after, or one question."""

    form: FormFile
    audience: Audience
    about: str
    """The module's key, for forms that ask after each module."""
    level: Level
    is_compared: bool
    measures: list[Measure]

    @property
    def question(self) -> QuestionFile:
        """Return what was asked; of several compared questions the first."""
        return self.measures[0].question

    @property
    def is_recommendation(self) -> bool:
        """Whether it is drawn as a histogram with a score."""
        return isinstance(self.question, Recommendation) and not self.is_compared

    @property
    def is_options(self) -> bool:
        """Whether each measure is an option that could be chosen beside others."""
        return isinstance(self.question, MultipleChoice)

    @property
    def n(self) -> int | None:
        """How many answered what most answered."""
        return max((each.figure.n for each in self.measures if each.figure), default=None)


def groups(published: Published, level: Level, *, own: bool = False) -> list[Group]:
    """Return what was asked about a level; with `own` the municipality's figures, the total beside them."""
    found = []
    for form in published.forms:
        for audience in form.audience:
            for about in _abouts(form, published):
                for section in form.sections:
                    if section.level == level:
                        found += _of_section(published, form, audience, about, section, own=own)
    return sorted(found, key=lambda group: (AUDIENCES.index(group.audience), not group.is_recommendation))


def staff_and_leaders(published: Published, *, own: bool = False) -> list[tuple[Measure, Measure]]:
    """Return what staff said of themselves beside what leaders said of their department, question by question."""
    by_question: dict[tuple[str, str], dict[Audience, Measure]] = {}
    for level in Level:
        for group in groups(published, level, own=own):
            if group.is_compared:
                for measure in group.measures:
                    said = by_question.setdefault(measure.place[3:], {})
                    # Where several forms compare a question, the first that tells something.
                    if group.audience not in said or said[group.audience].figure is None:
                        said[group.audience] = measure
    return [
        (said[Audience.STAFF], said[Audience.LEADER])
        for said in by_question.values()
        if {Audience.STAFF, Audience.LEADER} <= set(said)
    ]


def by_sector(published: Published, place: Place) -> tuple[list[tuple[str, Figure]], list[str]]:
    """Return the sectors whose change is published, the largest first, and those whose change is not."""
    shown = [(code, figures[place]) for code, figures in published.sectors.items() if place in figures]
    shown = [(code, figure) for code, figure in shown if figure.change is not None]
    shown.sort(key=lambda row: -row[1].change.change.value if row[1].change else 0.0)
    return shown, [code for code in SECTORS if code not in dict(shown)]


def scale_of(question: QuestionFile) -> tuple[int, int] | None:
    """Return the ends of a question's scale."""
    match question:
        case Scale() | Matrix():
            return 1, len(question.labels)
        case Rating():
            return 1, STARS
        case Recommendation():
            return 0, 10
        case Number():
            return question.least, question.most
    return None


def answers_of(question: QuestionFile) -> list[tuple[str, Text]]:
    """Return the answers that are counted, each with its words."""
    if isinstance(question, Scale | Matrix):
        return [(str(point), say(label, language())) for point, label in enumerate(question.labels, start=1)]
    words = {option.id: say(option.text, language()) for option in getattr(question, "options", [])}
    return [(str(value), words.get(str(value), Text(str(value), language()))) for value in question.values()]


def _abouts(form: FormFile, published: Published) -> list[str]:
    if form.moment != Moment.AFTER_MODULE:
        return [""]
    asked = {place[2] for place in published.everybody if place[0] == form.id}
    return [key for key in published.modules if key in asked]


def _of_section(
    published: Published,
    form: FormFile,
    audience: Audience,
    about: str,
    section: SectionFile,
    *,
    own: bool,
) -> list[Group]:
    by_scale: dict[object, list[Measure]] = {}
    befores = {(earlier, question) for (_later, question), earlier in published.compared.items()}
    for question in section.questions:
        if question.is_text or (form.id, question.id) in befores:
            continue
        key = scale_of(question) if (form.id, question.id) in published.compared else question.id
        for item, label in _items(question):
            place = (form.id, str(audience), about, question.id, item)
            total = published.everybody.get(place)
            shown, beside = (published.own.get(place), total) if own else (total, None)
            by_scale.setdefault(key, []).append(Measure(place, question, label, shown, beside))
    return [
        Group(
            form,
            audience,
            about,
            section.level,
            (form.id, measures[0].question.id) in published.compared,
            measures,
        )
        for measures in by_scale.values()
    ]


def _items(question: QuestionFile) -> list[tuple[str, Text]]:
    """Return what answers are counted under, each with its words: the question's own, a row's or an option's."""
    parts = getattr(question, "rows", None) or (question.options if isinstance(question, MultipleChoice) else [])
    if not parts:
        return [("", say(question.text, language()))]
    return [(part.id, say(part.text, language())) for part in parts]
