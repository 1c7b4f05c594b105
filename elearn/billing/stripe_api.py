"""The only door to Stripe. What goes in and comes out are plain values (`told`); Stripe's own objects stay here.

Nothing is tried twice behind the caller's back: a timeout is unknown, and is settled by the same key, later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import stripe
from stripe.params.checkout import SessionCreateParams

from elearn.billing.errors import EventForged, NotUnderstood, PaymentServiceAway, PaymentsNotSetUp, StripeRefused
from elearn.billing.told import Event, ToldRefund, ToldSession, event_from, refund_from, session_from
from elearn.config import Settings
from elearn.core import clock

TIMEOUT_S = 10
TOLERANCE = timedelta(seconds=300)
PAGE = 100
LOCALES: dict[str, Literal["da", "nb", "en-GB"]] = {"da": "da", "nb": "nb", "nn": "nb", "en": "en-GB"}
UNKNOWN = (
    stripe.APIConnectionError,
    stripe.APIError,
    stripe.RateLimitError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)
"""Whether it happened is not known, or the keys are wrong, which the operator mends: ask again later."""


@dataclass(frozen=True)
class CheckoutWish:
    """A payment to be begun: one line, which is the order's stored total with VAT, to the øre."""

    key: str
    order_id: int
    house_id: int
    amount_minor: int
    currency: str
    title: str
    description: str
    email: str
    language: str
    expires_at: datetime
    success_url: str
    cancel_url: str


class StripeDoor:
    """Asks Stripe. Every method raises `PaymentServiceAway` when nothing is known, `StripeRefused` on a clear no."""

    def __init__(self, settings: Settings) -> None:
        if not settings.takes_cards:
            raise PaymentsNotSetUp
        self._is_live = settings.stripe_is_live
        self._client = stripe.StripeClient(
            settings.stripe_key,
            base_addresses={"api": settings.stripe_url} if settings.stripe_url else None,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def begin_checkout(self, wish: CheckoutWish) -> ToldSession:
        """Begin a payment; the same key gives the same session."""
        notes = {"order": str(wish.order_id), "house": str(wish.house_id)}
        params: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": wish.key,
            "metadata": notes,
            "payment_intent_data": {"metadata": notes},
            "customer_email": wish.email,
            "locale": LOCALES[wish.language],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": wish.currency.lower(),
                        "unit_amount": wish.amount_minor,
                        "product_data": {"name": wish.title, "description": wish.description},
                    },
                }
            ],
            "expires_at": int(wish.expires_at.timestamp()),
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
        }
        with _answers():
            told = self._client.v1.checkout.sessions.create(params, {"idempotency_key": wish.key})
            return self._ours(session_from(told.to_dict()))

    def find_checkout(self, session_id: str) -> ToldSession:
        """Return a session as it is now."""
        with _answers():
            return self._ours(session_from(self._client.v1.checkout.sessions.retrieve(session_id).to_dict()))

    def end_checkout(self, session_id: str) -> ToldSession:
        """End an open session, so that nobody can pay it any more."""
        with _answers():
            return self._ours(session_from(self._client.v1.checkout.sessions.expire(session_id).to_dict()))

    def checkouts_since(self, moment: datetime) -> Iterator[ToldSession]:
        """Yield the sessions begun since a moment."""
        with _answers():
            found = self._client.v1.checkout.sessions.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            for each in found.auto_paging_iter():
                yield session_from(each.to_dict())

    def refund(self, *, key: str, payment_intent_id: str, amount_minor: int) -> ToldRefund:
        """Have money go back to the card; the same key gives the same refund."""
        with _answers():
            told = self._client.v1.refunds.create(
                {"payment_intent": payment_intent_id, "amount": amount_minor, "metadata": {"refund": key}},
                {"idempotency_key": key},
            )
            return refund_from(told.to_dict())

    def refunds_of(self, payment_intent_id: str) -> list[ToldRefund]:
        """Return what has gone back of a payment."""
        with _answers():
            found = self._client.v1.refunds.list({"payment_intent": payment_intent_id, "limit": PAGE})
            return [refund_from(each.to_dict()) for each in found.auto_paging_iter()]

    def events_since(self, moment: datetime, kinds: list[str]) -> Iterator[Event]:
        """Yield the events of some kinds since a moment, for those whose webhook was lost."""
        with _answers():
            found = self._client.v1.events.list(
                {"created": {"gte": int(moment.timestamp())}, "types": kinds, "limit": PAGE}
            )
            for each in found.auto_paging_iter():
                yield event_from(str(each))

    def _ours(self, told: ToldSession) -> ToldSession:
        if told.is_live != self._is_live:
            raise StripeRefused("the answer is of the other mode (test or live)")
        return told


def verified_event(settings: Settings, payload: bytes, signature: str | None) -> Event:
    """Return the event in a webhook's bytes, if Stripe signed it in the last five minutes.

    Raises `EventForged` for whatever else it is: another hand, too old, of the other mode, no text.
    """
    if not any(_is_signed(payload, signature, secret) for secret in settings.stripe_webhook_secrets):
        raise EventForged("no signature that fits")
    try:
        event = event_from(payload.decode())
    except NotUnderstood as error:
        raise EventForged("not understood") from error
    if event.is_live != settings.stripe_is_live:
        raise EventForged("of the other mode (test or live)")
    return event


def _is_signed(payload: bytes, signature: str | None, secret: str) -> bool:
    """Say whether a signature fits. The library reads the bytes and the header of strangers, and may stumble."""
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret)
    except (stripe.SignatureVerificationError, ValueError, TypeError, OverflowError):
        return False
    stamped = next(part[2:] for part in str(signature).split(",") if part.startswith("t="))
    return abs(clock.now().timestamp() - int(stamped)) <= TOLERANCE.total_seconds()


class _answers:  # noqa: N801 - reads as a clause
    """Turns Stripe's errors into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, UNKNOWN):
            raise PaymentServiceAway(type(error).__name__) from error
        if isinstance(error, NotUnderstood):
            raise PaymentServiceAway("the answer is not understood") from error
        if isinstance(error, stripe.StripeError):
            raise StripeRefused(error.user_message or type(error).__name__) from error
