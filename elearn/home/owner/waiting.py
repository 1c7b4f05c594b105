"""What waits for a course owner: each a sentence, its place, and nothing when all is well."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.billing import card_queries, offer_queries, queries
from elearn.billing.models import Order
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope
from elearn.jobs.models import Job
from elearn.licensing import seat_lists
from elearn.media.queries import VideoState
from elearn.organisations.queries import is_only_house


@dataclass(frozen=True)
class Waiting:
    """One thing to look at."""

    count: str
    """How many of what: '2 emails'."""
    text: str
    link: str | None = None
    href: str | None = None


def waiting(session: Session, scope: HouseScope, *, films: list[VideoState], unpublished: list[str]) -> list[Waiting]:
    """Return what waits, the most urgent first."""
    return [
        *_orders(session, scope),
        *_applications(session, scope),
        *_cards(session, scope),
        *_returned_letters(session, scope),
        *_stuck_letters(session, scope),
        *_films(films),
        *_failing_jobs(session, scope),
        *_without_buyer(session, scope),
        *_lapsing(session, scope),
        *_ending(session, scope),
        *_unpublished(unpublished),
    ]


def _orders(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    asked = queries.orders_to_confirm(session, scope)
    if asked:
        yield Waiting(
            ngettext("%(num)d order", "%(num)d orders", len(asked)),
            *_which_order(asked),
        )
    stuck = queries.orders_with_a_problem(session, scope)
    if stuck:
        yield Waiting(
            ngettext("%(num)d invoice", "%(num)d invoices", len(stuck)),
            _("could not be made: %(municipality)s.", municipality=stuck[0].municipality.official_name),
            _("See the order"),
            url_for("owner.order", order_id=stuck[0].id),
        )


def _which_order(asked: list[Order]) -> tuple[str, str, str]:
    """Return what is said of orders to confirm, and where a link leads."""
    name = asked[0].municipality.official_name
    if len(asked) == 1:
        page = url_for("owner.order", order_id=asked[0].id)
        return _("to confirm: %(municipality)s.", municipality=name), _("See the order"), page
    first = _("to confirm: %(municipality)s first.", municipality=name)
    return first, _("See the orders"), url_for("owner.orders", state=queries.OrderFilter.TO_CONFIRM)


def _applications(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    waiting = offer_queries.applications_waiting(session, scope)
    if waiting:
        yield Waiting(
            ngettext("%(num)d application", "%(num)d applications", sum(waiting.values())),
            _("to be a test municipality."),
            _("See who applied"),
            url_for("owner.campaign", campaign_id=min(waiting)),
        )


def _cards(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    objections = [each for each in card_queries.disputes(session, scope) if each.closed_at is None]
    if objections:
        yield Waiting(
            ngettext("%(num)d objection", "%(num)d objections", len(objections)),
            _("of a card holder. Answer it on Stripe’s pages."),
            _("Look at it"),
            url_for("owner.cards"),
        )
    others = [
        *card_queries.to_return(session, scope),
        *card_queries.paid_without_seats(session, scope),
        *card_queries.set_aside(session, scope),
    ]
    if others:
        yield Waiting(
            ngettext("%(num)d card payment", "%(num)d card payments", len(others)),
            _("to look at: money to give back, or news that did not fit."),
            _("Look at it"),
            url_for("owner.cards"),
        )


def _returned_letters(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    returned = seat_lists.returned_invitations(session, scope)
    if returned:
        yield Waiting(
            ngettext("%(num)d email", "%(num)d emails", len(returned)),
            _("came back. The seat of %(name)s is still held; correct the address.", name=returned[0].person.name),
            _("Look at it"),
            url_for("owner.seat", seat_id=returned[0].seat.id),
        )


def _stuck_letters(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    stuck = seat_lists.stuck_invitations(session, scope)
    if stuck:
        yield Waiting(
            ngettext("%(num)d email", "%(num)d emails", len(stuck)),
            _("could not be sent. The seat is still held. Check the address of %(name)s.", name=stuck[0].person.name),
            _("Look at it"),
            url_for("owner.seat", seat_id=stuck[0].seat.id),
        )


def _films(films: list[VideoState]) -> Iterator[Waiting]:
    missing = [film for film in films if film.missing_files]
    if missing:
        yield Waiting(
            ngettext("%(num)d film", "%(num)d films", len(missing)),
            _("cannot be played: files of the package are gone. Add the film again."),
            _("See the films"),
            url_for("owner.films"),
        )
    silent = [film for film in films if film.video.language not in film.caption_languages]
    if silent:
        yield Waiting(
            ngettext("%(num)d film", "%(num)d films", len(silent)),
            _("without captions in the spoken language."),
            _("See the films"),
            url_for("owner.films"),
        )


def _failing_jobs(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    """Background work belongs to the installation: it is told to the owner of the only house, not to several."""
    if not is_only_house(session, scope):
        return
    failing = session.scalar(
        select(func.count())
        .select_from(Job)
        .where(Job.done_at.is_(None), Job.last_error.is_not(None), Job.runs > 1, Job.name != "mail.send_letter")
    )
    if failing:
        yield Waiting(
            ngettext("%(num)d background task", "%(num)d background tasks", failing),
            _("failed more than once. They are tried again; the log says why."),
            _("Look at it"),
            url_for("owner.status"),
        )


def _without_buyer(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    alone = seat_lists.licences_without_buyer(session, scope)
    if alone:
        yield Waiting(
            ngettext("%(num)d licence", "%(num)d licences", len(alone)),
            _("that nobody manages: %(municipality)s has no buyer.", municipality=alone[0].municipality.official_name),
            _("See the licence"),
            url_for("owner.licence", licence_id=alone[0].id),
        )


def _lapsing(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    lapsing = seat_lists.invitations_lapsing_soon(session, scope)
    if lapsing and lapsing[0].seat.holds_until:
        yield Waiting(
            ngettext("%(num)d invitation", "%(num)d invitations", len(lapsing)),
            _(
                "not answered. The first seat becomes free after %(day)s.",
                day=format_day(lapsing[0].seat.holds_until, short=True),
            ),
            _("See who"),
            url_for("owner.people", state=seat_lists.Filter.INVITED),
        )


def _ending(session: Session, scope: HouseScope) -> Iterator[Waiting]:
    ending = seat_lists.licences_ending_soon(session, scope)
    if ending:
        yield Waiting(
            ngettext("%(num)d licence", "%(num)d licences", len(ending)),
            _(
                "ending within two months: %(municipality)s first, on %(day)s.",
                municipality=ending[0].municipality.official_name,
                day=format_day(ending[0].ends_on, short=True),
            ),
            _("See the licence"),
            url_for("owner.licence", licence_id=ending[0].id),
        )


def _unpublished(folders: list[str]) -> Iterator[Waiting]:
    if folders:
        yield Waiting(
            ngettext("%(num)d course", "%(num)d courses", len(folders)),
            _("with files, but not published: %(names)s.", names=", ".join(folders)),
            _("Check the files"),
            url_for("owner.course_files", slug=folders[0]),
        )
