"""Which licences an operator manages, and which lists of people they see."""

from sqlalchemy import ColumnElement, and_

from elearn.catalogue.models import Course
from elearn.core.scope import HouseScope, OperatorScope
from elearn.licensing.models import Licence, SeatList


def within(scope: OperatorScope) -> ColumnElement[bool]:
    """Return the condition on `Licence`: those of the house's courses, or those of the buyer's municipality."""
    if isinstance(scope, HouseScope):
        return Licence.course.has(Course.course_house_id == scope.course_house_id)
    return Licence.municipality_id == scope.municipality_id


def lists_within(scope: OperatorScope) -> ColumnElement[bool]:
    """Return the condition on `SeatList`, whose licence the statement joins: which lists of people an operator sees.

    A list may name people who are never invited, so an owner sees only what they have handed in themselves; buyers see
    all that concerns their municipality.
    """
    if isinstance(scope, HouseScope):
        return and_(within(scope), SeatList.created_by_id == scope.person_id)
    return within(scope)
