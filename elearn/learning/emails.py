"""Letters about what was completed. Subjects and texts never name a course: others may glimpse them."""

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.learning.models import Completion
from elearn.mail.services import queue


def completed(session: Session, completion: Completion) -> None:
    """Tell a person that they are through a course and where their certificate is."""
    person = completion.person
    queue(
        session,
        "learning/completed",
        to=person.address,
        language=person.language,
        context={"name": person.first_name, "house": completion.course.course_house.name},
    )


def nudge(session: Session, *, person: Person, house: str) -> None:
    """Tell a person that their place in a course is kept."""
    queue(
        session,
        "learning/nudge",
        to=person.address,
        language=person.language,
        context={"name": person.first_name, "house": house},
    )
