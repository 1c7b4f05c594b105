"""A course while it is written: changes of what its files say.

A draft holds plain content, as the files are read: what is written stays in its order, and what stands there by
default is left out. Every change returns a new draft and leaves the old one as it was. A text that loses its place in
the structure goes with it, in every language.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elearn.catalogue.course_files import CourseDraft, Place, TextsFile, expected_texts, written_texts
from elearn.catalogue.new_ids import new_id
from elearn.core.errors import NotFound

Content = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """What a course's files say."""

    course: Content
    """course.yaml."""
    texts: dict[str, Content]
    """The files of texts, by language; the first language first."""

    @property
    def structure(self) -> CourseDraft:
        """The course without its texts, checked."""
        return CourseDraft.model_validate(self.course)

    @property
    def languages(self) -> list[str]:
        """The languages of the texts, the one they are written in first."""
        return list(self.course["languages"])

    @property
    def source(self) -> str:
        """The language that texts are written in first, and fall back to."""
        return self.languages[0]

    def text(self, language: str, place: Place) -> str | None:
        """Return what stands at a place in a language."""
        found: Any = self.texts.get(language)
        for key in place:
            found = found.get(key) if found else None
        return found if isinstance(found, str) else None


@dataclass(frozen=True)
class Question:
    """A question to reflect on, as it was written; `key` is None when it is new."""

    key: str | None
    words: str


@dataclass(frozen=True)
class Resource:
    """A link, as it was written; `key` is None when it is new."""

    key: str | None
    url: str
    words: str


@dataclass(frozen=True)
class Notice:
    """What is said before a passage of a lesson's film."""

    passage: str
    lesson: str
    closeness: str
    words: str


@dataclass(frozen=True)
class ModuleSaid:
    """A module as it was written in the course's first language, without its lessons."""

    title: str
    summary: str
    text: str
    practice: str
    """Empty when the module has no practice task."""
    minutes: int
    is_open: bool
    questions: Sequence[Question]
    resources: Sequence[Resource]
    notices: Sequence[Notice]


def begun(slug: str, title: str, languages: Sequence[str], audience: Sequence[str]) -> Draft:
    """Return a new course that has a title and nothing else."""
    course = {"id": slug, "languages": list(languages), "audience": list(audience), "modules": []}
    return Draft(course, {code: {} for code in languages} | {languages[0]: {"title": title}})


def modules(draft: Draft) -> list[Content]:
    """Return a course's modules."""
    found: list[Content] = draft.course.get("modules") or []
    return found


def module(draft: Draft, key: str) -> Content:
    """Return a module by its id. Raises `NotFound`."""
    return _named(modules(draft), key)


def lessons(draft: Draft, module_key: str) -> list[Content]:
    """Return a module's lessons. Raises `NotFound`."""
    found: list[Content] = module(draft, module_key).get("lessons") or []
    return found


def lesson(draft: Draft, module_key: str, key: str) -> Content:
    """Return a lesson by its module's id and its own. Raises `NotFound`."""
    return _named(lessons(draft, module_key), key)


def places(draft: Draft) -> dict[str | None, list[Place]]:
    """Return where the texts of each module belong, and under None the course's own, in the order of reading."""
    found: dict[str | None, list[Place]] = {None: []} | {each["id"]: [] for each in modules(draft)}
    for place in expected_texts(draft.structure):
        found[place[1] if len(place) > 1 else None].append(place)
    return found


def lacking(draft: Draft, language: str, places: Iterable[Place]) -> list[Place]:
    """Return those of some places that have no text in a language."""
    return [place for place in places if not draft.text(language, place)]


def with_texts(draft: Draft, language: str, said: Mapping[Place, str]) -> Draft:
    """Return the course with texts of one language written, or removed where they are empty."""
    changed = copy.deepcopy(draft)
    for place, words in said.items():
        _write(changed.texts.setdefault(language, {}), place, words)
    return changed


