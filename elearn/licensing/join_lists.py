"""Join links as their buyer sees them, and as whoever has the code or a letter finds them."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope
from elearn.core.tokens import hash_of
from elearn.licensing.models import Joining, JoinLink, Licence
from elearn.licensing.scoping import within


@dataclass(frozen=True)
class JoinLinkRow:
    """A join link in a list."""

    link: JoinLink
    joined: int
    """How many have joined by it."""


def join_links(session: Session, scope: OperatorScope, licence_id: int) -> list[JoinLinkRow]:
    """Return a licence's join links, the newest first."""
    mine = _links().join(JoinLink.licence).where(within(scope), JoinLink.licence_id == licence_id)
    links = list(session.scalars(mine.order_by(JoinLink.id.desc())))
    counted = (
        select(Joining.join_link_id, func.count(Joining.person_id.distinct()))
        .where(Joining.join_link_id.in_([link.id for link in links]), Joining.joined_at.is_not(None))
        .group_by(Joining.join_link_id)
    )
    joined = {row[0]: row[1] for row in session.execute(counted)}
    return [JoinLinkRow(link, joined.get(link.id, 0)) for link in links]


def join_link(session: Session, scope: OperatorScope, join_link_id: int) -> JoinLink:
    """Return a join link of an operator's licence. Raises `NotFound`."""
    found = session.scalar(_links().join(JoinLink.licence).where(within(scope), JoinLink.id == join_link_id))
    if found is None:
        raise NotFound("no such join link")
    return found


def link_by_code(session: Session, code: str) -> JoinLink | None:
    """Return the join link with a tidy code, closed ones included, or None; the code is the permission."""
    return session.scalar(_links().where(JoinLink.code == code))


def joined_by(session: Session, join_link_id: int, *, but: int | None = None) -> int:
    """Return how many people have joined by a link, one person aside."""
    counted = select(func.count(Joining.person_id.distinct())).where(
        Joining.join_link_id == join_link_id, Joining.joined_at.is_not(None)
    )
    if but is not None:
        counted = counted.where(Joining.person_id != but)
    return session.scalar(counted) or 0


def open_joining(session: Session, token: str) -> Joining | None:
    """Return what a letter's token opens, with person, link and licence, or None; the token is the permission."""
    return session.scalar(
        select(Joining)
        .where(Joining.token_hash == hash_of(token), Joining.joined_at.is_(None), Joining.expires_at > clock.now())
        .options(joinedload(Joining.person), joinedload(Joining.email), joinedload(Joining.join_link))
    )


def mailed_joining(session: Session, token: str) -> Joining | None:
    """Return what a letter's token was mailed for, used and too old ones included, or None; it permits nothing."""
    return session.scalar(
        select(Joining)
        .where(Joining.token_hash == hash_of(token))
        .options(joinedload(Joining.person), joinedload(Joining.join_link).joinedload(JoinLink.licence))
        .execution_options(populate_existing=True)  # the other press of a double click may have used it up meanwhile
    )


def _links() -> Select[JoinLink]:
    licence = joinedload(JoinLink.licence).options(
        joinedload(Licence.course).joinedload(Course.course_house), joinedload(Licence.municipality)
    )
    return select(JoinLink).options(licence, joinedload(JoinLink.department))
