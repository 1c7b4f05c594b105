"""The rules that hold for a form beyond what holds for any file (`core.file_rules`), and what is said of its file."""

from elearn.core.file_rules import Rule
from elearn.core.i18n import lazy_gettext as _l


class FormRule(Rule):
    """A rule that a form may break, in its file as well as in the browser (`form_rules`)."""

    SECTION_TWICE = _l("there is a section '%(id)s' already"), _l("Give one of them another id")
    QUESTION_TWICE = (
        _l("there is a question '%(id)s' already"),
        _l("Give one of them another id: the one that is new, since answers hang on ids"),
    )
    SHOW_IF_UNKNOWN = (
        _l("the form has no question '%(question)s'"),
        _l("Write the id of an earlier question%(meant)s"),
    )
    SHOW_IF_LATER = (
        _l("the question '%(question)s' does not come before this one"),
        _l("Move it up, or write the id of an earlier question"),
    )
    SHOW_IF_NOT_OFFERED = (
        _l("the question '%(question)s' has no answer '%(answer)s'"),
        _l("Write one of %(known)s"),
    )
    SHOW_IF_UNCOUNTABLE = (
        _l("no question can hang on the answers to '%(question)s', which is of type %(type)s"),
        _l("Name a question of type scale, rating, recommendation, single or multiple"),
    )
    TOO_MANY_AFTER_MODULE = (
        _l("a form after each module has at most %(most)s questions"),
        _l("Remove some, or write moment: completion"),
    )
    GUESTS_ON_REQUEST = (
        _l("guests answer at an occasion, by its code"),
        _l("Write moment: on-request, or take guest out of audience"),
    )
    ASKS_FIRST_BEFORE_START = (
        _l("only a form before the start can be asked first"),
        _l("Remove the line, or write moment: before-start"),
    )
    COMPARES_WITH_UNKNOWN = (
        _l("the course has no form '%(form)s'"),
        _l("Write the id of one of its forms%(meant)s"),
    )
    COMPARES_WITH_ITSELF = (
        _l("a form is not compared with itself"),
        _l("Write the id of the form that comes before it"),
    )
    COMPARES_AUDIENCES = (
        _l("the form '%(form)s' asks others (%(audience)s)"),
        _l("Write the same audience in both, or remove compares_with"),
    )
    COMPARES_NAMED = (
        _l("one of the two forms is not anonymous"),
        _l("Write anonymous: true in both, or remove compares_with"),
    )
    COMPARES_AFTER_MODULE = (
        _l("a form after each module is answered several times, so that nothing pairs its answers"),
        _l("Remove compares_with"),
    )
    COMPARES_NOTHING = (
        _l("no question stands in both this form and '%(form)s'"),
        _l("Give the questions that belong together the same id, or remove compares_with"),
    )
    OTHER_MEANING = (
        _l("the question '%(id)s' of the form '%(form)s' takes other answers, but one id means one question"),
        _l("Give this question another id, or the same type and the same answers"),
    )
    SECTION_EMPTY = _l("the section asks nothing"), _l("Add a question, or remove the section")
    """Only drafts come to that: the schema refuses it in a file."""
    SOURCE_TEXT_MISSING = (
        _l("the text is missing in the course's first language"),
        _l("Add %(language)s: and the text"),
    )


class FormFileRule(Rule):
    """A rule that only the file of a form can break."""

    STRAY_FILE = _l("this file is not a form"), _l("Call it <id>.yaml if it is meant as one, or remove it")
    ID_NOT_FILE = (
        _l("the id is '%(id)s', but the file is called '%(name)s.yaml'"),
        _l("Write id: %(name)s, or rename the file"),
    )
    CHOICE_TWICE = _l("there is a '%(id)s' already"), _l("Give one of them another id")
    AUDIENCE_TWICE = _l("an audience is written twice"), _l("Remove one of them")
    LEAST_OVER_MOST = (
        _l("least (%(least)s) is more than most (%(most)s)"),
        _l("Exchange them, or correct one"),
    )
    LABELS = _l("there are %(number)s labels"), _l("Write 5 or 7, one for each point, the lowest first")
    NOT_TRANSLATED = (
        _l("not written in %(language)s: shown in %(shown)s"),
        _l("Add %(code)s: and the text when you can"),
    )
    CHANGED = (
        _l("no new version may change %(what)s"),
        _l("Write what stood there, or make a new form with an id of its own"),
    )
    QUESTION_CHANGED = (
        _l("the question '%(question)s' took other answers in version %(version)s"),
        _l("Give the question another id, since answers hang on ids, or let it ask as it did"),
    )
    COMPARED_TOO_LATE = (
        _l("the question '%(question)s' has been answered while only one of two forms asked it"),
        _l("Give it another id in this form, or close the round first: the next one compares it"),
    )
