"""A municipality's own settings: where its e-invoices go, and whether its learners get a gentle reminder."""

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.organisations.errors import NumberTaken
from elearn.organisations.models import GlnNumber, Municipality
from elearn.organisations.numbers import check_gln, check_org_number

GLN_ADDED = audit.kind("organisations.gln.added", "gln")
GLN_REMOVED = audit.kind("organisations.gln.removed", "gln")
NUDGES_CHOSEN = audit.kind("organisations.nudges.chosen", "nudges")
ORG_NUMBER_WRITTEN = audit.kind("organisations.org_number.written", "org_number")


def add_gln(session: Session, *, scope: MunicipalityScope, gln: str, label: str, by_id: int | None) -> GlnNumber:
    """Add a GLN (EAN) number and which unit it is.

    Raises `NumberHasOtherLength`, `NumberNotValid`, `NumberTaken` when the municipality has it already.
    """
    number = GlnNumber(municipality_id=scope.municipality_id, gln=check_gln(gln), label=label.strip())
    try:
        with session.begin_nested():
            session.add(number)
    except IntegrityError:
        raise NumberTaken from None
    audit.record(session, GLN_ADDED, actor_id=by_id, municipality_id=scope.municipality_id, gln=number.gln)
    return number


def remove_gln(session: Session, *, scope: MunicipalityScope, gln_id: int, by_id: int | None) -> None:
    """Remove a GLN number. Raises `NotFound`."""
    gln = session.scalar(
        delete(GlnNumber)
        .where(GlnNumber.id == gln_id, GlnNumber.municipality_id == scope.municipality_id)
        .returning(GlnNumber.gln)
    )
    if gln is None:
        raise NotFound("no such number")
    audit.record(session, GLN_REMOVED, actor_id=by_id, municipality_id=scope.municipality_id, gln=gln)


def choose_nudges(session: Session, *, municipality: Municipality, nudges: bool, by_id: int | None) -> None:
    """Let learners who stopped for 14 days get one gentle reminder, or not."""
    municipality.nudges = nudges
    session.flush()
    audit.record(session, NUDGES_CHOSEN, actor_id=by_id, municipality_id=municipality.id, nudges=nudges)


def write_org_number(session: Session, *, municipality: Municipality, org_number: str, by_id: int | None) -> None:
    """Write the organisation number of a municipality that has none.

    Raises `NumberHasOtherLength`, `NumberNotValid`, and `NumberTaken` when one is written already.
    """
    number = check_org_number(org_number, municipality.country)
    written = session.scalar(
        update(Municipality)
        .where(Municipality.id == municipality.id, func.coalesce(Municipality.org_number, "") == "")
        .values(org_number=number)
        .returning(Municipality.id)
    )
    if written is None:
        raise NumberTaken
    audit.record(
        session,
        ORG_NUMBER_WRITTEN,
        actor_id=by_id,
        municipality_id=municipality.id,
        org_number=number,
    )