def with_facts(
    draft: Draft, *, added_languages: Sequence[str], audience: Sequence[str], share: int, own_word: bool
) -> Draft:
    """Return the course with more languages, and with whom it is for and when a film counts as seen."""
    changed = copy.deepcopy(draft)
    course, before = changed.course, draft.structure
    course["languages"] = [*draft.languages, *added_languages]
    changed.texts.update({code: changed.texts.get(code, {}) for code in added_languages})
    if set(audience) != set(before.audience):
        course["audience"] = list(audience)
    completion = {"share": share, "own_word": own_word}
    if completion != before.completion.model_dump():
        course["completion"] = completion
    return changed


def with_language(draft: Draft, code: str, texts: Content, place: int) -> Draft:
    """Return the course with one more language and what it says in it; never before the first one."""
    changed = copy.deepcopy(draft)
    languages = draft.languages
    languages.insert(max(place, 1), code)
    changed.course["languages"] = languages
    changed.texts[code] = texts
    return changed


def without_language(draft: Draft, code: str) -> Draft:
    """Return the course without a language and what it says in it. Raises `NotFound` for the first one, which stays."""
    if code not in draft.languages[1:]:
        raise NotFound("a course keeps the language that it falls back to")
    changed = copy.deepcopy(draft)
    changed.course["languages"] = [each for each in draft.languages if each != code]
    del changed.texts[code]
    return changed


def with_new_module(
    draft: Draft, *, title: str, summary: str, minutes: int, videos: Mapping[str, str], taken: Iterable[str]
) -> tuple[Draft, str]:
    """Return the course with a module more at its end, and the module's id.

    `videos` are the films of its first lesson by spoken language, if there are any yet; `taken` are ids that modules
    had before.
    """
    changed = copy.deepcopy(draft)
    key = new_id(title, {*taken, *(each["id"] for each in modules(draft))})
    first = [{"id": "film", "videos": dict(videos)}] if videos else []
    changed.course["modules"] = [*modules(changed), {"id": key, "minutes": minutes, "lessons": first}]
    here = ("modules", key)
    said = {(*here, "title"): title, (*here, "summary"): summary}
    return with_texts(changed, draft.source, said | ({(*here, "lessons", "film"): title} if videos else {})), key


def with_module(draft: Draft, key: str, said: ModuleSaid, *, taken: Iterable[str] = ()) -> Draft:
    """Return the course with a module written anew; `taken` are ids that its questions and links had before.

    Raises `NotFound`.
    """
    changed = copy.deepcopy(draft)
    row, before = module(changed, key), next(each for each in draft.structure.modules if each.id == key)
    here = ("modules", key)
    texts: dict[Place, str] = {
        (*here, "title"): said.title,
        (*here, "summary"): said.summary,
        (*here, "text"): said.text,
        (*here, "practice"): said.practice,
    }
    used = {*taken, *before.questions, *(each.id for each in before.resources)}
    questions = _with_ids([(each.key, each.words) for each in said.questions], used)
    resources = _with_ids([(each.key, each.words) for each in said.resources], used | set(questions))
    texts |= {(*here, "questions", k): q.words for k, q in zip(questions, said.questions, strict=True)}
    texts |= {(*here, "resources", k): r.words for k, r in zip(resources, said.resources, strict=True)}
    texts |= {(*here, "notices", notice.passage): notice.words for notice in said.notices}
    _set(row, "open", said.is_open, before.open)
    _set(row, "minutes", said.minutes, before.minutes)
    _set(row, "practice", bool(said.practice), before.practice)
    _set(row, "questions", questions, before.questions)
    links = [{"id": k, "url": r.url} for k, r in zip(resources, said.resources, strict=True)]
    _set(row, "resources", links, [each.model_dump() for each in before.resources])
    notices = [{"passage": n.passage, "lesson": n.lesson, "closeness": n.closeness} for n in said.notices]
    _set(row, "notices", notices, [each.model_dump() for each in before.notices])
    return _without_orphans(draft, with_texts(changed, draft.source, texts))


