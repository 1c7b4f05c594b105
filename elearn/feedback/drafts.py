"""A form while it is written: changes of its content, and what it still lacks.

A content is the plain data that `form_files.FormFile` reads. A draft's may have sections that ask nothing yet; whatever
else it holds is good by the schema. Every change returns a new content and leaves the old one as it was.
"""

import copy
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from elearn.catalogue.new_ids import new_id
from elearn.core.errors import NotFound
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_rules import Breach, breaches
from elearn.feedback.form_sentences import FormRule
from elearn.feedback.questions import QuestionFile

Content = dict[str, Any]

_QUESTION: TypeAdapter[QuestionFile] = TypeAdapter(QuestionFile)


class Part(StrEnum):
    """What a form is made of."""

    SECTION = "section"
    QUESTION = "question"


def sections(content: Content) -> list[Content]:
    """Return a form's sections."""
    found: list[Content] = content["sections"]
    return found


def question_ids(content: Content) -> list[str]:
    """Return the ids of a form's questions, in order."""
    return [question["id"] for section in sections(content) for question in section["questions"]]


def section(content: Content, key: str) -> Content:
    """Return a section by its id. Raises `NotFound`."""
    return sections(content)[_section_place(content, key)]


def question(content: Content, key: str) -> Content:
    """Return a question by its id. Raises `NotFound`."""
    s, q = _question_place(content, key)
    found: Content = sections(content)[s]["questions"][q]
    return found


def questions_before(content: Content, key: str | None, section_key: str | None = None) -> list[QuestionFile]:
    """Return what a question may hang on: those before it, or before the end of the section that it is added to."""
    found: list[QuestionFile] = []
    for part in sections(content):
        for each in part["questions"]:
            if each["id"] == key:
                return found
            found.append(_QUESTION.validate_python(each))
        if key is None and part["id"] == section_key:
            break
    return found


def with_head(content: Content, head: Content) -> Content:
    """Return the form with other words above its sections."""
    return {**copy.deepcopy(content), **head}


def with_section(content: Content, key: str | None, said: Content) -> Content:
    """Return the form with a section changed, or added at the end when `key` is None. Raises `NotFound`."""
    changed = copy.deepcopy(content)
    if key is None:
        taken = [each["id"] for each in sections(changed)]
        words = next(iter(said["title"].values()))
        sections(changed).append({"id": new_id(words, taken), **said, "questions": []})
    else:
        place = _section_place(changed, key)
        kept = sections(changed)[place]
        sections(changed)[place] = {"id": key, **said, "questions": kept["questions"]}
    return changed


def with_question(content: Content, key: str | None, said: Content, *, section_key: str | None = None) -> Content:
    """Return the form with a question changed, or added at a section's end when `key` is None.

    `said` holds everything about the question. Raises `NotFound`.
    """
    changed = copy.deepcopy(content)
    clean = _QUESTION.validate_python(said).model_dump(mode="json")
    if key is None:
        assert section_key is not None, "a new question is added to a section"
        section(changed, section_key)["questions"].append(clean)
    else:
        s, q = _question_place(changed, key)
        sections(changed)[s]["questions"][q] = clean
    return changed


def without(content: Content, part: Part, key: str) -> Content:
    """Return the form without a question, or without a section and its questions. Raises `NotFound`."""
    changed = copy.deepcopy(content)
    if part == Part.SECTION:
        del sections(changed)[_section_place(changed, key)]
    else:
        s, q = _question_place(changed, key)
        del sections(changed)[s]["questions"][q]
    return changed


def moved(content: Content, part: Part, key: str, *, up: bool) -> Content:
    """Return the form with a part one place up or down; a question goes on into the next section.

    What is first already stays where it is. Raises `NotFound`.
    """
    changed = copy.deepcopy(content)
    if part == Part.SECTION:
        _shift(sections(changed), _section_place(changed, key), up=up)
        return changed
    s, q = _question_place(changed, key)
    here = sections(changed)[s]["questions"]
    if _shift(here, q, up=up):
        return changed
    beside = s - 1 if up else s + 1
    if 0 <= beside < len(sections(changed)):
        there = sections(changed)[beside]["questions"]
        there.insert(len(there) if up else 0, here.pop(q))
    return changed


def problems(content: Content, others: Sequence[FormFile], languages: Sequence[str]) -> list[Breach]:
    """Return what keeps a draft from being published beside the `others` of its course."""
    empty = list(_empty_sections(content))
    return empty or list(breaches(FormFile.model_validate(content), others, languages))


def _empty_sections(content: Content) -> Iterator[Breach]:
    for s, part in enumerate(sections(content)):
        if not part["questions"]:
            yield Breach(("sections", s), FormRule.SECTION_EMPTY)


def _shift(parts: list[Content], place: int, *, up: bool) -> bool:
    other = place - 1 if up else place + 1
    if not 0 <= other < len(parts):
        return False
    parts[place], parts[other] = parts[other], parts[place]
    return True


def _section_place(content: Content, key: str) -> int:
    for s, part in enumerate(sections(content)):
        if part["id"] == key:
            return s
    raise NotFound("no such section")


def _question_place(content: Content, key: str) -> tuple[int, int]:
    for s, part in enumerate(sections(content)):
        for q, each in enumerate(part["questions"]):
            if each["id"] == key:
                return s, q
    raise NotFound("no such question")
