"""What the owner's pages call the parts of a form, and what they say of a draft that is not ready."""

from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.form_files import Audience, Level, Moment
from elearn.feedback.form_rules import Breach
from elearn.feedback.form_sentences import FormRule
from elearn.feedback.questions import QuestionFile
from elearn.feedback.words import say

AUDIENCES = {
    Audience.STAFF: _l("Staff"),
    Audience.LEADER: _l("Leaders"),
    Audience.BUYER: _l("Buyers"),
    Audience.GUEST: _l("Guests at an occasion"),
}
MOMENTS = {
    Moment.BEFORE_START: _l("Before the start"),
    Moment.AFTER_MODULE: _l("After each module"),
    Moment.COMPLETION: _l("When the course is completed"),
    Moment.LATER: _l("90 days later"),
    Moment.ON_REQUEST: _l("On request"),
}
LEVELS = {
    Level.REACTION: _l("What people think of the course"),
    Level.LEARNING: _l("What they can do"),
    Level.BEHAVIOUR: _l("What they do"),
    Level.RESULTS: _l("What has come of it in the department"),
}
TYPES = {
    "scale": _l("Labelled scale"),
    "rating": _l("One to five stars"),
    "recommendation": _l("Would you recommend it, 0 to 10"),
    "single": _l("Choose one"),
    "multiple": _l("Choose several"),
    "number": _l("A number"),
    "matrix": _l("Several statements on one scale"),
    "short_text": _l("A line of text"),
    "long_text": _l("Some lines of text"),
}
SENTENCES = {
    FormRule.SECTION_EMPTY: _l("This section asks nothing yet. Add a question, or remove the section."),
    FormRule.SECTION_TWICE: _l("There are two sections with this id. Remove one of them."),
    FormRule.QUESTION_TWICE: _l("There are two questions with this id. Remove one of them."),
    FormRule.SHOW_IF_UNKNOWN: _l("It depends on a question that is not there any more. Choose again when it is asked."),
    FormRule.SHOW_IF_LATER: _l("It depends on a question that comes after it. Move one of them, or choose again."),
    FormRule.SHOW_IF_NOT_OFFERED: _l(
        "It depends on an answer that is not there any more. Choose again when it is asked."
    ),
    FormRule.SHOW_IF_UNCOUNTABLE: _l("It depends on a question without fixed answers. Choose again when it is asked."),
    FormRule.TOO_MANY_AFTER_MODULE: _l("A form after each module has at most two questions. Remove some."),
    FormRule.GUESTS_ON_REQUEST: _l("Guests answer at an occasion: choose “On request”."),
    FormRule.ASKS_FIRST_BEFORE_START: _l("Only a form before the start can be asked first."),
    FormRule.COMPARES_WITH_UNKNOWN: _l("The form it is compared with is not there, or asks nobody any more."),
    FormRule.COMPARES_WITH_ITSELF: _l("A form is not compared with itself."),
    FormRule.COMPARES_AUDIENCES: _l("The form it is compared with asks other people. Choose the same in both."),
    FormRule.COMPARES_NAMED: _l("Compared forms are anonymous, both of them."),
    FormRule.COMPARES_AFTER_MODULE: _l("A form after each module is answered several times and cannot be compared."),
    FormRule.COMPARES_NOTHING: _l("It shares no question with the form it is compared with. Copy one from there."),
    FormRule.OTHER_MEANING: _l("Another form asks this id with other answers. Remove the question and add it anew."),
    FormRule.SOURCE_TEXT_MISSING: _l("A text is missing in the course’s first language."),
}


def sentence(breach: Breach) -> str:
    """Return what is wrong with a draft and what to do, in the language spoken now."""
    return str(SENTENCES[breach.rule])


def answers_of(question: QuestionFile) -> list[tuple[str, str]]:
    """Return the answers that another question may hang on, with their words in the language spoken now."""
    words = [option.text for option in getattr(question, "options", [])] or getattr(question, "labels", [])
    offered = question.offers()
    if len(words) == len(offered):
        return [(answer, str(say(text, language()))) for answer, text in zip(offered, words, strict=True)]
    return [(answer, answer) for answer in offered]


def change_words(what: str, words: dict[str, str] | None) -> str:
    """Return one change of a version in words."""
    if words is None:
        return _("The heading was changed.")
    text = say(words, language()).value
    if what == "added":
        return _("New: %(text)s", text=text)
    if what == "removed":
        return _("Removed: %(text)s", text=text)
    return _("Changed: %(text)s", text=text)
