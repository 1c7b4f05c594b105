"""The rules that hold for a course's files beyond what holds for any file (`core.file_rules`)."""

from elearn.core.file_rules import Rule
from elearn.core.i18n import lazy_gettext as _l

PROGRESS_HANGS_ON_IDS = _l("Give one of them another id: the one that is new, since progress hangs on ids")


class CourseRule(Rule):
    """A rule that a course's files may break."""

    NO_ID = (
        _l("'%(given)s' is not an id"),
        _l("Write at most %(most)s small letters a–z, digits and single hyphens, such as why-we-ask"),
    )
    NO_LANGUAGE = _l("'%(given)s' is not one of the product's languages"), _l("Write one of %(known)s")
    NO_SECTOR = _l("'%(given)s' is not a sector"), _l("Write one of %(known)s")
    NO_ADDRESS = _l("'%(given)s' is not an address"), _l("Write the whole address, such as https://www.jegvet.no/")
    NOT_HTTP = (
        _l("'%(given)s' does not begin with https:// or http://"),
        _l("Write the whole address, such as https://www.jegvet.no/"),
    )
    CANNOT_BE_OPENED = (
        _l("'%(given)s' is not an address that can be opened"),
        _l("Write the whole address, such as https://www.jegvet.no/"),
    )
    NO_CHARACTER = _l("the text holds a character that is not text"), _l('Remove the escape, such as "\\0"')
    SEVERAL_LINES = (
        _l("the text runs over several lines"),
        _l("Write it as one line (with '>-' it may be broken in the file)"),
    )
    TWICE = _l("'%(given)s' is written twice"), _l("Remove one of them")
    IMAGE = _l("a text cannot hold an image"), _l("Remove it. Pictures belong in the film")
    LINK = (
        _l("the link to '%(link)s' leads nowhere from here"),
        _l("Write the whole address, beginning with https:// (or mailto: or tel:)"),
    )

    ID_NOT_FOLDER = (
        _l("the id is '%(id)s', but the folder is called '%(folder)s'"),
        _l("Write id: %(folder)s, or rename the folder"),
    )
    MODULE_TWICE = _l("there is a module '%(id)s' already"), PROGRESS_HANGS_ON_IDS
    LESSON_TWICE = _l("there is a lesson '%(id)s' already"), PROGRESS_HANGS_ON_IDS
    NOTICE_TWICE = _l("there is a notice of the passage '%(id)s' already"), _l("Remove one of them")
    RESOURCE_TWICE = _l("there is a resource '%(id)s' already"), _l("Give one of them another id")
    LANGUAGE_NOT_NAMED = (
        _l("course.yaml does not name the language '%(language)s'"),
        _l("Add %(language)s to languages in course.yaml, or remove this file"),
    )
    STRAY_FILE = _l("this file is not part of a course"), _l("Call it %(names)s, or remove it")

    FILM_UNKNOWN = (
        _l("there is no film '%(film)s' in %(folder)s"),
        _l("Correct the id%(meant)s, or add the film: in the browser, or with `elearn media add`"),
    )
    FILM_SPEAKS_OTHERWISE = (
        _l("the film '%(film)s' stands here as '%(language)s', but its manifest says that it is '%(spoken)s'"),
        _l("Write {%(spoken)s: %(film)s}, or correct language in the manifest"),
    )
    FILM_HALF_WRITTEN = (
        _l("of the part that `elearn media add` writes, source or duration is gone"),
        _l("Run `elearn media add FILE --id %(film)s` with the film's file"),
    )
    LESSON_UNKNOWN = (
        _l("the module '%(module)s' has no lesson '%(lesson)s'"),
        _l("Write the id of one of its lessons%(meant)s"),
    )
    PASSAGE_UNKNOWN = (
        _l("the film '%(film)s' has no passage '%(passage)s'"),
        _l("Correct the id%(meant)s, or add it to passages in %(film)s.yaml"),
    )

    MODULE_UNKNOWN = (
        _l("course.yaml has no module '%(id)s'"),
        _l("Correct the id%(meant)s, or add the module to course.yaml"),
    )
    TEXT_OF_NO_LESSON = (
        _l("course.yaml has no lesson '%(id)s' in the module '%(module)s'"),
        _l("Correct the id%(meant)s, or add it to course.yaml"),
    )
    TEXT_OF_NO_NOTICE = (
        _l("course.yaml has no notice '%(id)s' in the module '%(module)s'"),
        _l("Correct the id%(meant)s, or add it to course.yaml"),
    )
    TEXT_OF_NO_QUESTION = (
        _l("course.yaml has no question '%(id)s' in the module '%(module)s'"),
        _l("Correct the id%(meant)s, or add it to course.yaml"),
    )
    TEXT_OF_NO_RESOURCE = (
        _l("course.yaml has no resource '%(id)s' in the module '%(module)s'"),
        _l("Correct the id%(meant)s, or add it to course.yaml"),
    )
    TEXT_OF_NO_PRACTICE = (
        _l("course.yaml does not say that this module has a practice task"),
        _l("Write practice: true in course.yaml, or remove the text"),
    )
    MODULE_WITHOUT_TEXTS = (
        _l("the module '%(id)s' has no texts"),
        _l("Write %(id)s: below modules, with its texts below it"),
    )
    TEXT_MISSING = _l("the text is missing"), _l("Write %(key)s: and the text")
    TEXT_MISSING_BELOW = _l("the text is missing"), _l("Write %(key)s: and the text below %(above)s")

    NOT_TRANSLATED = _l("not translated: shown in %(shown)s"), _l("Translate it when you can")
    NO_CAPTIONS = (
        _l("the film '%(film)s' has no captions in %(languages)s"),
        _l("Add them: in the browser, or with `elearn media add --captions %(language)s=FILE`"),
    )


TEXTS_OF_NOTHING = {
    "lessons": CourseRule.TEXT_OF_NO_LESSON,
    "notices": CourseRule.TEXT_OF_NO_NOTICE,
    "questions": CourseRule.TEXT_OF_NO_QUESTION,
    "resources": CourseRule.TEXT_OF_NO_RESOURCE,
}
"""By the group of a module's texts in which one stands that belongs to nothing."""
