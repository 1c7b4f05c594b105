"""The schema of a course's files: `course.yaml` (structure, free of language) and one file of texts per language.

docs/course-files.md describes them for those who write courses; `course_checks` holds the files against each other.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from elearn.catalogue.course_rules import CourseRule
from elearn.core.content_files import CONTROL_CHARACTERS
from elearn.core.file_rules import Wrong
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import lazy_gettext as _l
from elearn.media import manifest
from elearn.organisations.sectors import SECTORS

Place = tuple[str, ...]
"""Where a text stands in a file of texts: `("modules", "why-we-ask", "lessons", "film")`."""

LONGEST_ID = 60
MOST_MODULES, MOST_LESSONS, MOST_PARTS = 100, 50, 50
"""Parts are a module's notices, questions or resources."""
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SURROGATES = re.compile("[\ud800-\udfff]")


def _check_id(value: str) -> str:
    return _at_most(LONGEST_ID, value)


def _check_id_in_manifests(value: str) -> str:
    return _at_most(manifest.LONGEST_ID, value)


def _at_most(longest: int, value: str) -> str:
    if not ID.fullmatch(value) or len(value) > longest:
        raise Wrong(CourseRule.NO_ID, given=value[:LONGEST_ID], most=longest)
    return value


def _check_language(value: str) -> str:
    if value not in LANGUAGES:
        raise Wrong(CourseRule.NO_LANGUAGE, given=value[:LONGEST_ID], known=", ".join(LANGUAGES))
    return value


def _check_sector(value: str) -> str:
    if value not in SECTORS:
        raise Wrong(CourseRule.NO_SECTOR, given=value[:LONGEST_ID], known=", ".join(SECTORS))
    return value


def _check_url(value: str) -> str:
    given = value[:80]
    try:
        parts = urlsplit(value)
    except ValueError:
        raise Wrong(CourseRule.NO_ADDRESS, given=given) from None
    if parts.scheme not in ("http", "https"):
        raise Wrong(CourseRule.NOT_HTTP, given=given)
    if not parts.hostname or parts.username is not None or re.search(r"[\s\\<>\"]", value):
        raise Wrong(CourseRule.CANNOT_BE_OPENED, given=given)
    return value


def _check_words(value: str) -> str:
    # The file itself holds none of these, but an escape such as "\0" brings them in, and PostgreSQL refuses them.
    if CONTROL_CHARACTERS.search(value) or SURROGATES.search(value):
        raise Wrong(CourseRule.NO_CHARACTER)
    return value


def _check_one_line(value: str) -> str:
    if "\n" in value:
        raise Wrong(CourseRule.SEVERAL_LINES)
    return value


def _check_distinct(values: list[str]) -> list[str]:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise Wrong(CourseRule.TWICE, given=twice[0])
    return values


Id = Annotated[str, AfterValidator(_check_id)]
IdInManifests = Annotated[str, AfterValidator(_check_id_in_manifests)]
"""Of a film or a passage, named here as its manifest does."""
Language = Annotated[str, AfterValidator(_check_language)]
Sector = Annotated[str, AfterValidator(_check_sector)]
Url = Annotated[str, StringConstraints(max_length=500), AfterValidator(_check_words), AfterValidator(_check_url)]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_check_words),
    AfterValidator(_check_one_line),
]
Sentence = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_check_words),
    AfterValidator(_check_one_line),
]
Markdown = Annotated[str, StringConstraints(min_length=1, max_length=50_000), AfterValidator(_check_words)]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Completion(_Group):
    """When a learner is through a film."""

    share: int = Field(default=95, ge=50, le=100, description=_l("a whole number of per cent from 50 to 100"))
    own_word: bool = Field(default=False, description=_l("true or false: the learner may say 'I have read it' instead"))


class LessonFile(_Group):
    """One film of a module, in one or more spoken languages."""

    id: Id
    videos: dict[Language, IdInManifests] = Field(
        min_length=1, description=_l("the film's language and the id of its manifest, such as {da: why-we-ask}")
    )


class NoticeFile(_Group):
    """A passage of a film that a learner is told about beforehand."""

    passage: IdInManifests
    lesson: Id
    closeness: Literal["told", "heard", "seen"] = Field(description=_l("told, heard or seen"))


class ResourceFile(_Group):
    """A link that a module recommends."""

    id: Id
    url: Url


