"""What must be true of a form beyond its schema, within itself and beside the course's other forms.

Files and the editor in the browser are held to the same rules: a breach says which rule and where, and each of the two
finds its own words for it (`form_checks`, `editing`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from elearn.feedback.form_files import Audience, FormFile, Moment
from elearn.feedback.questions import QuestionFile

Loc = tuple[str | int, ...]

MOST_AFTER_MODULE = 2


class Rule(StrEnum):
    """A rule that a form may break."""

    SECTION_TWICE = "section twice"
    QUESTION_TWICE = "question twice"
    SHOW_IF_UNKNOWN = "show_if names no question"
    SHOW_IF_LATER = "show_if names a question that is not earlier"
    SHOW_IF_NOT_OFFERED = "show_if names an answer that is not offered"
    SHOW_IF_UNCOUNTABLE = "show_if names a question without fixed answers"
    TOO_MANY_AFTER_MODULE = "too many questions after a module"
    GUESTS_ON_REQUEST = "guests are asked on request only"
    ASKS_FIRST_BEFORE_START = "asks_first is for forms before the start"
    COMPARES_WITH_UNKNOWN = "compares_with names no form"
    COMPARES_WITH_ITSELF = "compares_with names the form itself"
    COMPARES_AUDIENCES = "compared forms ask different people"
    COMPARES_NAMED = "compared forms are anonymous"
    COMPARES_AFTER_MODULE = "a form after each module is answered several times"
    COMPARES_NOTHING = "compared forms share no question"
    OTHER_MEANING = "a question id means something else in another form"
    SECTION_EMPTY = "a section asks nothing"
    """Only drafts come to that: the schema refuses it in a file."""
    SOURCE_TEXT_MISSING = "a text is missing in the course's first language"


@dataclass(frozen=True)
class Breach:
    """That a form breaks a rule, and where."""

    loc: Loc
    rule: Rule
    names: Mapping[str, str] = field(default_factory=dict)
    """What the rule's sentence speaks of."""


def breaches(form: FormFile, others: Sequence[FormFile], languages: Sequence[str]) -> Iterator[Breach]:
    """Yield every rule a form breaks beside the `others` of its course.

    `languages` are the course's, its first one first; when they are not known, no text is looked for.
    """
    yield from _twice(form)
    yield from _conditions(form)
    yield from _moments(form)
    if form.compares_with is not None:
        yield from _comparison(form, others)
    yield from _meanings(form, others)
    for loc, words in texts_of(form):
        if languages and languages[0] not in words:
            yield Breach(loc, Rule.SOURCE_TEXT_MISSING, {"language": languages[0]})


def untranslated(form: FormFile, languages: Sequence[str]) -> Iterator[tuple[Loc, str]]:
    """Yield the texts that fall back to the course's first language, with the language that is missing."""
    for loc, words in texts_of(form):
        for code in languages[1:]:
            if code not in words:
                yield loc, code


def texts_of(part: BaseModel, here: Loc = ()) -> Iterator[tuple[Loc, dict[str, str]]]:
    """Yield every text of a form, by language, with its place."""
    for name in type(part).model_fields:
        yield from _texts_in(getattr(part, name), (*here, name))


def _texts_in(value: Any, here: Loc) -> Iterator[tuple[Loc, dict[str, str]]]:
    if isinstance(value, BaseModel):
        yield from texts_of(value, here)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts_in(each, (*here, index))
    elif isinstance(value, dict):
        yield here, value


def placed_questions(form: FormFile) -> Iterator[tuple[Loc, QuestionFile]]:
    """Yield the questions in order, with their places."""
    for s, section in enumerate(form.sections):
        for q, question in enumerate(section.questions):
            yield ("sections", s, "questions", q), question


def _twice(form: FormFile) -> Iterator[Breach]:
    seen: set[str] = set()
    for s, section in enumerate(form.sections):
        if section.id in seen:
            yield Breach(("sections", s, "id"), Rule.SECTION_TWICE, {"id": section.id})
        seen.add(section.id)
    seen = set()
    for loc, question in placed_questions(form):
        if question.id in seen:
            yield Breach((*loc, "id"), Rule.QUESTION_TWICE, {"id": question.id})
        seen.add(question.id)


def _conditions(form: FormFile) -> Iterator[Breach]:
    earlier: dict[str, QuestionFile] = {}
    for loc, question in placed_questions(form):
        condition, here = question.show_if, (*loc, "show_if")
        if condition is not None:
            asked = earlier.get(condition.question)
            names = {"question": condition.question}
            if asked is None:
                is_there = form.question(condition.question) is not None
                rule = Rule.SHOW_IF_LATER if is_there else Rule.SHOW_IF_UNKNOWN
                yield Breach((*here, "question"), rule, names | {"known": ", ".join(earlier)})
            elif not asked.offers():
                yield Breach((*here, "question"), Rule.SHOW_IF_UNCOUNTABLE, names | {"type": asked.type})
            else:
                known = names | {"known": ", ".join(asked.offers())}
                for answer in [each for each in condition.answer if each not in asked.offers()]:
                    yield Breach((*here, "answer"), Rule.SHOW_IF_NOT_OFFERED, known | {"answer": answer})
        earlier.setdefault(question.id, question)


def _moments(form: FormFile) -> Iterator[Breach]:
    if form.moment == Moment.AFTER_MODULE and len(list(form.questions())) > MOST_AFTER_MODULE:
        yield Breach(("sections",), Rule.TOO_MANY_AFTER_MODULE, {"most": str(MOST_AFTER_MODULE)})
    if Audience.GUEST in form.audience and form.moment != Moment.ON_REQUEST:
        yield Breach(("audience",), Rule.GUESTS_ON_REQUEST)
    if form.asks_first and form.moment != Moment.BEFORE_START:
        yield Breach(("asks_first",), Rule.ASKS_FIRST_BEFORE_START)


def _comparison(form: FormFile, others: Sequence[FormFile]) -> Iterator[Breach]:
    def breach(rule: Rule, **names: str) -> Breach:
        return Breach(("compares_with",), rule, {"form": str(form.compares_with)} | names)

    other = next((each for each in others if each.id == form.compares_with), None)
    if form.compares_with == form.id:
        yield breach(Rule.COMPARES_WITH_ITSELF)
    elif other is None:
        yield breach(Rule.COMPARES_WITH_UNKNOWN, known=", ".join(each.id for each in others))
    else:
        if set(form.audience) != set(other.audience):
            yield breach(Rule.COMPARES_AUDIENCES, audience=", ".join(other.audience))
        if not (form.anonymous and other.anonymous):
            yield breach(Rule.COMPARES_NAMED)
        if Moment.AFTER_MODULE in (form.moment, other.moment):
            yield breach(Rule.COMPARES_AFTER_MODULE)
        counted = {question.id for question in form.questions() if not question.is_text}
        if not counted & {question.id for question in other.questions()}:
            yield breach(Rule.COMPARES_NOTHING)


def _meanings(form: FormFile, others: Sequence[FormFile]) -> Iterator[Breach]:
    """Questions of one id stand for one another in the evaluation: they must take the same answers."""
    for loc, question in placed_questions(form):
        for other in others:
            same = other.question(question.id)
            if same is not None and same.shape() != question.shape():
                yield Breach((*loc, "id"), Rule.OTHER_MEANING, {"id": question.id, "form": other.id})
                break
