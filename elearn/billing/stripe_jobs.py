"""Card payments in the background: asking Stripe again, paying back, and comparing notes every hour."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.billing import stripe_asking
from elearn.billing.services import stripe_events
from elearn.core.installation import Installation
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every


@handles("billing.ask_checkout")
def ask_checkout(installation: Installation, *, checkout_id: int) -> None:
    """Ask for a payment's page, should the press on the button not have heard the answer."""
    stripe_asking.ask_checkout(installation, checkout_id)


@handles("billing.end_checkout")
def end_checkout(installation: Installation, *, checkout_id: int) -> None:
    """End a payment that nobody is to make any more."""
    stripe_asking.end_checkout(installation, checkout_id)


@handles("billing.ask_refund")
def ask_refund(installation: Installation, *, refund_id: int) -> None:
    """Have a credit note's money go back to the card."""
    stripe_asking.ask_refund(installation, refund_id)


@handles("billing.fetch_refunds")
def fetch_refunds(installation: Installation, *, checkout_id: int) -> None:
    """Hear which refunds there are."""
    stripe_asking.fetch_refunds(installation, checkout_id)


@handles("billing.handle_waiting")
def handle_waiting(installation: Installation, *, payment_intent_id: str) -> None:
    """Handle what waited for a payment, should both have come at the same moment."""
    with installation.database.transaction() as session:
        stripe_events.handle_waiting(session, payment_intent_id)


@every("billing.reconcile_stripe", timedelta(hours=1))
def want_reconciliation(installation: Installation, session: Session) -> None:
    """Have a job compare notes: it waits on the network, which no transaction may."""
    if installation.settings.takes_cards:
        enqueue(session, "billing.reconcile_stripe")


@handles("billing.reconcile_stripe")
def reconcile_stripe(installation: Installation) -> None:
    """Compare what Stripe knows with what we know; differences are settled and written to the trail."""
    stripe_asking.reconcile(installation)
