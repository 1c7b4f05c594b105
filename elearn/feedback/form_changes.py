"""What a new version of a form changed, for whoever reads its versions."""

from dataclasses import dataclass
from enum import StrEnum

from elearn.feedback.form_files import FormFile


class What(StrEnum):
    """What happened to a part of a form."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Changed:
    """One change."""

    what: What
    words: dict[str, str] | None
    """The question's text or the section's title, as it is now or was last; None for the form's own heading."""


def changes(old: FormFile, new: FormFile) -> list[Changed]:
    """Return what is new, gone or said in another way; and nothing when only the order is another."""
    found = [Changed(What.CHANGED, None)] if (old.title, old.intro) != (new.title, new.intro) else []
    for before, after in (_sections(old), _sections(new)), (_questions(old), _questions(new)):
        for key, (words, said) in after.items():
            if key not in before:
                found.append(Changed(What.ADDED, words))
            elif before[key][1] != said:
                found.append(Changed(What.CHANGED, words))
        found += [Changed(What.REMOVED, words) for key, (words, _) in before.items() if key not in after]
    return found


def _sections(form: FormFile) -> dict[str, tuple[dict[str, str], object]]:
    return {part.id: (part.title, (part.title, part.intro, part.level)) for part in form.sections}


def _questions(form: FormFile) -> dict[str, tuple[dict[str, str], object]]:
    return {question.id: (question.text, question) for question in form.questions()}