class ModuleFile(_Group):
    """One module, without its texts."""

    id: Id
    open: bool = Field(default=False, description=_l("true or false: anyone may watch it from the public page"))
    minutes: int = Field(
        ge=1, le=600, description=_l("a whole number of minutes from 1 to 600: film, text and questions")
    )
    lessons: list[LessonFile] = Field(
        min_length=1, max_length=MOST_LESSONS, description=_l("at least one lesson with its film")
    )
    notices: list[NoticeFile] = Field(default=[], max_length=MOST_PARTS)
    questions: Annotated[list[Id], AfterValidator(_check_distinct)] = Field(default=[], max_length=MOST_PARTS)
    practice: bool = Field(default=False, description=_l("true or false: the module has a practice task"))
    resources: list[ResourceFile] = Field(default=[], max_length=MOST_PARTS)


class CourseFile(_Group):
    """`course.yaml`: what the course consists of."""

    id: Id
    languages: Annotated[list[Language], AfterValidator(_check_distinct)] = Field(
        min_length=1, description=_l("the languages of the texts, the one they are written in first, such as [da, en]")
    )
    audience: Annotated[list[Sector], AfterValidator(_check_distinct)] = Field(
        min_length=1, description=_l("the sectors it is made for, such as [school, daycare]")
    )
    completion: Completion = Completion()
    modules: list[ModuleFile] = Field(min_length=1, max_length=MOST_MODULES, description=_l("at least one module"))

    @property
    def source_language(self) -> str:
        """The language that texts are written in first, and fall back to."""
        return self.languages[0]


class ModuleDraft(ModuleFile):
    """A module that is being written: its film may still be missing."""

    lessons: list[LessonFile] = Field(default=[], max_length=MOST_LESSONS)


class CourseDraft(CourseFile):
    """`course.yaml` while it is being written in the browser: like `CourseFile`, but for what is not there yet."""

    modules: list[ModuleDraft] = Field(default=[], max_length=MOST_MODULES)  # type: ignore[assignment]  # they are narrower, and none is added


class ModuleTexts(_Group):
    """What a module says in one language."""

    title: Title | None = Field(default=None, description=_l("a title of at most 120 characters"))
    summary: Sentence | None = Field(default=None, description=_l("one sentence of at most 500 characters"))
    text: Markdown | None = Field(default=None, description=_l("the text in Markdown, below '|' and indented"))
    lessons: dict[Id, Title] = Field(default={}, description=_l("the film's title by lesson id"))
    notices: dict[IdInManifests, Sentence] = Field(default={}, description=_l("what occurs, by passage id"))
    questions: dict[Id, Sentence] = Field(default={}, description=_l("the question by its id"))
    practice: Markdown | None = Field(default=None, description=_l("the task in Markdown, below '|' and indented"))
    resources: dict[Id, Sentence] = Field(default={}, description=_l("the link's text by resource id"))


class TextsFile(_Group):
    """`<language>.yaml`: what the course says in one language."""

    title: Title | None = Field(default=None, description=_l("a title of at most 120 characters"))
    summary: Sentence | None = Field(default=None, description=_l("one or two sentences of at most 500 characters"))
    description: Markdown | None = Field(default=None, description=_l("the text in Markdown, below '|' and indented"))
    modules: dict[Id, ModuleTexts] = Field(default={}, description=_l("the modules' texts by module id"))


MARKDOWN_FIELDS = {"description", "text", "practice"}


def is_markdown(place: Place) -> bool:
    """Whether the text at a place is Markdown; ids may be called like fields."""
    return len(place) in (1, 3) and place[-1] in MARKDOWN_FIELDS


def is_title(place: Place) -> bool:
    """Whether the text at a place is a title: the course's, a module's or a lesson's."""
    return place[-1] == "title" if len(place) in (1, 3) else place[2] == "lessons"


def expected_texts(course: CourseFile) -> list[Place]:
    """Return where every text of a course belongs, in the order of reading."""
    places: list[Place] = [("title",), ("summary",), ("description",)]
    for module in course.modules:
        here = ("modules", module.id)
        places += [(*here, "title"), (*here, "summary"), (*here, "text")]
        places += [(*here, "lessons", lesson.id) for lesson in module.lessons]
        places += [(*here, "notices", notice.passage) for notice in module.notices]
        places += [(*here, "questions", question) for question in module.questions]
        places += [(*here, "practice")] if module.practice else []
        places += [(*here, "resources", resource.id) for resource in module.resources]
    return places


def written_texts(texts: TextsFile) -> Iterator[tuple[Place, str]]:
    """Yield every text of a file with its place."""
    yield from _texts_below(texts.model_dump(exclude_none=True), ())


def _texts_below(group: dict[str, object], here: Place) -> Iterator[tuple[Place, str]]:
    for key, value in group.items():
        if isinstance(value, dict):
            yield from _texts_below(value, (*here, key))
        else:
            yield (*here, key), str(value)
