"""What a module's page shows, gathered once for its three readers: learners, visitors of an open module, owners."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from elearn.catalogue.content import NoticeContent, Text
from elearn.catalogue.queries import CourseOutline, Film, LessonOutline, ModuleOutline
from elearn.core.errors import NotFound
from elearn.core.i18n import format_timecode, language, locale
from elearn.core.i18n import gettext as _
from elearn.learning import ranges, words
from elearn.learning.around import person_keys
from elearn.learning.models import Note
from elearn.learning.progress import LessonProgress, ModuleProgress, as_json
from elearn.media.admitting import master_at
from elearn.media.captions import TranscriptLine
from elearn.media.models import Video
from elearn.media.queries import chapters, transcript, transcript_language
from elearn.media.stores.storage import open_store
from elearn.web.client_strings import client_string, player_strings
from elearn.web.session import current_session, installation

STRETCHES_NAMED = 4


class Reader(StrEnum):
    """For whom the page is."""

    LEARNER = "learner"
    VISITOR = "visitor"
    """Of an open module: nothing is kept."""
    OWNER = "owner"
    """A preview: no seat, nothing is kept."""


@dataclass(frozen=True)
class ChapterShown:
    """A chapter and how it stands."""

    at: float
    title: str
    state: str
    """'set', 'mangler', 'nu' or 'ny', as the style sheet and the player call them; empty where nothing is kept."""
    word: str


@dataclass(frozen=True)
class NoticeShown:
    """What occurs in a passage, where, and how close it comes."""

    passage: str
    place: tuple[float, float]
    text: Text
    closeness: str
    is_skipped: bool

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return self.place[1] - self.place[0]


@dataclass(frozen=True)
class FilmShown:
    """One lesson's film with everything that stands around it."""

    lesson: LessonOutline
    film: Film
    title: Text
    progress: LessonProgress | None
    chapters: list[ChapterShown]
    notices: list[NoticeShown]
    transcript: list[TranscriptLine]
    transcript_is_away: bool
    """There is one, but where films lie does not answer."""
    transcript_language: str
    config: dict[str, Any]


@dataclass(frozen=True)
class ModulePage:
    """A module's page."""

    reader: Reader
    course: CourseOutline
    module: ModuleOutline
    number: int
    shown: FilmShown
    progress: ModuleProgress | None
    notes: dict[str, Note]
    after: ModuleOutline | None
    version: int | None = None
    """The version an owner asked for; None is the one that stands."""
    asked: str | None = None
    """The spoken language that was asked for; it goes along to other films."""

    @property
    def is_learner(self) -> bool:
        """Whether anything is kept."""
        return self.reader is Reader.LEARNER

    def url(self, module: ModuleOutline, lesson: LessonOutline | None = None, *, spoken: str | None = None) -> str:
        """Return the address of a module, or of one of its films, for the same reader."""
        film, spoken = lesson.id if lesson else None, spoken or self.asked
        if self.reader is Reader.LEARNER:
            return url_for("learning.module", module_id=module.id, film=film, spoken=spoken)
        if self.reader is Reader.VISITOR:
            return url_for("learning.open_module", slug=self.course.slug, module_id=module.id, film=film, spoken=spoken)
        return url_for(
            "learning.preview_module",
            module_id=module.id,
            film=film,
            course=self.course.id,
            version=self.version,
            spoken=spoken,
        )

    def spoken_versions(self) -> list[tuple[str, str, bool]]:
        """Return address, language and whether it is shown of each version of the film; none where there is but one."""
        films = self.shown.lesson.films
        if len(films) == 1:
            return []
        several = self.shown.lesson if len(self.module.lessons) > 1 else None
        names = locale().languages
        return [
            (self.url(self.module, several, spoken=code), names.get(code, code), code == self.shown.film.language)
            for code in sorted(films)
        ]

    def course_url(self) -> str:
        """Return the address of the course for the same reader."""
        if self.reader is Reader.LEARNER:
            return url_for("learning.course", course_id=self.course.id)
        if self.reader is Reader.VISITOR:
            return url_for("billing.course", slug=self.course.slug)
        return url_for("learning.preview_course", course_id=self.course.id, version=self.version)


def chosen_lesson(module: ModuleOutline, progress: ModuleProgress | None, film: str | None) -> LessonOutline:
    """Return the film that is asked for, else the one to carry on with: the one watched last. Raises `NotFound`."""
    if film is not None:
        return _lesson(module.lessons, film)
    if progress is not None:
        open_ = [each for each in progress.lessons if not each.is_complete]
        begun = [(each.watched_at, each.lesson.id, each) for each in open_ if each.watched_at]
        return max(begun)[-1].lesson if begun else (open_ or progress.lessons)[0].lesson
    return module.lessons[0]


def asked_language(module: ModuleOutline) -> str | None:
    """Return the spoken language that the address asks for, if the module has a film in it."""
    spoken = request.args.get("spoken", "")
    return spoken if any(spoken in lesson.films for lesson in module.lessons) else None


