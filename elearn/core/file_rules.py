"""What may be wrong in files that people write: rules, each with what is said of a breach and what to write instead.

This is the table of the rules that hold for any file; films, courses and forms have one each for what is theirs. The
sentences are English, as commands and logs say them, and pages say them in their reader's language.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import Enum

from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.core.i18n import speaking


class Rule(Enum):
    """A rule that a file may break. A sentence begins small, has no final stop, and names values as `%(name)s`."""

    def __new__(cls, *_sentences: str) -> "Rule":
        """Number the rules: their sentences are not compared with each other, which would translate them."""
        rule = object.__new__(cls)
        rule._value_ = len(cls.__members__) + 1
        return rule

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = problem
        """What is wrong."""
        self.cure = cure
        """What to write instead; where the schema describes that at the place itself, its description is said."""


class FileRule(Rule):
    """What holds for every file: that it can be read, and that its schema takes what it says."""

    NO_FILE = _l("there is no such file"), _l("Write it, or correct the name")
    TOO_LARGE = _l("the file is larger than %(kilobytes)s kB"), _l("Split it, or remove what is not text")
    NOT_UTF8 = _l("the text is not UTF-8"), _l("Save the file as UTF-8")
    NOT_TEXT = _l("the character %(character)s is not text"), _l("Remove it")
    NOTHING_IN_IT = _l("the file is empty"), _l("Write its content")

    TOO_DEEP = _l("the content is nested too deeply"), _l("Use at most %(most)s levels")
    ANCHOR = _l("anchors (&) and aliases (*) are not used here"), _l("Write the text out, or put it in quotes")
    TAG = _l("tags (!) are not used here"), _l("Put the text in quotes")
    SECOND_DOCUMENT = _l("a second document begins here (---)"), _l("Remove that line")
    STRANGE_BEGINNING = (
        _l("a line begins with a character that YAML keeps for itself, such as a tab"),
        _l("Indent with spaces, and put a text that begins with a special character in quotes"),
    )
    COLON = _l("there is a colon too many"), _l("Put a text that holds ': ' in quotes")
    NOT_YAML = (
        _l("this is not YAML (%(said)s)"),
        _l("Look at the indentation, the colons and the quotes of this line and the one above"),
    )
    KEY_NOT_TEXT = _l("a key is not plain text"), _l("Write a word and a colon")
    KEY_TWICE = _l("the key is written twice"), _l("Remove one of them")

    KEY_MISSPELT = _l("this key is not known here"), _l("Did you mean '%(near)s'?")
    KEY_UNKNOWN = _l("this key is not known here"), _l("Known keys are %(known)s")
    MISSING = _l("it is missing"), _l("Write %(key)s: %(what)s")
    NOTHING_BEHIND_COLON = _l("there is nothing behind the colon"), _l("Write its value or remove the line")
    KIND_MISSING = _l("it is missing"), _l("Write %(key)s: and one of %(words)s")
    KIND_UNKNOWN = _l("'%(given)s' is not one of the words used here"), _l("Write %(key)s: and one of %(words)s")
    KIND_MISSPELT = (
        _l("'%(given)s' is not one of the words used here"),
        _l("Did you mean '%(near)s'? Known are %(words)s"),
    )

    NO_WHOLE_NUMBER = _l("'%(given)s' is not a whole number"), _l("Write a whole number, such as 8")
    NO_NUMBER = _l("'%(given)s' is not a number"), _l("Write a number, such as 41.5")
    NO_YES_OR_NO = _l("'%(given)s' is neither yes nor no"), _l("Write true or false")
    NO_DATE = _l("'%(given)s' is not a date"), _l("Write year, month and day, such as 2026-11-30")
    NO_TEXT = _l("this is not a text"), _l("Write the text behind the colon, or below '|' and indented")
    TOO_SHORT = _l("the text is too short"), _l("Write at least %(min_length)s characters")
    TOO_LONG = _l("the text is too long"), _l("Write at most %(max_length)s characters")
    PATTERN = _l("'%(given)s' has a character that does not belong there"), _l("Match %(pattern)s")
    NOT_OFFERED = _l("'%(given)s' is not one of the words used here"), _l("Write %(expected)s")
    NO_LIST = _l("this is not a list"), _l("Write one line per item, each beginning with '- '")
    TOO_FEW = _l("there are too few"), _l("Write at least %(min_length)s")
    TOO_MANY = _l("there are too many"), _l("Write at most %(max_length)s")
    NO_GROUP = _l("this is not a group of keys"), _l("Write the keys below it, indented by two spaces")
    LESS_THAN_LEAST = _l("'%(given)s' is too small"), _l("Write %(ge)s or more")
    NOT_MORE_THAN = _l("'%(given)s' is too small"), _l("Write more than %(gt)s")
    MORE_THAN_MOST = _l("'%(given)s' is too large"), _l("Write %(le)s or less")
    OTHERWISE = _l("it cannot be taken as it is (%(said)s)"), _l("Write it as the documentation of this file says")


@dataclass(frozen=True)
class FileProblem:
    """One thing that is wrong in a file, and what to write instead."""

    file: str
    line: int
    """Counted from 1; 0 when the problem is the file itself."""
    field: str
    rule: Rule
    names: Mapping[str, object] = dataclass_field(default_factory=dict)
    """What the rule's sentences speak of, and under `hint` what the schema describes at the place itself."""

    @property
    def problem(self) -> str:
        """What is wrong, in the language spoken now."""
        return str(self.rule.problem) % self.names

    @property
    def cure(self) -> str:
        """What to write instead, in the language spoken now."""
        hint = self.names.get("hint")
        return _("Write %(hint)s", hint=hint) if hint else str(self.rule.cure) % self.names

    @property
    def said(self) -> tuple[str, str]:
        """Problem and cure as whole sentences in the language spoken now: for pages."""
        problem, cure = self.problem, self.cure
        return f"{problem[:1].upper()}{problem[1:]}.", cure if cure.endswith((".", "?", "…")) else f"{cure}."

    def __str__(self) -> str:
        """Return place, problem and cure in English: for commands and logs."""
        with speaking("en"):
            place = [self.file, f"line {self.line}" if self.line else "", self.field]
            return f"{', '.join(part for part in place if part)}: {self.problem}. {self.said[1]}"


class Wrong(ValueError):
    """What a schema's own validator raises: the rule that is broken, and what its sentences speak of."""

    def __init__(self, rule: Rule, **names: object) -> None:
        super().__init__(rule.name)
        self.rule = rule
        self.names = names


class Meant:
    """What the writer of an unknown name may have meant, as words to stand behind 'Correct the id'."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self._known = sorted(known)
        self._near = difflib.get_close_matches(name, self._known, n=1)

    def __str__(self) -> str:
        """Return the words in the language spoken now; nothing when nothing is known."""
        if self._near:
            return " " + _("(did you mean '%(name)s'?)", name=self._near[0])
        return " " + _("(known here: %(names)s)", names=", ".join(self._known[:10])) if self._known else ""
