"""My courses, one course, and what to do when worried about a child."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import abort, render_template
from werkzeug.wrappers import Response

from elearn.catalogue.queries import CourseOutline, outline, outlines
from elearn.core.i18n import language
from elearn.learning import lines, queries
from elearn.learning.around import country_here, explain_leaving_first, municipality_here, stand_in
from elearn.learning.help_lines import phone_link
from elearn.learning.models import Certificate
from elearn.learning.progress import CourseProgress
from elearn.learning.standing import CourseStanding, Standing, standings_of
from elearn.learning.views import bp
from elearn.licensing.models import Licence
from elearn.licensing.waiting_lists import askable_licences, requests_of
from elearn.organisations.access import person_scope
from elearn.organisations.queries import buyers
from elearn.web import access
from elearn.web.session import current_session

MOST_NAMES = 3

T = TypeVar("T")


@dataclass(frozen=True)
class CourseCard:
    """A course as its own line on a page."""

    course: CourseOutline
    standing: CourseStanding
    progress: CourseProgress | None
    """Only where the course is open."""
    certificate: Certificate | None
    ask: list[str]
    """Who may give a new seat where the course is closed: the names of the municipality's buyers."""

    @property
    def title(self) -> str:
        """The course's title in the language spoken now."""
        return str(self.course.content.title(language()))

    @property
    def is_open(self) -> bool:
        """Whether it can be watched today."""
        return self.standing.standing is Standing.OPEN


@bp.get("/learn")
@access.signed_in
def my_courses() -> str | Response:
    """Show where to carry on, then every course with what is seen and what is left."""
    if redirected := explain_leaving_first():
        return redirected
    session, scope = current_session(), person_scope()
    cards = _cards(standings_of(session, scope))
    open_ones = [card for card in cards if card.is_open]
    if open_ones:
        stand_in(open_ones[0].standing.licence.municipality)
    return render_template(
        "learning/my-courses.html",
        nav="courses",
        cards=cards,
        now=_carry_on(open_ones),
        employers=_employers(open_ones),
        notes=queries.note_count(session, scope),
        lines=lines,
        requests=_titled(requests_of(session, scope), lambda own: own.request.licence),
        askable=_titled(askable_licences(session, scope), lambda licence: licence),
    )


@bp.get("/learn/<int:course_id>")
@access.signed_in
def course(course_id: int) -> str | Response:
    """Show a course: its modules, what is left, its rule. A closed one says why, and what stays the person's own."""
    if redirected := explain_leaving_first():
        return redirected
    session, scope = current_session(), person_scope()
    standing = next((each for each in standings_of(session, scope) if each.course_id == course_id), None)
    if standing is None:
        abort(404)
    stand_in(standing.licence.municipality)
    card = _card(outline(session, scope, course_id), standing)
    template = "learning/course.html" if card.is_open else "learning/closed.html"
    return render_template(template, nav="courses", card=card, lines=lines)


@bp.get("/learn/worried")
@access.anyone
def worried() -> str:
    """Say what to do when worried about a child: the duty in both countries, and where to report. No channel here."""
    return render_template(
        "learning/worried.html",
        nav="",
        country=country_here(),
        municipality=municipality_here(),
        phone_link=phone_link,
    )


def _titled(found: Sequence[T], licence_of: Callable[[T], Licence]) -> list[tuple[T, str]]:
    """Return each thing with the title of its licence's course."""
    course_ids = {licence_of(each).course_id for each in found}
    courses = outlines(current_session(), person_scope(), course_ids) if course_ids else []
    titles = {course.id: str(course.content.title(language())) for course in courses}
    return [(each, titles[licence_of(each).course_id]) for each in found if licence_of(each).course_id in titles]


def _cards(found: Sequence[CourseStanding]) -> list[CourseCard]:
    session, scope = current_session(), person_scope()
    if not found:
        return []
    courses = {each.id: each for each in outlines(session, scope, [standing.course_id for standing in found])}
    open_ids = [each.course_id for each in found if each.standing is Standing.OPEN and each.course_id in courses]
    progress = {
        each.course.id: each
        for each in queries.courses_progress(session, scope, [courses[id_] for id_ in open_ids], language())
    }
    certificates = _certificates()
    return [
        CourseCard(
            courses[each.course_id], each, progress.get(each.course_id), certificates.get(each.course_id), _ask(each)
        )
        for each in found
        if each.course_id in courses
    ]


def _card(course: CourseOutline, standing: CourseStanding) -> CourseCard:
    progress = None
    if standing.standing is Standing.OPEN:
        progress = queries.course_progress(current_session(), person_scope(), course, language())
    return CourseCard(course, standing, progress, _certificates().get(course.id), _ask(standing))


def _ask(standing: CourseStanding) -> list[str]:
    if standing.standing not in (Standing.ENDED, Standing.TAKEN_BACK):
        return []
    found = buyers(current_session(), person_scope(), standing.licence.municipality_id)
    return [person.name for person in found if person.name][:MOST_NAMES]


def _certificates() -> dict[int, Certificate]:
    found = queries.certificates(current_session(), person_scope())
    return {each.completion.course_id: each for each in found}


def _carry_on(cards: list[CourseCard]) -> CourseCard | None:
    """Return the open course that was watched last, else the first that lacks something."""
    unfinished = [card for card in cards if card.progress and card.progress.here]
    begun = [card for card in unfinished if _last_watched(card)]
    return max(begun, key=_last_watched) if begun else next(iter(unfinished), None)


def _last_watched(card: CourseCard) -> float:
    here = card.progress.here if card.progress else None
    return here.lesson.watched_at.timestamp() if here and here.lesson.watched_at else 0.0


def _employers(cards: list[CourseCard]) -> list[str]:
    names = [each.official_name for card in cards for each in card.standing.municipalities]
    return list(dict.fromkeys(names))
