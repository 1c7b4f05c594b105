"""What waits for a licence's buyer: each a sentence and its place, and nothing when all is well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.scope import MunicipalityScope
from elearn.home.buyer.people import State, unreachable
from elearn.licensing.models import Licence, Seat
from elearn.licensing.scoping import within
from elearn.licensing.seat_lists import LicenceRow
from elearn.licensing.waiting_lists import WaitingCounts

UNANSWERED_DAYS = 21


@dataclass(frozen=True)
class Waiting:
    """One thing to look at."""

    count: str
    """How many of what: '2 emails'."""
    text: str
    link: str | None = None
    href: str | None = None


def waiting(
    session: Session, scope: MunicipalityScope, row: LicenceRow, asking: WaitingCounts, *, line_page: str
) -> list[Waiting]:
    """Return what waits, the most urgent first; `line_page` is where the waiting list stands."""
    if row.licence.has_ended:
        return []
    return [
        *_letters(session, scope, row.licence),
        *_unanswered(session, scope, row.licence),
        *_asked(asking, line_page),
        *_nothing_left(row, asking, line_page),
    ]


def _letters(session: Session, scope: MunicipalityScope, licence: Licence) -> Iterator[Waiting]:
    number, first = session.execute(
        select(func.count(), func.min(Seat.id))
        .join(Seat.licence)
        .where(within(scope), Seat.licence_id == licence.id, Seat.holds_until.is_not(None), Seat.id.in_(unreachable()))
    ).one()
    if not number:
        return
    name = session.scalar(select(Person.name).join(Seat, Seat.person_id == Person.id).where(Seat.id == first))
    several = number > 1
    yield Waiting(
        ngettext("%(num)d email", "%(num)d emails", number),
        _("came back or could not be sent. The seat stays %(name)s’s while you correct the address.", name=name),
        _("See them") if several else _("Correct the address"),
        url_for("buyer.licence", licence_id=licence.id, state=State.CAME_BACK)
        if several
        else url_for("buyer.seat", seat_id=first, _anchor="address"),
    )


def _unanswered(session: Session, scope: MunicipalityScope, licence: Licence) -> Iterator[Waiting]:
    before = clock.now() - timedelta(days=UNANSWERED_DAYS)
    number, first = session.execute(
        select(func.count(), func.min(Seat.holds_until))
        .join(Seat.licence)
        .where(within(scope), Seat.licence_id == licence.id, Seat.holds_until.is_not(None), Seat.invited_at < before)
    ).one()
    if first is not None:
        yield Waiting(
            ngettext("%(num)d invitation", "%(num)d invitations", number),
            _(
                "not answered for more than %(days)s days. The first seat becomes free after %(day)s.",
                days=UNANSWERED_DAYS,
                day=format_day(first, short=True),
            ),
            _("See who"),
            url_for("buyer.licence", licence_id=licence.id, unanswered=UNANSWERED_DAYS),
        )


def _asked(asking: WaitingCounts, line_page: str) -> Iterator[Waiting]:
    if asking.asked:
        yield Waiting(
            ngettext("%(num)d request", "%(num)d requests", asking.asked),
            _("for a seat. Say yes or no."),
            _("Answer"),
            line_page,
        )


def _nothing_left(row: LicenceRow, asking: WaitingCounts, line_page: str) -> Iterator[Waiting]:
    if row.counts.free:
        return
    if asking.waiting:
        yield Waiting(
            ngettext("%(num)d person", "%(num)d people", asking.waiting),
            _("on the waiting list, and all seats are taken. Whoever has waited longest gets the next free one.")
            if row.licence.has_waiting_line
            else _("on the waiting list, and all seats are taken. It is switched off, so nobody is invited from it."),
            _("See who"),
            line_page,
        )
    else:
        yield Waiting(_("No free seats"), _("are left. Take one back to give it to somebody else."))
