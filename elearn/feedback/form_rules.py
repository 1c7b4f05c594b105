"""What must be true of a form beyond its schema, within itself and beside the course's other forms.

Files and the editor in the browser are held to the same rules: a breach says which rule and where, and each of the two
finds its own words for it (`form_sentences`, `home/owner/forms/words`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from elearn.feedback.form_files import Audience, FormFile, Moment
from elearn.feedback.form_sentences import FormRule
from elearn.feedback.questions import QuestionFile

Loc = tuple[str | int, ...]

MOST_AFTER_MODULE = 2


@dataclass(frozen=True)
class Breach:
    """That a form breaks a rule, and where."""

    loc: Loc
    rule: FormRule
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
            yield Breach(loc, FormRule.SOURCE_TEXT_MISSING, {"language": languages[0]})


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
            yield Breach(("sections", s, "id"), FormRule.SECTION_TWICE, {"id": section.id})
        seen.add(section.id)
    seen = set()
    for loc, question in placed_questions(form):
        if question.id in seen:
            yield Breach((*loc, "id"), FormRule.QUESTION_TWICE, {"id": question.id})
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
                rule = FormRule.SHOW_IF_LATER if is_there else FormRule.SHOW_IF_UNKNOWN
                yield Breach((*here, "question"), rule, names | {"known": ", ".join(earlier)})
            elif not asked.offers():
                yield Breach((*here, "question"), FormRule.SHOW_IF_UNCOUNTABLE, names | {"type": asked.type})
            else:
                known = names | {"known": ", ".join(asked.offers())}
                for answer in [each for each in condition.answer if each not in asked.offers()]:
                    yield Breach((*here, "answer"), FormRule.SHOW_IF_NOT_OFFERED, known | {"answer": answer})
        earlier.setdefault(question.id, question)


def _moments(form: FormFile) -> Iterator[Breach]:
    if form.moment == Moment.AFTER_MODULE and len(list(form.questions())) > MOST_AFTER_MODULE:
        yield Breach(("sections",), FormRule.TOO_MANY_AFTER_MODULE, {"most": str(MOST_AFTER_MODULE)})
    if Audience.GUEST in form.audience and form.moment != Moment.ON_REQUEST:
        yield Breach(("audience",), FormRule.GUESTS_ON_REQUEST)
    if form.asks_first and form.moment != Moment.BEFORE_START:
        yield Breach(("asks_first",), FormRule.ASKS_FIRST_BEFORE_START)


def _comparison(form: FormFile, others: Sequence[FormFile]) -> Iterator[Breach]:
    def breach(rule: FormRule, **names: str) -> Breach:
        return Breach(("compares_with",), rule, {"form": str(form.compares_with)} | names)

    other = next((each for each in others if each.id == form.compares_with), None)
    if form.compares_with == form.id:
        yield breach(FormRule.COMPARES_WITH_ITSELF)
    elif other is None:
        yield breach(FormRule.COMPARES_WITH_UNKNOWN, known=", ".join(each.id for each in others))
    else:
        if set(form.audience) != set(other.audience):
            yield breach(FormRule.COMPARES_AUDIENCES, audience=", ".join(other.audience))
        if not (form.anonymous and other.anonymous):
            yield breach(FormRule.COMPARES_NAMED)
        if Moment.AFTER_MODULE in (form.moment, other.moment):
            yield breach(FormRule.COMPARES_AFTER_MODULE)
        counted = {question.id for question in form.questions() if not question.is_text}
        if not counted & {question.id for question in other.questions()}:
            yield breach(FormRule.COMPARES_NOTHING)


def _meanings(form: FormFile, others: Sequence[FormFile]) -> Iterator[Breach]:
    """Questions of one id stand for one another in the evaluation: they must take the same answers."""
    for loc, question in placed_questions(form):
        for other in others:
            same = other.question(question.id)
            if same is not None and same.shape() != question.shape():
                yield Breach((*loc, "id"), FormRule.OTHER_MEANING, {"id": question.id, "form": other.id})
                break
