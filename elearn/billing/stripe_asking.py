"""Talking to Stripe: read what to ask, ask with no transaction open, then write what was told.

So no lock waits on the network. Each can be run again: the same key gives the same answer, and facts are joined.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from elearn.billing.errors import PaymentServiceAway, StripeRefused
from elearn.billing.models import Checkout, Outcome, Payment, Refund, StripeEvent
from elearn.billing.services.checkouts import give_up_checkout, is_superseded
from elearn.billing.services.refunds import note_refund, note_refusal
from elearn.billing.services.stripe_events import KINDS, handle_waiting, learn_session, receive_event, waited_for
from elearn.billing.stripe_api import CheckoutWish, StripeDoor
from elearn.billing.told import Event, ToldSession
from elearn.billing.words import amount
from elearn.catalogue.content import Content
from elearn.core import audit, clock
from elearn.core.errors import DomainError
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext, speaking
from elearn.core.installation import Installation

LOOK_BACK = timedelta(days=7)
"""How far a reconciliation reads Stripe's events; open payments are asked for however old they are."""
ON_ITS_WAY = timedelta(minutes=5)
"""What is younger may still come by webhook, and is no difference."""
GIVE_UP_AFTER = timedelta(hours=2)
"""So long after its last moment a payment that Stripe does not know is over."""

RECONCILED = audit.kind("billing.stripe.reconciled", "events", "sessions", "unmatched")

_log = logging.getLogger(__name__)


@dataclass
class Differences:
    """What Stripe knew and we did not, at a reconciliation; nothing is the goal."""

    events: list[str] = field(default_factory=list)
    """Events whose webhook was lost; they are handled now."""
    sessions: list[str] = field(default_factory=list)
    """Payments whose news was lost; they are settled now."""
    unmatched: list[str] = field(default_factory=list)
    """Paid sessions that say they are ours, and that no order's books hold: for a person to look at."""

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.events) + len(self.sessions) + len(self.unmatched)


def ask_checkout(installation: Installation, checkout_id: int) -> None:
    """Ask Stripe for a begun payment's page, once; the same key asks again when nothing was known.

    Raises `PaymentServiceAway`, `StripeRefused`.
    """
    with installation.database.reader() as session:
        checkout = session.get(Checkout, checkout_id)
        if checkout is None or checkout.session_id is not None:
            return
        if not checkout.is_open or not checkout.order.is_open:
            return
        wish = _wish(checkout, installation.settings.public_url)
    door = StripeDoor(installation.settings)
    told = door.begin_checkout(wish)
    with installation.database.transaction() as session:
        outcome = learn_session(session, told, at=clock.now())
        is_over = is_superseded(session, session.get_one(Checkout, checkout_id))
    if outcome is not Outcome.HANDLED or is_over:
        if outcome is not Outcome.HANDLED:
            _log.error("Stripe's session %s is not what order %s asked for: %s", told.id, wish.order_id, outcome)
        door.end_checkout(told.id)  # nobody is to pay it


def end_checkout(installation: Installation, checkout_id: int) -> None:
    """End a payment that nobody is to make any more, unless it has been made meanwhile."""
    with installation.database.reader() as session:
        session_id = session.get_one(Checkout, checkout_id).session_id
    if session_id is None:
        return
    door = StripeDoor(installation.settings)
    try:
        told = door.end_checkout(session_id)
    except StripeRefused:  # it is over already, one way or the other
        told = door.find_checkout(session_id)
    with installation.database.transaction() as session:
        learn_session(session, told, at=clock.now())


def ask_refund(installation: Installation, refund_id: int) -> None:
    """Have Stripe pay a credit note's money back, once."""
    with installation.database.reader() as session:
        refund = session.get_one(Refund, refund_id)
        if refund.stripe_id is not None or refund.failed_at is not None:
            return
        key, amount_minor, intent = refund.idempotency_key, refund.amount_minor, refund.checkout.payment_intent_id
    if key is None or intent is None:
        raise PaymentServiceAway("Stripe has not told which payment it is")
    try:
        told = StripeDoor(installation.settings).refund(key=key, payment_intent_id=intent, amount_minor=amount_minor)
    except StripeRefused as refused:
        with installation.database.transaction() as session:
            note_refusal(session, refund_id=refund_id, problem=str(refused)[:200])
        return
    with installation.database.transaction() as session:
        note_refund(session, told, at=clock.now())


def fetch_refunds(installation: Installation, checkout_id: int) -> None:
    """Hear what has gone back of a payment, where Stripe told of more than we know."""
    with installation.database.reader() as session:
        intent = session.get_one(Checkout, checkout_id).payment_intent_id
    if intent is None:
        return
    for told in StripeDoor(installation.settings).refunds_of(intent):
        with installation.database.transaction() as session:
            note_refund(session, told, at=clock.now())


