"""What a version of a course says, read from its stored JSON, in any language with a clear fallback.

A text that is missing in the wanted language is given in the course's source language; `Text.language` tells which
it is, so that a page can mark it with `lang`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from markupsafe import Markup

from elearn.catalogue import markdown
from elearn.core.errors import NotFound

TOP_HEADING = 3


@dataclass(frozen=True, slots=True)
class Text:
    """Some words and the language they are in."""

    value: str
    language: str

    def __str__(self) -> str:
        return self.value

    def html(self, top: int = TOP_HEADING) -> Markup:
        """Return a Markdown text as safe HTML whose highest heading is `<h{top}>`."""
        return markdown.render(self.value, top)


class _Texts:
    """The texts of one part of a course, in every language it has."""

    def __init__(self, by_language: Mapping[str, Mapping[str, Any]], source: str) -> None:
        self._by_language = by_language
        self._source = source

    def find(self, language: str, *keys: str) -> Text | None:
        for code in (language, self._source):
            value: Any = self._by_language.get(code)
            for key in keys:
                value = value.get(key) if value else None
            if value:
                return Text(value, code)
        return None

    def get(self, language: str, *keys: str) -> Text:
        text = self.find(language, *keys)
        assert text is not None, f"a published course has every text in its source language: {keys}"
        return text

    def below(self, *keys: str) -> "_Texts":
        parts = {}
        for code, part in self._by_language.items():
            for key in keys:
                part = part.get(key, {})
            parts[code] = part
        return _Texts(parts, self._source)


@dataclass(frozen=True)
class FilmContent:
    """The film that a lesson shows in one spoken language, as it was when the version was published."""

    language: str
    key: str
    """The manifest's id."""


class LessonContent:
    """A lesson of a module."""

    def __init__(self, lesson: Mapping[str, Any], texts: _Texts) -> None:
        self.key: str = lesson["id"]
        self.films = {film["language"]: FilmContent(film["language"], film["id"]) for film in lesson["videos"]}
        """By spoken language, in the course file's order."""
        self._texts = texts

    def title(self, language: str) -> Text:
        """Return the film's title."""
        return self._texts.get(language, "lessons", self.key)


class NoticeContent:
    """What occurs in a passage of a film: shown before the film."""

    def __init__(self, notice: Mapping[str, Any], texts: _Texts) -> None:
        self.passage: str = notice["passage"]
        self.lesson: str = notice["lesson"]
        self.closeness: str = notice["closeness"]
        """'told', 'heard' or 'seen'."""
        self._places: dict[str, list[float]] = notice["places"]
        self._texts = texts

    def place(self, film_language: str) -> tuple[float, float]:
        """Return where it begins and ends in the film of a spoken language, in seconds."""
        begins_s, ends_s = self._places[film_language]
        return begins_s, ends_s

    def text(self, language: str) -> Text:
        """Return what occurs, one sentence."""
        return self._texts.get(language, "notices", self.passage)


class QuestionContent:
    """A question to reflect on; the learner's note is found by its key."""

    def __init__(self, key: str, texts: _Texts) -> None:
        self.key = key
        self._texts = texts

    def text(self, language: str) -> Text:
        """Return the question."""
        return self._texts.get(language, "questions", self.key)


class ResourceContent:
    """A link that a module recommends."""

    def __init__(self, resource: Mapping[str, Any], texts: _Texts) -> None:
        self.key: str = resource["id"]
        self.url: str = resource["url"]
        """http or https; checked when the course was published."""
        self._texts = texts

    def title(self, language: str) -> Text:
        """Return the link's text."""
        return self._texts.get(language, "resources", self.key)


class ModuleContent:
    """A module of a course."""

    def __init__(self, module: Mapping[str, Any], texts: _Texts) -> None:
        self.key: str = module["id"]
        self.is_open: bool = module["open"]
        self.minutes: int = module["minutes"]
        self.lessons = [LessonContent(lesson, texts) for lesson in module["lessons"]]
        self.notices = [NoticeContent(notice, texts) for notice in module["notices"]]
        self.questions = [QuestionContent(key, texts) for key in module["questions"]]
        self.resources = [ResourceContent(resource, texts) for resource in module["resources"]]
        self._texts = texts

    def lesson(self, key: str) -> LessonContent:
        """Return a lesson. Raises `NotFound`."""
        return _named(self.lessons, key)

    def notices_of(self, lesson: str) -> list[NoticeContent]:
        """Return what a lesson's film is announced with."""
        return [notice for notice in self.notices if notice.lesson == lesson]

    def title(self, language: str) -> Text:
        """Return the title."""
        return self._texts.get(language, "title")

    def summary(self, language: str) -> Text:
        """Return one sentence about it."""
        return self._texts.get(language, "summary")

    def text(self, language: str) -> Text:
        """Return the text to read, in Markdown."""
        return self._texts.get(language, "text")

    def practice(self, language: str) -> Text | None:
        """Return the practice task in Markdown, or None when the module has none."""
        return self._texts.find(language, "practice")


class Content:
    """All that one version of a course says. Read-only; made from `CourseVersion.content`."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        course = stored["course"]
        self.slug: str = course["id"]
        self.languages: list[str] = course["languages"]
        self.audience: list[str] = course["audience"]
        """Codes of `organisations.sectors.SECTORS`."""
        self.share: int = course["completion"]["share"]
        """Per cent of each film that must be seen."""
        self.own_word: bool = course["completion"]["own_word"]
        """Whether 'I have read it' counts too."""
        self._texts = _Texts(stored["texts"], self.source_language)
        self.modules = [
            ModuleContent(module, self._texts.below("modules", module["id"])) for module in course["modules"]
        ]

    @property
    def source_language(self) -> str:
        """The language that missing texts are given in."""
        return self.languages[0]

    @cached_property
    def minutes(self) -> int:
        """How long all modules take together."""
        return sum(module.minutes for module in self.modules)

    def module(self, key: str) -> ModuleContent:
        """Return a module. Raises `NotFound`."""
        return _named(self.modules, key)

    def title(self, language: str) -> Text:
        """Return the course's title."""
        return self._texts.get(language, "title")

    def summary(self, language: str) -> Text:
        """Return one or two sentences about it."""
        return self._texts.get(language, "summary")

    def description(self, language: str) -> Text:
        """Return the public page's text, in Markdown."""
        return self._texts.get(language, "description")


Part = TypeVar("Part", LessonContent, ModuleContent)


def _named(parts: list[Part], key: str) -> Part:
    for part in parts:
        if part.key == key:
            return part
    raise NotFound(f"the course has no '{key}'")
