"""Mail domains whose orders a course house takes at once for a municipality."""

from sqlalchemy.orm import Session

from elearn.accounts.addresses import normalise
from elearn.billing.models import TrustedDomain
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.scope import HouseScope
from elearn.licensing.join_codes import check_domain

TRUSTED = audit.kind("billing.domain.trusted", "domain")
NO_LONGER = audit.kind("billing.domain.no_longer_trusted", "domain")


def domain_of(address: str) -> str:
    """Return an address's domain as it is compared: in the letters that mail servers know."""
    domain = normalise(address).rpartition("@")[2]
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def add_domain(session: Session, *, scope: HouseScope, municipality_id: int, domain: str, by_id: int) -> TrustedDomain:
    """Take orders from addresses of a domain at once from now on; again changes nothing.

    Raises `NotADomain`, and `PublicDomain` where anybody can have an address.
    """
    name = check_domain(domain)
    key = {"course_house_id": scope.course_house_id, "municipality_id": municipality_id, "domain": name}
    added = session.scalar(
        insert(session, TrustedDomain)
        .values(**key, confirmed_by_id=by_id, confirmed_at=clock.now())
        .on_conflict_do_nothing()
        .returning(TrustedDomain.domain)
    )
    if added is not None:
        _record(session, TRUSTED, scope, municipality_id, name, by_id)
    return session.get_one(TrustedDomain, tuple(key.values()))


def remove_domain(session: Session, *, scope: HouseScope, municipality_id: int, domain: str, by_id: int) -> None:
    """Let orders from a domain wait for the house's answer again; a domain that is not there changes nothing."""
    known = session.get(TrustedDomain, (scope.course_house_id, municipality_id, domain))
    if known is not None:
        session.delete(known)
        _record(session, NO_LONGER, scope, municipality_id, domain, by_id)


def _record(
    session: Session, what: audit.Kind, scope: HouseScope, municipality_id: int, domain: str, by_id: int
) -> None:
    audit.record(
        session,
        what,
        actor_id=by_id,
        municipality_id=municipality_id,
        course_house_id=scope.course_house_id,
        domain=domain,
    )
