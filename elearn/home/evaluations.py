"""What the pages of an evaluation share: owner, buyer and leader read the same blocks, each within their scope."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from elearn.catalogue import queries as catalogue
from elearn.catalogue.content import Text
from elearn.catalogue.queries import CourseOutline
from elearn.core import clock
from elearn.core.i18n import language
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope
from elearn.evaluation import queries, summary, words
from elearn.evaluation.blocks import Changes, Chapter, RateRow, Shares, chapters, rate_rows
from elearn.evaluation.method import method
from elearn.evaluation.queries import Published, Reader
from elearn.evaluation.reading import answers_of
from elearn.feedback import words as form_words
from elearn.feedback.models import FeedbackText
from elearn.organisations.models import Municipality
from elearn.organisations.sectors import SECTORS

MONDAY, RELEASE_HOUR = 0, 6


@dataclass(frozen=True)
class Shown:
    """An evaluation as a page shows it."""

    published: Published
    sentences: list[str]
    not_shown: str
    hidden: int
    """How many sectors have no figure of the first chart."""
    rates: list[RateRow]
    all_rates: list[RateRow]
    """Those of all municipalities, where the page is about one."""
    chapters: list[Chapter]
    quotes: list[FeedbackText]
    is_part: bool
    """Whether the page is about one municipality."""


def shown(
    session: Session,
    scope: Reader,
    round_id: int,
    *,
    municipality: Municipality | None = None,
    modules: dict[str, str] | None = None,
) -> Shown:
    """Return what is shown of a round: of all, or of a municipality beside all. Raises `NotFound`."""
    own_id = municipality.id if municipality else None
    published = queries.published_results(session, scope, round_id, municipality_id=own_id)
    read = chapters(published, own=municipality.official_name if municipality else "", modules=modules)
    sectors = [each for chapter in read for each in chapter.sectors]
    return Shown(
        published=published,
        sentences=summary.in_short(published, own=municipality is not None),
        not_shown=summary.not_shown(),
        hidden=len(sectors[0].hidden) if sectors else 0,
        rates=rate_rows(published, published.completion(own_id), own_id),
        all_rates=rate_rows(published, None, None) if municipality else [],
        chapters=read,
        quotes=queries.quotes(session, scope, round_id),
        is_part=municipality is not None,
    )


def course_of(session: Session, scope: Reader, course_id: int) -> CourseOutline:
    """Return a course whose evaluation somebody may read; the caller has found the round within their scope."""
    if isinstance(scope, HouseScope):
        return catalogue.course(session, scope, course_id)
    return catalogue.outlines(session, MunicipalityScope(scope.municipality_id, scope.person_id), [course_id])[0]


def module_titles(course: CourseOutline) -> dict[str, str]:
    """Return the titles of a course's modules by their keys."""
    return {module.content.key: str(module.content.title(language())) for module in course.modules}


def list_context(session: Session, scope: MunicipalityScope | DepartmentScope) -> dict[str, Any]:
    """Return what a buyer's and a leader's list of evaluations shows."""
    rounds = queries.rounds(session, scope)
    titles = catalogue.titles(session, scope, {row.round.course_id for row in rounds}, language())
    return {"rounds": rounds, "titles": titles, "next_release": next_release(clock.now())}


def page_context(
    session: Session, scope: MunicipalityScope | DepartmentScope, round_id: int, municipality: Municipality
) -> dict[str, Any]:
    """Return what a buyer and a leader see of a round. Raises `NotFound`."""
    course = course_of(session, scope, queries.find_round(session, scope, round_id).course_id)
    return {
        "title": course.content.title(language()),
        "shown": shown(session, scope, round_id, municipality=municipality, modules=module_titles(course)),
        **drawing(),
    }


def method_context() -> dict[str, Any]:
    """Return what the page about the method says."""
    return {"method": method()}


def drawing() -> dict[str, Any]:
    """Return what the templates of an evaluation use beside what they show."""
    return {
        "words": words,
        "states": words.STATES,
        "sectors": {code: str(name) for code, name in SECTORS.items()},
        "say": lambda texts: form_words.say(texts, language()),
        "ends_of": _ends,
        "rows_of": lambda block: [(row.label, row.whose, row.figure) for row in block.rows],
        "tuples_of": _share_tuples,
    }


def next_release(now: datetime) -> datetime:
    """Return when answers are released next: Monday at six in the morning, in Copenhagen."""
    local = now.astimezone(clock.ZONES["DK"])
    at = local.replace(hour=RELEASE_HOUR, minute=0, second=0, microsecond=0)
    at += timedelta(days=(MONDAY - local.weekday()) % 7)
    return at if at > local else at + timedelta(days=7)


def _ends(block: Changes) -> tuple[Text, Text] | None:
    """Return the words at both ends of a chart's scale."""
    answers = answers_of(block.group.question) if block.group else []
    return (answers[0][1], answers[-1][1]) if len(answers) > 1 else None


def _share_tuples(block: Shares) -> list[tuple[Text, Any, Any, Any, Any]]:
    return [(row.label, row.share, row.interval, row.count, row.total) for row in block.rows]
