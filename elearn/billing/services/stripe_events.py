"""Events from Stripe: stored as they came, under their id, and handled once, in the same transaction."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.billing import told
from elearn.billing.models import Checkout, Outcome, StripeEvent
from elearn.billing.services.checkouts import note_session
from elearn.billing.services.refunds import note_charge, note_dispute, note_refund
from elearn.billing.told import Event, ToldSession
from elearn.core import clock
from elearn.core.db import insert
from elearn.jobs.queue import enqueue

WAITS = "waits "
"""Before the payment that an event waits for: news of a refund may come before that of the payment."""

MEET_AFTER_S = 10
"""An event that waits, and the one it waits for, may be handled at the same moment by two processes that do not see
each other's row yet; so a job looks once more when both are there."""

KINDS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
]
"""What we listen to."""


def receive_event(session: Session, event: Event) -> bool:
    """Store an event and do what follows from it, once; return whether it was new. Raises `NotUnderstood`."""
    stored = session.scalar(
        insert(session, StripeEvent)
        .values(
            id=event.id,
            kind=event.kind,
            livemode=event.is_live,
            payload=event.payload,
            created_at=event.created_at,
            received_at=clock.now(),
            outcome=Outcome.HANDLED,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(StripeEvent.id)
    )
    if stored is None:
        return False
    waits_for = _handle(session, event)
    if waits_for:
        enqueue(session, "billing.handle_waiting", delay_s=MEET_AFTER_S, payment_intent_id=waits_for)
    return True


def learn_session(session: Session, told_session: ToldSession, *, at: datetime, has_failed: bool = False) -> Outcome:
    """Take over what Stripe tells of a payment, by event or by answer, and then what waited for it."""
    return _learn(session, told_session, at, has_failed)[0]


def handle_waiting(session: Session, payment_intent_id: str) -> None:
    """Handle the events that came before the payment they are about; after months their words are gone."""
    waiting = session.scalars(
        select(StripeEvent.payload)
        .where(StripeEvent.outcome == f"{WAITS}{payment_intent_id}", StripeEvent.payload != "")
        .order_by(StripeEvent.id)
    ).all()
    for payload in waiting:
        _handle(session, told.event_from(payload))


def waited_for(session: Session) -> list[str]:
    """Return the known payments that events still wait for: both came at the same moment and missed each other."""
    return list(
        session.scalars(
            select(Checkout.payment_intent_id)
            .join(StripeEvent, StripeEvent.outcome == WAITS + Checkout.payment_intent_id)
            .where(Checkout.payment_intent_id.is_not(None), Checkout.paid_at.is_not(None))
            .distinct()
        )
    )


def _handle(session: Session, event: Event) -> str:
    """Do what follows from an event, and note what it came to; return the payment it waits for, or ''."""
    outcome, order_id, payment_intent_id = _follow(session, event)
    session.execute(
        update(StripeEvent)
        .where(StripeEvent.id == event.id)
        .values(outcome=f"{WAITS}{payment_intent_id}" if outcome is None else outcome, order_id=order_id)
        .execution_options(synchronize_session=False)
    )
    return payment_intent_id if outcome is None else ""


def _follow(session: Session, event: Event) -> tuple[Outcome | None, int | None, str]:
    """Return outcome, order and payment; no outcome when the payment is not known yet."""
    at = event.created_at
    match event.kind:
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded" | "checkout.session.expired":
            # Completed says paid, or that the money is on its way (bank, some wallets): the session itself tells which.
            outcome, order_id = _learn(session, told.session_from(event.object), at, False)
            return outcome, order_id, ""
        case "checkout.session.async_payment_failed":
            outcome, order_id = _learn(session, told.session_from(event.object), at, True)
            return outcome, order_id, ""
        case "refund.created" | "refund.updated" | "refund.failed":
            refund = told.refund_from(event.object)
            return *note_refund(session, refund, at=at), refund.payment_intent_id
        case "charge.refunded":
            # Says how much went back in all, not by which refund: their own events tell.
            charge = told.charge_from(event.object)
            return *note_charge(session, charge), charge.payment_intent_id
        case "charge.dispute.created" | "charge.dispute.closed":
            dispute = told.dispute_from(event.object)
            return *note_dispute(session, dispute, at=at), dispute.payment_intent_id
        case _:
            return Outcome.IGNORED, None, ""


def _learn(session: Session, about: ToldSession, at: datetime, has_failed: bool) -> tuple[Outcome, int | None]:
    outcome, checkout = note_session(session, about, at=at, has_failed=has_failed)
    if outcome is Outcome.HANDLED and checkout and checkout.paid_at and checkout.payment_intent_id:
        handle_waiting(session, checkout.payment_intent_id)
    return outcome, checkout.order_id if checkout else None
