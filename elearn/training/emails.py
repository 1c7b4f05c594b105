"""The reminder of what is due. Subject and text never say what a course is about."""

from sqlalchemy.orm import Session

from elearn.core.i18n import format_day, speaking
from elearn.mail.models import Letter
from elearn.mail.services import queue
from elearn.training.models import RuleKind, TrainingDue


def reminder(session: Session, due: TrainingDue, *, is_late: bool) -> Letter:
    """Queue the one letter before a day, or the one after it."""
    person, rule = due.person, due.rule
    with speaking(person.language):
        day = format_day(due.due_on, short=True)
    is_refresher = rule.kind == RuleKind.REFRESHER
    return queue(
        session,
        "training/reminder",
        to=person.address,
        language=person.language,
        context={
            "name": person.first_name,
            "municipality": rule.municipality.official_name,
            "house": rule.course.course_house.name,
            "day": day,
            "is_late": is_late,
            "is_refresher": is_refresher,
            "path": f"/learn/refreshers/{due.id}" if is_refresher else "/learn",
        },
    )
