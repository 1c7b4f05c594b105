"""Where somebody who has just got a seat goes."""

from flask import url_for

from elearn.accounts.models import Person


def first_page(person: Person) -> str:
    """Return the address of a person's first page: how to leave comes before the courses, once."""
    courses = url_for("learning.my_courses")
    return courses if person.leave_page_explained_at else url_for("accounts.how_to_leave", next=courses)
