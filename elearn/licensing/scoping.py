"""Which licences an operator manages."""

from sqlalchemy import ColumnElement

from elearn.catalogue.models import Course
from elearn.core.scope import HouseScope, OperatorScope
from elearn.licensing.models import Licence


def within(scope: OperatorScope) -> ColumnElement[bool]:
    """Return the condition on `Licence`: those of the house's courses, or those of the buyer's municipality."""
    if isinstance(scope, HouseScope):
        return Licence.course.has(Course.course_house_id == scope.course_house_id)
    return Licence.municipality_id == scope.municipality_id
