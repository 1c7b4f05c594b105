"""Holds the files of a course's forms against each other, and names everything that is wrong at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from elearn.core.content_files import FileProblems, Loaded, read_file, shown_path
from elearn.core.file_rules import FileProblem, Meant
from elearn.core.i18n import LANGUAGES
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_rules import Breach, breaches, untranslated
from elearn.feedback.form_sentences import FormFileRule, FormRule

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
    if breach.rule == FormRule.COMPARES_WITH_UNKNOWN:
        return breach.names["form"] in unread
    if breach.rule != FormRule.OTHER_MEANING:
        return False
    other = next(each for each in others if each.id == breach.names["form"])
    if form.compares_with == other.id:
        return False
    return other.compares_with == form.id or other.id > form.id


def _stray_files(folder: Path) -> Iterator[FileProblem]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix != ".yaml" and not path.name.startswith("."):
            yield FileProblem(shown_path(path), 0, "", FormFileRule.STRAY_FILE)


def _name_problems(name: str, loaded: Loaded[FormFile]) -> Iterator[FileProblem]:
    if loaded.value.id != name:
        yield loaded.problem(("id",), FormFileRule.ID_NOT_FILE, id=loaded.value.id, name=name)


def _fallbacks(loaded: Loaded[FormFile], languages: Sequence[str]) -> Iterator[FileProblem]:
    for loc, code in untranslated(loaded.value, languages):
        names = {"language": LANGUAGES[code], "shown": LANGUAGES[languages[0]], "code": code}
        yield loaded.problem(loc, FormFileRule.NOT_TRANSLATED, **names)


def _as_problem(loaded: Loaded[FormFile], breach: Breach) -> FileProblem:
    known = breach.names.get("known", "")
    meant = Meant(breach.names.get("form") or breach.names.get("question") or "", known.split(", ") if known else [])
    return loaded.problem(breach.loc, breach.rule, **breach.names, meant=meant)
