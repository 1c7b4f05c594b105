"""The reminder to answer. Subject and text never say what a course is about."""

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.feedback.models import FeedbackForm
from elearn.mail.services import queue


def reminder(session: Session, *, person: Person, form: FeedbackForm) -> None:
    """Queue a reminder of a form that somebody has not answered."""
    queue(
        session,
        "feedback/reminder",
        to=person.address,
        language=person.language,
        context={
            "name": person.first_name,
            "house": form.course.course_house.name,
            "is_anonymous": form.is_anonymous,
            "path": f"/feedback/{form.id}",
            "decline_path": f"/feedback/{form.id}/reminders",
        },
    )
