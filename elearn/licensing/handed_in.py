"""Reading the lists of people that operators have handed in, and what each would do now."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import EmailAddress
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope
from elearn.licensing.lists.plan import Known, Plan, department_key, plan
from elearn.licensing.models import Licence, Seat, SeatList
from elearn.licensing.scoping import lists_within
from elearn.organisations.models import Department


def seat_list(session: Session, scope: OperatorScope, list_id: int) -> SeatList:
    """Return a list of a licence that the operator manages. Raises `NotFound`."""
    found = session.scalar(
        select(SeatList)
        .join(SeatList.licence)
        .where(SeatList.id == list_id, lists_within(scope))
        .options(joinedload(SeatList.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)))
    )
    if found is None:
        raise NotFound("no such list")
    return found


def plan_of(session: Session, found: SeatList) -> Plan:
    """Return what a list would do if it were confirmed now."""
    departments = session.execute(
        select(Department.id, Department.name).where(Department.municipality_id == found.licence.municipality_id)
    )
    seated = (
        select(EmailAddress.normalised)
        .join(Seat, Seat.person_id == EmailAddress.person_id)
        .where(Seat.licence_id == found.licence_id)
    )
    known = Known({department_key(row.name): row.id for row in departments}, set(session.scalars(seated)))
    return plan(found.rows, known)
