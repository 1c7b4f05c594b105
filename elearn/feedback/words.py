"""Texts that a form gives in several languages, and the ids its parts are found by."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from elearn.catalogue.content import Text
from elearn.catalogue.course_files import Id, Language, Sentence
from elearn.core.file_rules import Wrong
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.form_sentences import FormFileRule

Words = Annotated[
    dict[Language, Sentence],
    Field(min_length=1, description=_l("the text by language, such as {da: Hvad syntes du?, en: What did you think?}")),
]


class Group(BaseModel):
    """Some keys of a form's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def say(words: dict[str, str], language: str) -> Text:
    """Return the words in a language, or in the first of the product's languages that they are written in."""
    code = language if language in words else next(code for code in LANGUAGES if code in words)
    return Text(words[code], code)


class Choice(Group):
    """An option of a choice or a row of a matrix."""

    id: Id
    text: Words


def _distinct_ids(parts: list[Choice]) -> list[Choice]:
    ids = [part.id for part in parts]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise Wrong(FormFileRule.CHOICE_TWICE, id=twice[0])
    return parts


Choices = Annotated[list[Choice], AfterValidator(_distinct_ids)]
