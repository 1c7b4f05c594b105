"""Holds the files of a course's forms against each other, and names everything that is wrong at once."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from elearn.core.content_files import FileProblem, FileProblems, Loaded, read_file, shown_path
from elearn.core.i18n import LANGUAGES
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_rules import Breach, Rule, breaches, untranslated

FOLDER = "forms"


@dataclass(frozen=True)
class CheckedForms:
    """The forms of a course, whose files agree with each other."""

    files: dict[str, Loaded[FormFile]]
    """By id; those that others are compared with need not come first."""
    warnings: list[FileProblem]
    """Texts that fall back to the course's first language."""

    @property
    def forms(self) -> list[FormFile]:
        """The forms in the order of their ids."""
        return [loaded.value for loaded in self.files.values()]


def check_forms(course_folder: Path, languages: Sequence[str]) -> CheckedForms:
    """Read and check the forms in `forms/` of a course's folder; a course without them has none.

    `languages` are the course's, its first one first; empty when they are not known. Raises `FileProblems` with
    everything that is wrong in all of them, by file and line.
    """
    folder = course_folder / FOLDER
    problems = list(_stray_files(folder))
    files: dict[str, Loaded[FormFile]] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            files[path.stem] = read_file(path, FormFile)
        except FileProblems as error:
            problems += error.problems
    everywhere = [loaded.value for loaded in files.values()]
    unread = {path.stem for path in folder.glob("*.yaml")} - files.keys()
    for name, loaded in files.items():
        problems += _name_problems(name, loaded)
        others = [form for form in everywhere if form is not loaded.value]
        for breach in breaches(loaded.value, others, languages):
            if not _is_told_elsewhere(breach, loaded.value, others, unread):
                problems.append(_as_problem(loaded, breach))
    if problems:
        raise FileProblems(sorted(problems, key=lambda problem: (problem.file, problem.line)))
    return CheckedForms(files, [note for loaded in files.values() for note in _fallbacks(loaded, languages)])


def _is_told_elsewhere(breach: Breach, form: FormFile, others: Sequence[FormFile], unread: set[str]) -> bool:
    """Whether a problem stands at another form already: at one that cannot be read, or at the later of two."""
    if breach.rule == Rule.COMPARES_WITH_UNKNOWN:
        return breach.names["form"] in unread
    if breach.rule != Rule.OTHER_MEANING:
        return False
    other = next(each for each in others if each.id == breach.names["form"])
    if form.compares_with == other.id:
        return False
    return other.compares_with == form.id or other.id > form.id


def _stray_files(folder: Path) -> Iterator[FileProblem]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix != ".yaml" and not path.name.startswith("."):
            yield FileProblem(
                shown_path(path), 0, "", "this file is not a form", "Call it <id>.yaml when it is one, or remove it"
            )


def _name_problems(name: str, loaded: Loaded[FormFile]) -> Iterator[FileProblem]:
    if loaded.value.id != name:
        yield loaded.problem(
            "id",
            problem=f"the id is '{loaded.value.id}', but the file is called '{name}.yaml'",
            cure=f"Write id: {name}, or rename the file",
        )


def _fallbacks(loaded: Loaded[FormFile], languages: Sequence[str]) -> Iterator[FileProblem]:
    for loc, code in untranslated(loaded.value, languages):
        yield loaded.problem(
            *loc,
            problem=f"not written in {LANGUAGES[code]}: shown in {LANGUAGES[languages[0]]}",
            cure=f"Add {code}: and the text when you can",
        )


_SENTENCES = {
    Rule.SECTION_TWICE: ("there is a section '{id}' already", "Give one of them another id"),
    Rule.QUESTION_TWICE: (
        "there is a question '{id}' already",
        "Give one of them another id: the one that is new, since answers hang on ids",
    ),
    Rule.SHOW_IF_UNKNOWN: ("the form has no question '{question}'", "Write the id of an earlier question{meant}"),
    Rule.SHOW_IF_LATER: (
        "the question '{question}' does not come before this one",
        "Move it up, or write the id of an earlier question",
    ),
    Rule.SHOW_IF_NOT_OFFERED: ("the question '{question}' has no answer '{answer}'", "Write one of {known}"),
    Rule.SHOW_IF_UNCOUNTABLE: (
        "no question can hang on the answers to '{question}', which is of type {type}",
        "Name a question of type scale, rating, recommendation, single or multiple",
    ),
    Rule.TOO_MANY_AFTER_MODULE: (
        "a form after each module has at most {most} questions",
        "Remove some, or write moment: completion",
    ),
    Rule.GUESTS_ON_REQUEST: (
        "guests answer at an occasion, by its code",
        "Write moment: on-request, or take guest out of audience",
    ),
    Rule.ASKS_FIRST_BEFORE_START: (
        "only a form before the start can be asked first",
        "Remove the line, or write moment: before-start",
    ),
    Rule.COMPARES_WITH_UNKNOWN: ("the course has no form '{form}'", "Write the id of one of its forms{meant}"),
    Rule.COMPARES_WITH_ITSELF: ("a form is not compared with itself", "Write the id of the form that comes before it"),
    Rule.COMPARES_AUDIENCES: (
        "the form '{form}' asks others ({audience})",
        "Write the same audience in both, or remove compares_with",
    ),
    Rule.COMPARES_NAMED: (
        "one of the two forms is not anonymous",
        "Write anonymous: true in both, or remove compares_with",
    ),
    Rule.COMPARES_AFTER_MODULE: (
        "a form after each module is answered several times, so that nothing pairs its answers",
        "Remove compares_with",
    ),
    Rule.COMPARES_NOTHING: (
        "no question stands in both this form and '{form}'",
        "Give the questions that belong together the same id, or remove compares_with",
    ),
    Rule.OTHER_MEANING: (
        "the question '{id}' of the form '{form}' takes other answers, but one id means one question",
        "Give this question another id, or the same type and the same answers",
    ),
    Rule.SOURCE_TEXT_MISSING: (
        "the text is missing in the course's first language",
        "Add {language}: and the text",
    ),
}
"""What is wrong and what to write instead, for whoever writes files."""


def _as_problem(loaded: Loaded[FormFile], breach: Breach) -> FileProblem:
    problem, cure = _SENTENCES[breach.rule]
    meant = _meant(breach.names.get("form") or breach.names.get("question") or "", breach.names.get("known", ""))
    names = {**breach.names, "meant": meant}
    return loaded.problem(*breach.loc, problem=problem.format_map(names), cure=cure.format_map(names))


def _meant(key: str, known: str) -> str:
    names = known.split(", ") if known else []
    if near := difflib.get_close_matches(key, names, n=1):
        return f" (did you mean '{near[0]}'?)"
    return f" (known here: {', '.join(names[:10])})" if names else ""