def show_film(
    reader: Reader,
    course: CourseOutline,
    module: ModuleOutline,
    lesson: LessonOutline,
    progress: LessonProgress | None,
) -> FilmShown:
    """Gather a film, its chapters, text and notices, and what the player is told."""
    film = progress.film if progress else lesson.films.get(asked_language(module) or "") or lesson.film(language())
    video = current_session().get_one(Video, film.video_id)
    store = open_store(installation().settings)
    written_in = transcript_language(video, language())
    spoken = written_in or film.language
    lines = transcript(video, spoken, store)
    shown_chapters = _chapters(video, film, progress)
    # An earlier version may not know the film that stands in this language today; then it has no place to name.
    known = film.language in lesson.content.films
    notices = [_notice(each, film, progress) for each in module.content.notices_of(lesson.key) if known]
    return FilmShown(
        lesson=lesson,
        film=film,
        title=lesson.content.title(language()),
        progress=progress,
        chapters=shown_chapters,
        notices=notices,
        transcript=lines,
        transcript_is_away=written_in is not None and not lines,
        transcript_language=spoken,
        config=_config(reader, course, module, lesson, film, progress, shown_chapters, notices),
    )


def missing_sentence(progress: LessonProgress) -> Markup:
    """Say what is still to watch, as the player says it."""
    passed = progress.skipped_over
    rest = next((first for first, after in progress.missing if (first, after) not in passed), None)
    start = None if rest is None else _bold(format_timecode(rest))
    if not passed:
        return _filled("missing_nothing") if start is None else _filled("missing_rest", **{"from": start})
    named = [_bold(words.stretch_text(each)) for each in passed[:STRETCHES_NAMED]]
    if len(passed) > STRETCHES_NAMED:
        named.append(escape(words.said("more_parts", count=len(passed) - STRETCHES_NAMED)))
    stretches = Markup(words.listed([str(each) for each in named]))  # noqa: S704 - every part is escaped above
    if start is None:
        return _filled("missing", ranges=stretches)
    return _filled("missing_and_rest", ranges=stretches, **{"from": start})


def _lesson(lessons: Iterable[LessonOutline], film: str) -> LessonOutline:
    for lesson in lessons:
        if str(lesson.id) == film:
            return lesson
    raise NotFound("no such film")


def _config(
    reader: Reader,
    course: CourseOutline,
    module: ModuleOutline,
    lesson: LessonOutline,
    film: Film,
    progress: LessonProgress | None,
    shown_chapters: list[ChapterShown],
    notices: list[NoticeShown],
) -> dict[str, Any]:
    tickets = {
        Reader.LEARNER: url_for("learning.ticket", lesson_id=lesson.id),
        Reader.VISITOR: url_for("learning.open_ticket", slug=course.slug, module_id=module.id, lesson_id=lesson.id),
        Reader.OWNER: url_for("learning.preview_ticket", lesson_id=lesson.id),
    }
    keeps = reader is Reader.LEARNER
    return {
        "lesson": lesson.id,
        "person_keys": person_keys() if keeps else [],
        "ticket_url": tickets[reader],
        "report_url": url_for("learning.watched", lesson_id=lesson.id) if keeps else None,
        "master": master_at(film.video_id, film.package),
        "csrf": generate_csrf(),
        "language": language(),
        "spoken": film.language,
        "poster": url_for("learning.poster", video_id=film.video_id),
        "duration": film.duration_ms / 1000,
        "length_s": film.length_s,
        "position": (progress.position_s or 0.0) if progress else 0.0,
        "progress": _progress_json(progress) if progress else None,
        "chapters": [{"at": each.at, "title": each.title} for each in shown_chapters],
        "passages": [
            {"id": each.passage, "from": each.place[0], "to": each.place[1], "skipped": each.is_skipped}
            for each in notices
        ],
        "strings": player_strings(),
    }


def _progress_json(progress: LessonProgress) -> dict[str, Any]:
    return as_json(
        seen=progress.seen,
        length_s=progress.length_s,
        position_s=progress.position_s or 0.0,
        skipped=progress.skipped,
        complete=progress.is_complete,
    )


def _notice(notice: NoticeContent, film: Film, progress: LessonProgress | None) -> NoticeShown:
    place = notice.place(film.language)
    closeness = {
        "told": _("It is told, not shown."),
        "heard": _("You hear it, but do not see it."),
        "seen": _("You see it in the picture."),
    }
    passage = ranges.seconds_in([place], film.length_s)
    return NoticeShown(
        passage=notice.passage,
        place=place,
        text=notice.text(language()),
        closeness=closeness[notice.closeness],
        is_skipped=progress is not None and bool(passage) and passage & progress.skipped == passage,
    )


def _chapters(video: Video, film: Film, progress: LessonProgress | None) -> list[ChapterShown]:
    found = chapters(video, language())
    if not found:
        return []
    ends = [at for at, _title in found[1:]] + [float(film.length_s)]
    shown = []
    for (at, title), end in zip(found, ends, strict=True):
        state, key = _chapter_state(at, end, progress) if progress else ("", "")
        shown.append(ChapterShown(at, title, state, words.said(key) if key else ""))
    return shown


def _chapter_state(begins: float, ends: float, progress: LessonProgress) -> tuple[str, str]:
    """Return a chapter's state and the key of its word (frontend/player/chapters.ts says the same)."""
    position = progress.position_s
    if position is not None and begins <= position + 0.05 < ends:
        return "nu", "chapter_here"
    reached = progress.seen.bit_length()
    lacks = [(first, after) for first, after in progress.missing if first < ends and after > begins]
    if not lacks:
        return "set", "chapter_seen"
    if reached > begins or any(after <= reached for _first, after in lacks):
        return "mangler", "chapter_missing"
    return "ny", "chapter_new"


def _filled(key: str, **values: Markup) -> Markup:
    return Markup(escape(client_string(key))).format(**values)  # noqa: S704 - the sentence is escaped here


def _bold(text: str) -> Markup:
    return Markup('<b class="num">{}</b>').format(text)