def with_lesson(
    draft: Draft,
    module_key: str,
    key: str | None,
    *,
    titles: Mapping[str, str],
    videos: Mapping[str, str],
    taken: Iterable[str] = (),
) -> tuple[Draft, str]:
    """Return the course with a lesson written anew, or added when `key` is None, and the lesson's id.

    `titles` are by language, `videos` by spoken language. Notices of passages stay: they are the module's. Raises
    `NotFound`.
    """
    changed = copy.deepcopy(draft)
    if key is None:
        known = lessons(draft, module_key)
        key = new_id(titles[draft.source], {*taken, *(each["id"] for each in known)}) if known else "film"
        module(changed, module_key)["lessons"] = [*lessons(changed, module_key), {"id": key, "videos": dict(videos)}]
    else:
        row = lesson(changed, module_key, key)
        row["videos"] = {code: videos[code] for code in [*row["videos"], *videos] if code in videos}
    for code, title in titles.items():
        changed = with_texts(changed, code, {("modules", module_key, "lessons", key): title})
    return changed, key


def without_module(draft: Draft, key: str) -> Draft:
    """Return the course without a module. Raises `NotFound`."""
    module(draft, key)
    changed = copy.deepcopy(draft)
    changed.course["modules"] = [each for each in modules(changed) if each["id"] != key]
    return _without_orphans(draft, changed)


def without_lesson(draft: Draft, module_key: str, key: str) -> Draft:
    """Return the course without a lesson and what is said before its film. Raises `NotFound`."""
    lesson(draft, module_key, key)
    changed = copy.deepcopy(draft)
    row = module(changed, module_key)
    row["lessons"] = [each for each in row["lessons"] if each["id"] != key]
    if row.get("notices"):
        _set(row, "notices", [each for each in row["notices"] if each["lesson"] != key], row["notices"])
    return _without_orphans(draft, changed)


def moved(draft: Draft, module_key: str, lesson_key: str | None = None, *, up: bool) -> Draft:
    """Return the course with a module, or a lesson in its module, one place up or down.

    What is first already stays where it is. Raises `NotFound`.
    """
    changed = copy.deepcopy(draft)
    parts = modules(changed) if lesson_key is None else lessons(changed, module_key)
    key = lesson_key or module_key
    place = parts.index(_named(parts, key))
    other = place - 1 if up else place + 1
    if 0 <= other < len(parts):
        parts[place], parts[other] = parts[other], parts[place]
    return changed


def _named(parts: list[Content], key: str) -> Content:
    for part in parts:
        if part["id"] == key:
            return part
    raise NotFound(f"the course has no '{key}'")


def _with_ids(written: Sequence[tuple[str | None, str]], used: Iterable[str]) -> list[str]:
    taken = set(used)
    keys = []
    for known, words in written:
        keys.append(known or new_id(words, taken))
        taken.add(keys[-1])
    return keys


def _set(row: Content, name: str, value: Any, before: Any) -> None:
    """Write a field that has changed; what is nothing or false is what stands there by default."""
    if value == before:
        return
    if value or (isinstance(value, int) and not isinstance(value, bool)):
        row[name] = value
    else:
        row.pop(name, None)


def _write(texts: Content, place: Place, words: str) -> None:
    """Write a text at its place, or remove it and the groups that are empty without it."""
    *groups, name = place
    if not words:
        found: Any = texts
        for key in groups:
            found = found.get(key) or {}
        found.pop(name, None)
        if groups and not found:
            _write(texts, tuple(groups), "")
        return
    row = texts
    for key in groups:
        row[key] = row.get(key) or {}
        row = row[key]
    old = row.get(name)
    if not (isinstance(old, str) and old.strip() == words):
        # A text of several lines ends with its last one, as it does in a file.
        row[name] = f"{words}\n" if "\n" in words else words


def _without_orphans(before: Draft, after: Draft) -> Draft:
    """Remove the texts that had a place and have none any more; what never had one is a slip of somebody's."""
    gone = set(expected_texts(before.structure)) - set(expected_texts(after.structure))
    for code, texts in after.texts.items():
        written = {place for place, _words in written_texts(TextsFile.model_validate(texts))}
        after = with_texts(after, code, dict.fromkeys(gone & written, ""))
    return after
