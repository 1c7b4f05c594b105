"""What the editor calls the parts of a course, and how it tells what has changed."""

from collections.abc import Iterable

from elearn.catalogue.course_changes import Change, What
from elearn.catalogue.course_files import Place
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l

CLOSENESS = {"told": _l("Somebody tells about it"), "heard": _l("It is heard"), "seen": _l("It is seen")}
PLACES = {
    "title": _l("Title"),
    "summary": _l("Summary"),
    "description": _l("Description"),
    "text": _l("Text"),
    "practice": _l("Practice task"),
    "lessons": _l("Title of the film"),
    "notices": _l("Notice"),
    "questions": _l("Question"),
    "resources": _l("Text of the link"),
}
PARTS = {
    "languages": _l("languages"),
    "audience": _l("whom it is for"),
    "completion": _l("when a film counts as seen"),
    "title": _l("title"),
    "summary": _l("summary"),
    "description": _l("description"),
    "text": _l("text"),
    "practice": _l("practice task"),
    "lessons": _l("films"),
    "notices": _l("notices"),
    "questions": _l("questions"),
    "resources": _l("links"),
    "open": _l("who may watch it"),
    "minutes": _l("minutes"),
}


def place_name(place: Place) -> str:
    """Return what a text is called."""
    return str(PLACES[place[2] if len(place) > 2 else place[0]])


def change_words(change: Change, titles: dict[str, str]) -> str:
    """Return one change in words; `titles` are those of the modules, by id."""
    title = titles.get(change.module or "", change.module or "")
    parts = _listed(str(PARTS[part]) for part in change.parts)
    if change.languages:
        parts = f"{parts} ({_listed(LANGUAGES[code] for code in change.languages)})"
    match change.what:
        case What.ADDED:
            return _("New module: %(title)s", title=title)
        case What.REMOVED:
            return _("Removed: %(title)s", title=title)
        case What.ORDER:
            return _("The order of the modules")
        case What.CHANGED:
            return _("%(title)s: %(parts)s", title=title, parts=parts)
        case What.FACTS | What.TEXTS:
            return _("The course: %(parts)s", parts=parts)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
