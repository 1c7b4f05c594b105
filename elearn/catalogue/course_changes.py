"""What a course's files say otherwise than its published version does, part by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from elearn.catalogue.course_files import CourseDraft, TextsFile
from elearn.catalogue.editing import Content, Draft

TEXTS = ("title", "summary", "description", "text", "practice", "questions", "resources", "notices", "lessons")
"""The texts of a course and of its modules, in the order in which changes are told."""


class What(StrEnum):
    """What has changed."""

    FACTS = "facts"
    """Languages, audience or when a film counts as seen."""
    TEXTS = "texts"
    """The course's own texts."""
    ADDED = "added"
    """A module."""
    REMOVED = "removed"
    CHANGED = "changed"
    ORDER = "order"
    """The order of the modules."""


@dataclass(frozen=True)
class Change:
    """One part that has changed."""

    what: What
    module: str | None = None
    """The id of the module it is about."""
    parts: tuple[str, ...] = ()
    """The names of the fields that differ, as the files call them."""
    languages: tuple[str, ...] = ()
    """The languages in which texts of the part differ."""


def changes(published: Mapping[str, Any], draft: Draft) -> list[Change]:
    """Return what differs from a published version's content, in the course's order."""
    old, new = published_draft(published), draft
    return [*_course_changes(old, new), *_module_changes(old, new)]


def published_draft(published: Mapping[str, Any]) -> Draft:
    """Return a published version as the files that would say it; what stands there by default is left out."""
    course = dict(published["course"])
    course["modules"] = [_as_written(module) for module in course["modules"]]
    plain = CourseDraft.model_validate(course).model_dump(mode="json", exclude_defaults=True)
    texts = {code: TextsFile.model_validate(said) for code, said in published["texts"].items()}
    return Draft(
        plain, {code: texts[code].model_dump(mode="json", exclude_defaults=True) for code in plain["languages"]}
    )


def like(content: Any, known: Any) -> Any:
    """Return content in the order in which `known` stands, so that a file changes no more than it must."""
    if isinstance(content, dict) and isinstance(known, dict):
        order = [*(key for key in known if key in content), *(key for key in content if key not in known)]
        # The order of a lesson's films means something: the first is the one fallen back to.
        return {key: content[key] if key == "videos" else like(content[key], known.get(key)) for key in order}
    if isinstance(content, list) and isinstance(known, list):
        by_id = {each["id"]: each for each in known if isinstance(each, dict) and "id" in each}
        return [like(each, by_id.get(each.get("id"))) if isinstance(each, dict) else each for each in content]
    return content


def _as_written(module: Mapping[str, Any]) -> Content:
    lessons = [
        {"id": lesson["id"], "videos": {film["language"]: film["id"] for film in lesson["videos"]}}
        for lesson in module["lessons"]
    ]
    notices = [{key: notice[key] for key in ("passage", "lesson", "closeness")} for notice in module["notices"]]
    return {**module, "lessons": lessons, "notices": notices}


def _course_changes(old: Draft, new: Draft) -> Iterator[Change]:
    before, after = old.structure, new.structure
    facts = [name for name in ("languages", "audience", "completion") if getattr(before, name) != getattr(after, name)]
    if facts:
        yield Change(What.FACTS, parts=tuple(facts))
    parts, languages = _texts_differ(_texts(old), _texts(new), ("title", "summary", "description"))
    if parts:
        yield Change(What.TEXTS, parts=parts, languages=languages)


def _module_changes(old: Draft, new: Draft) -> Iterator[Change]:
    before = {module.id: module for module in old.structure.modules}
    after = {module.id: module for module in new.structure.modules}
    for key, module in after.items():
        if key not in before:
            yield Change(What.ADDED, key)
            continue
        known = before[key].model_dump()
        fields = [name for name, value in module.model_dump().items() if value != known[name]]
        texts, languages = _texts_differ(_module_texts(old, key), _module_texts(new, key), TEXTS)
        if fields or texts:
            yield Change(What.CHANGED, key, tuple(dict.fromkeys([*fields, *texts])), languages)
    for key in before:
        if key not in after:
            yield Change(What.REMOVED, key)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(What.ORDER)


def _texts(draft: Draft) -> dict[str, Content]:
    return {
        code: TextsFile.model_validate(texts).model_dump(mode="json", exclude_none=True)
        for code, texts in draft.texts.items()
    }


def _module_texts(draft: Draft, key: str) -> dict[str, Content]:
    return {code: texts["modules"].get(key, {}) for code, texts in _texts(draft).items()}


def _texts_differ(
    old: dict[str, Content], new: dict[str, Content], names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of texts that differ, and the languages in which any does."""
    found = [
        (code, name)
        for code in new
        for name in names
        if (old.get(code, {}).get(name) or None) != (new[code].get(name) or None)
    ]
    return (
        tuple(name for name in names if any(name == each for _code, each in found)),
        tuple(code for code in new if any(code == each for each, _name in found)),
    )
