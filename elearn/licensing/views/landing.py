"""Where somebody who has just got a seat goes."""

from flask import url_for

from elearn.accounts.models import Person


def first_page(person: Person, *, course_id: int | None = None) -> str:
    """Return the address of a person's courses, or one of them; how to leave the page comes before it, once."""
    wanted = url_for("learning.my_courses") if course_id is None else url_for("learning.course", course_id=course_id)
    return wanted if person.leave_page_explained_at else url_for("accounts.how_to_leave", next=wanted)
