"""Holds the files of a course against each other and against its films, and names everything that is wrong at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from elearn.catalogue import markdown
from elearn.catalogue.course_files import (
    CourseFile,
    LessonFile,
    Place,
    TextsFile,
    expected_texts,
    is_markdown,
    written_texts,
)
from elearn.catalogue.course_rules import TEXTS_OF_NOTHING, CourseRule
from elearn.catalogue.errors import CourseNotReady
from elearn.core.content_files import FileProblems, Loaded, field_name, read_file, shown_path
from elearn.core.file_rules import FileProblem, Meant
from elearn.core.i18n import LANGUAGES
from elearn.media.checks import refusal
from elearn.media.manifest import Manifest, read_manifest
from elearn.media.stores.storage import MediaStore

STRUCTURE = "course.yaml"

M = TypeVar("M", bound=BaseModel)
Films = dict[str, Loaded[Manifest]]
Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class CheckedCourse:
    """A course whose files agree with each other and with its films."""

    folder: Path
    course: CourseFile
    texts: dict[str, TextsFile]
    """By language; the source language is complete."""
    films: Films
    """By id: every film that a lesson shows, packaged."""
    warnings: list[FileProblem]
    """What stops nobody from publishing: texts and captions that fall back to another language."""

    def stored(self) -> dict[str, Any]:
        """Return what `CourseVersion.content` keeps and `content.Content` reads."""
        course = self.course.model_dump(mode="json")
        for module in course["modules"]:
            for notice in module["notices"]:
                notice["places"] = self._places(module, notice)
            for lesson in module["lessons"]:
                # A list, since PostgreSQL's JSONB does not keep the order of keys, and the first is the fallback.
                lesson["videos"] = [self._film(code, key) for code, key in lesson["videos"].items()]
        texts = {code: file.model_dump(mode="json", exclude_none=True) for code, file in self.texts.items()}
        return {"course": course, "texts": texts}

    def _film(self, language: str, key: str) -> dict[str, str]:
        source = self.films[key].value.source
        assert source is not None, "a checked film is packaged"
        return {"language": language, "id": key, "sha256": source.sha256}

    def _places(self, module: dict[str, Any], notice: dict[str, str]) -> dict[str, list[float]]:
        videos = next(lesson["videos"] for lesson in module["lessons"] if lesson["id"] == notice["lesson"])
        return {
            code: [passage.from_s, passage.to_s]
            for code, key in videos.items()
            for passage in self.films[key].value.passages
            if passage.id == notice["passage"]
        }


def course_folders(courses: Path) -> list[Path]:
    """Return the folders that hold a course, by name."""
    return sorted(path.parent for path in courses.glob(f"*/{STRUCTURE}"))


def check_course(folder: Path, manifests: Path, store: MediaStore) -> CheckedCourse:
    """Read and check a course's folder, the manifests of its films and their packages.

    Raises `CourseNotReady` with everything that is wrong in all of them, by file and line.
    """
    problems: list[FileProblem] = []
    structure = _taken(problems, partial(read_file, folder / STRUCTURE, CourseFile))
    texts = _read_texts(problems, folder, structure)
    films = _read_films(problems, manifests, structure)
    for loaded in texts.values():
        problems += _markdown_problems(loaded)
    if structure:
        problems += _structure_problems(structure)
        problems += _stray_files(folder, structure.value)
        problems += _notice_problems(structure, films)
        for code, loaded in texts.items():
            problems += _unknown_texts(structure.value, loaded)
            problems += _missing_texts(structure.value, loaded) if code == structure.value.source_language else ()
    lacking = [refused for film in films.values() if (refused := refusal(film, store))]
    if problems or lacking or structure is None:
        raise CourseNotReady(sorted(problems, key=lambda problem: (problem.file, problem.line)), lacking)
    return CheckedCourse(
        folder,
        structure.value,
        {code: loaded.value for code, loaded in texts.items()},
        films,
        [*_fallbacks(structure.value, texts), *_captions_lacking(structure.value, films)],
    )


def _taken(problems: list[FileProblem], read: Callable[[], Loaded[M]]) -> Loaded[M] | None:
    try:
        return read()
    except FileProblems as error:
        problems += error.problems
        return None


def _read_texts(
    problems: list[FileProblem], folder: Path, structure: Loaded[CourseFile] | None
) -> dict[str, Loaded[TextsFile]]:
    present = [code for code in LANGUAGES if (folder / f"{code}.yaml").is_file()]
    found = {}
    for code in structure.value.languages if structure else present:
        if loaded := _taken(problems, partial(read_file, folder / f"{code}.yaml", TextsFile)):
            found[code] = loaded
    return found


def _read_films(problems: list[FileProblem], folder: Path, structure: Loaded[CourseFile] | None) -> Films:
    """Read the manifest of every film that the course names, once."""
    found: Films = {}
    for loc, code, key in _named_films(structure.value) if structure else ():
        assert structure is not None
        path = folder / f"{key}.yaml"
        if not path.is_file():
            known = [other.stem for other in folder.glob("*.yaml")]
            problems.append(
                structure.problem(loc, CourseRule.FILM_UNKNOWN, film=key, folder=folder.name, meant=Meant(key, known))
            )
            continue
        if key not in found:
            loaded = _taken(problems, partial(read_manifest, path))
            if loaded is None:
                continue
            found[key] = loaded
            problems += _half_written(loaded)
        if (spoken := found[key].value.language) != code:
            problems.append(
                structure.problem(loc, CourseRule.FILM_SPEAKS_OTHERWISE, film=key, language=code, spoken=spoken)
            )
    return found


def _named_films(course: CourseFile) -> Iterator[tuple[Loc, str, str]]:
    for m, module in enumerate(course.modules):
        for n, lesson in enumerate(module.lessons):
            for code, key in lesson.videos.items():
                yield ("modules", m, "lessons", n, "videos", code), code, key


def _half_written(film: Loaded[Manifest]) -> Iterator[FileProblem]:
    manifest = film.value
    if manifest.package and (manifest.source is None or manifest.duration is None):
        yield film.problem(("package",), CourseRule.FILM_HALF_WRITTEN, film=manifest.id)


def _structure_problems(structure: Loaded[CourseFile]) -> Iterator[FileProblem]:
    course, folder = structure.value, structure.path.absolute().parent.name
    if course.id != folder:
        yield structure.problem(("id",), CourseRule.ID_NOT_FOLDER, id=course.id, folder=folder)
    modules = [(("modules", m, "id"), it.id) for m, it in enumerate(course.modules)]
    yield from _doubles(structure, CourseRule.MODULE_TWICE, modules)
    for m, module in enumerate(course.modules):
        here: Loc = ("modules", m)
        lessons = [((*here, "lessons", n, "id"), it.id) for n, it in enumerate(module.lessons)]
        notices = [((*here, "notices", n, "passage"), it.passage) for n, it in enumerate(module.notices)]
        resources = [((*here, "resources", n, "id"), it.id) for n, it in enumerate(module.resources)]
        yield from _doubles(structure, CourseRule.LESSON_TWICE, lessons)
        yield from _doubles(structure, CourseRule.NOTICE_TWICE, notices)
        yield from _doubles(structure, CourseRule.RESOURCE_TWICE, resources)


def _doubles(structure: Loaded[CourseFile], rule: CourseRule, ids: Sequence[tuple[Loc, str]]) -> Iterator[FileProblem]:
    seen: set[str] = set()
    for loc, key in ids:
        if key in seen:
            yield structure.problem(loc, rule, id=key)
        seen.add(key)


def _stray_files(folder: Path, course: CourseFile) -> Iterator[FileProblem]:
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        if path.name == STRUCTURE or (path.suffix == ".yaml" and path.stem in course.languages):
            continue
        if path.suffix == ".yaml" and path.stem in LANGUAGES:
            yield FileProblem(shown_path(path), 0, "", CourseRule.LANGUAGE_NOT_NAMED, {"language": path.stem})
        else:
            names = ", ".join([*(f"{code}.yaml" for code in LANGUAGES), STRUCTURE])
            yield FileProblem(shown_path(path), 0, "", CourseRule.STRAY_FILE, {"names": names})


def _notice_problems(structure: Loaded[CourseFile], films: Films) -> Iterator[FileProblem]:
    for m, module in enumerate(structure.value.modules):
        lessons = {lesson.id: lesson for lesson in module.lessons}
        for n, notice in enumerate(module.notices):
            here: Loc = ("modules", m, "notices", n)
            lesson = lessons.get(notice.lesson)
            if lesson is None:
                names = {"module": module.id, "lesson": notice.lesson, "meant": Meant(notice.lesson, lessons)}
                yield structure.problem((*here, "lesson"), CourseRule.LESSON_UNKNOWN, **names)
            else:
                yield from _passage_problems(structure, (*here, "passage"), notice.passage, lesson, films)


def _passage_problems(
    structure: Loaded[CourseFile], loc: Loc, passage_id: str, lesson: LessonFile, films: Films
) -> Iterator[FileProblem]:
    for key in lesson.videos.values():
        if key not in films:
            continue  # named already as missing or wrong
        passages = {passage.id for passage in films[key].value.passages}
        if passage_id not in passages:
            meant = Meant(passage_id, passages)
            yield structure.problem(loc, CourseRule.PASSAGE_UNKNOWN, film=key, passage=passage_id, meant=meant)


def _markdown_problems(texts: Loaded[TextsFile]) -> Iterator[FileProblem]:
    for place, value in written_texts(texts.value):
        if is_markdown(place):
            for line, rule, names in markdown.findings(value):
                first = texts.line(*place)
                written = first + line + 1 if "\n" in value else first
                yield FileProblem(shown_path(texts.path), written, field_name(place), rule, names)


def _unknown_texts(course: CourseFile, texts: Loaded[TextsFile]) -> Iterator[FileProblem]:
    """Yield texts for which the structure has no place."""
    modules = {module.id: module for module in course.modules}
    for key in texts.value.modules:
        if key not in modules:
            yield texts.problem(("modules", key), CourseRule.MODULE_UNKNOWN, id=key, meant=Meant(key, modules))
    expected = expected_texts(course)
    for place, _ in written_texts(texts.value):
        if place not in expected and place[1] in modules:
            yield _unknown_text(texts, place, expected)


def _unknown_text(texts: Loaded[TextsFile], place: Place, expected: list[Place]) -> FileProblem:
    if place[-1] == "practice" and len(place) == 3:
        return texts.problem(place, CourseRule.TEXT_OF_NO_PRACTICE)
    beside = [other[-1] for other in expected if len(other) == len(place) and other[:-1] == place[:-1]]
    names = {"id": place[-1], "module": place[1], "meant": Meant(place[-1], beside)}
    return texts.problem(place, TEXTS_OF_NOTHING[place[2]], **names)


def _missing_texts(course: CourseFile, texts: Loaded[TextsFile]) -> Iterator[FileProblem]:
    for place in _missing(course, texts):
        if len(place) == 1:
            yield texts.problem(place, CourseRule.TEXT_MISSING, key=place[0])
        elif len(place) == 2:
            yield texts.problem(place, CourseRule.MODULE_WITHOUT_TEXTS, id=place[1])
        else:
            above = field_name(place[:-1])
            yield texts.problem(place, CourseRule.TEXT_MISSING_BELOW, key=place[-1], above=above)


def _fallbacks(course: CourseFile, texts: dict[str, Loaded[TextsFile]]) -> Iterator[FileProblem]:
    for code, loaded in texts.items():
        if code != course.source_language:
            for place in _missing(course, loaded):
                yield loaded.problem(place, CourseRule.NOT_TRANSLATED, shown=LANGUAGES[course.source_language])


def _missing(course: CourseFile, texts: Loaded[TextsFile]) -> Iterator[Place]:
    """Yield the places without a text, in the order of reading; a module without any is one place."""
    written = {place for place, _ in written_texts(texts.value)}
    bare = set()
    for place in expected_texts(course):
        module = place[1] if len(place) > 1 else None
        if module and module not in texts.value.modules:
            if module not in bare:
                yield ("modules", module)
            bare.add(module)
        elif place not in written:
            yield place


def _captions_lacking(course: CourseFile, films: Films) -> Iterator[FileProblem]:
    for film in films.values():
        if lacking := [code for code in course.languages if code not in film.value.captions]:
            languages = ", ".join(LANGUAGES[code] for code in lacking)
            names = {"film": film.value.id, "languages": languages, "language": lacking[0]}
            yield film.problem(("captions",), CourseRule.NO_CAPTIONS, **names)