def reconcile(installation: Installation) -> Differences:
    """Compare what Stripe knows with what we know, and take over through the same functions what a webhook lost."""
    found = Differences()
    door = StripeDoor(installation.settings)
    now = clock.now()
    events = list(door.events_since(now - LOOK_BACK, KINDS))
    fresh = {str(each.object.get("id")) for each in events if each.created_at > now - ON_ITS_WAY}
    _take_over_events(installation, [each for each in events if each.created_at <= now - ON_ITS_WAY], found)
    _ask_for_the_unknown(installation)
    _compare_sessions(installation, door, now, fresh, found)
    with installation.database.reader() as session:
        waiting = waited_for(session)
    for intent in waiting:
        with _on_its_own(f"what waits for payment {intent}"), installation.database.transaction() as session:
            handle_waiting(session, intent)
    if found.number:
        counts = {name: len(getattr(found, name)) for name in ("events", "sessions", "unmatched")}
        with installation.database.transaction() as session:
            audit.record(session, RECONCILED, actor_id=None, **counts)
    return found


@contextmanager
def _on_its_own(news: str) -> Iterator[None]:
    """Log a refusal of one piece of news, so that the others are taken over all the same."""
    try:
        yield
    except DomainError:
        _log.exception("Stripe's %s could not be taken over", news)


def _take_over_events(installation: Installation, events: list[Event], found: Differences) -> None:
    """Handle events that never arrived."""
    with installation.database.reader() as session:
        known = set(session.scalars(select(StripeEvent.id).where(StripeEvent.id.in_([each.id for each in events]))))
    for event in events:
        if event.id in known or event.is_live != installation.settings.stripe_is_live:
            continue
        with _on_its_own(f"event {event.id}"):
            with installation.database.transaction() as session:
                is_new = receive_event(session, event)
            found.events += [event.id] if is_new else []


def _ask_for_the_unknown(installation: Installation) -> None:
    """Ask again, by the same keys, for the payments that Stripe never answered about."""
    with installation.database.reader() as session:
        unknown = session.scalars(_open().where(Checkout.session_id.is_(None), Checkout.expires_at > clock.now())).all()
    for each in unknown:
        try:
            ask_checkout(installation, each.id)
        except DomainError:
            _log.warning("Stripe does not say what became of payment %s", each.id, exc_info=True)


def _compare_sessions(
    installation: Installation, door: StripeDoor, now: datetime, fresh: set[str], found: Differences
) -> None:
    """Ask for every open payment, and hold Stripe's paid sessions against the books."""
    with installation.database.reader() as session:
        still_open = session.scalars(_open()).all()
    since = min([now - LOOK_BACK, *(each.begun_at - timedelta(minutes=10) for each in still_open)])
    told_sessions = list(door.checkouts_since(since))
    for told in told_sessions:
        if told.id not in fresh:
            _take_over_session(installation, told, now, found)
    heard_of = {told.reference for told in told_sessions}
    for each in still_open:
        if each.session_id is None and each.idempotency_key not in heard_of and _is_long_over(each, now):
            with _on_its_own(f"payment {each.id}"):
                with installation.database.transaction() as session:
                    give_up_checkout(session, checkout_id=each.id)
                found.sessions.append(f"checkout {each.id}")


def _take_over_session(installation: Installation, told: ToldSession, now: datetime, found: Differences) -> None:
    """Settle a payment by what Stripe says of it now, if that is more than we know."""
    if not told.house or not (told.is_paid or told.has_expired):
        return
    with installation.database.reader() as session:
        if _is_known(session, told):
            return
    outcome = None
    with _on_its_own(f"payment {told.id}"), installation.database.transaction() as session:
        outcome = learn_session(session, told, at=now)
    (found.sessions if outcome is Outcome.HANDLED else found.unmatched).append(told.id)


def _is_known(session: Session, told: ToldSession) -> bool:
    checkout = session.scalar(select(Checkout).where(Checkout.session_id == told.id))
    if checkout is None:
        return False
    if told.is_paid:
        booked = session.scalar(select(Payment.amount_minor).where(Payment.reference == told.id))
        return checkout.paid_at is not None and booked == told.amount_minor
    return checkout.expired_at is not None


def _open() -> Select[Checkout]:
    return select(Checkout).where(
        Checkout.paid_at.is_(None), Checkout.expired_at.is_(None), Checkout.failed_at.is_(None)
    )


def _is_long_over(checkout: Checkout, now: datetime) -> bool:
    return checkout.expires_at is not None and checkout.expires_at + GIVE_UP_AFTER < now


def _wish(checkout: Checkout, public_url: str) -> CheckoutWish:
    """Return what to ask for: everything comes from what is stored, so that asking again asks for the same."""
    order = checkout.order
    version = order.course.current_version
    assert checkout.expires_at is not None
    with speaking(order.language):
        if checkout.amount_minor == order.total_minor:
            seats = ngettext("%(num)d seat", "%(num)d seats", order.seats)
            vat = _("VAT included: %(amount)s", amount=amount(order.vat_minor, order.currency))
            description = f"{seats} · {vat}"
        else:  # what is left of it: its invoice and credit notes say of which seats
            description = _("Order %(number)s", number=order.id)
        title = str(Content(version.content).title(order.language)) if version else order.course.slug
    return CheckoutWish(
        key=checkout.idempotency_key,
        order_id=order.id,
        house_id=order.course_house_id,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
        title=title,
        description=description,
        email=order.email,
        language=order.language,
        expires_at=checkout.expires_at,
        success_url=f"{public_url}/orders/{order.id}/card/done",
        cancel_url=f"{public_url}/orders/{order.id}/card/left",
    )
