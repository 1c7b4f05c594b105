"""What the stand-in knows: sessions, payments, refunds, disputes and the events they make. No HTTP."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEAST_S, MOST_S = 30 * 60, 24 * 3600
"""How long a session may be open."""
LARGEST = 99_999_999

Values = dict[str, Any]


class Refusal(Exception):
    """Stripe's clear no."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error: Values = {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}


class Account:
    """One account in test mode. Safe to use from several threads; kept in a file when it is given one."""

    def __init__(self, *, now: Callable[[], float] = time.time, kept: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.listeners: list[Callable[[Values], None]] = []
        self._now = now
        self._kept = kept
        self.objects: dict[str, Values] = {}
        self.events: list[Values] = []
        self.answers: dict[str, list[Any]] = {}
        """By idempotency key: what was asked, the status and the body that was answered."""
        if kept is not None and kept.exists():
            self.objects, self.events, self.answers = json.loads(kept.read_text())

    def begin_session(self, asked: Values) -> Values:
        """Make a Checkout session of `price_data` lines."""
        now, lines = int(self._now()), asked.get("line_items")
        if asked.get("mode") != "payment" or not isinstance(lines, list) or not lines:
            raise Refusal(400, "You must provide line_items in payment mode.")
        currencies = {line["price_data"]["currency"] for line in lines}
        total = sum(int(line["price_data"]["unit_amount"]) * int(line["quantity"]) for line in lines)
        if len(currencies) != 1 or not 0 < total <= LARGEST:
            raise Refusal(400, "Invalid amount or currency.", code="amount_too_large")
        expires_at = int(asked.get("expires_at", now + MOST_S))
        if not LEAST_S <= expires_at - now <= MOST_S:
            raise Refusal(400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.")
        number = _id("cs_test_")
        return self._keep(
            {
                "id": number,
                "object": "checkout.session",
                "created": now,
                "livemode": False,
                "mode": "payment",
                "status": "open",
                "payment_status": "unpaid",
                "amount_total": total,
                "currency": currencies.pop(),
                "client_reference_id": asked.get("client_reference_id"),
                "customer_email": asked.get("customer_email"),
                "metadata": asked.get("metadata", {}),
                "payment_intent": None,
                "expires_at": expires_at,
                "success_url": asked["success_url"],
                "cancel_url": asked.get("cancel_url"),
                "locale": asked.get("locale"),
                "line_items": lines,
            }
        )

    def find(self, number: str, kind: str) -> Values:
        """Return an object by its id. Raises `Refusal`."""
        self._expire_what_is_due()
        found = self.objects.get(number)
        if found is None or found["object"] != kind:
            raise Refusal(404, f"No such {kind}: '{number}'", code="resource_missing")
        return found

    def all(self, kind: str) -> list[Values]:
        """Return all objects of a kind, the newest first."""
        self._expire_what_is_due()
        return [each for each in reversed(self.objects.values()) if each["object"] == kind]

    def pay(self, number: str, *, takes_days: bool = False) -> Values:
        """Pay an open session: at once, or by a way that takes days."""
        session = self._open_session(number)
        intent = self._keep({"id": _id("pi_"), "object": "payment_intent", "amount": session["amount_total"]})
        session.update(status="complete", payment_intent=intent["id"])
        if not takes_days:
            self._charge(session)
        self._happened("checkout.session.completed", session)
        return session

    def settle(self, number: str, *, has_failed: bool = False) -> None:
        """End the wait for a payment that takes days."""
        session = self.find(number, "checkout.session")
        if session["status"] != "complete" or session["payment_status"] == "paid":
            raise Refusal(400, "This session does not wait for its payment.")
        if has_failed:
            self._happened("checkout.session.async_payment_failed", session)
            return
        self._charge(session)
        self._happened("checkout.session.async_payment_succeeded", session)

    def expire(self, number: str) -> Values:
        """End an open session."""
        session = self._open_session(number)
        session["status"] = "expired"
        self._happened("checkout.session.expired", session)
        return session

    def refund(self, asked: Values) -> Values:
        """Give some or all of a payment back."""
        charge = self._charge_of(str(asked.get("payment_intent")))
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(asked.get("amount", left))
        if not 0 < amount <= left:
            raise Refusal(400, f"Refund amount ({amount}) is greater than what is left ({left}).")
        refund = self._keep(
            {
                "id": _id("re_"),
                "object": "refund",
                "created": int(self._now()),
                "amount": amount,
                "currency": charge["currency"],
                "payment_intent": charge["payment_intent"],
                "charge": charge["id"],
                "metadata": asked.get("metadata", {}),
                "status": "succeeded",
                "failure_reason": None,
            }
        )
        charge["amount_refunded"] += amount
        self._happened("refund.created", refund)
        self._happened("charge.refunded", charge)
        return refund

    def fail_refund(self, number: str) -> None:
        """Have the bank send a refund back."""
        refund = self.find(number, "refund")
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        self.objects[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self._happened("refund.failed", refund)

    def dispute(self, payment_intent: str) -> Values:
        """Let the card holder object to a payment."""
        charge = self._charge_of(payment_intent)
        dispute = self._keep(
            {
                "id": _id("dp_"),
                "object": "dispute",
                "created": int(self._now()),
                "amount": charge["amount"],
                "currency": charge["currency"],
                "payment_intent": payment_intent,
                "charge": charge["id"],
                "reason": "fraudulent",
                "status": "needs_response",
            }
        )
        self._happened("charge.dispute.created", dispute)
        return dispute

    def close_dispute(self, number: str, *, is_won: bool) -> None:
        """Decide an objection, for the seller or for the card holder."""
        dispute = self.find(number, "dispute")
        dispute["status"] = "won" if is_won else "lost"
        self._happened("charge.dispute.closed", dispute)

    def _open_session(self, number: str) -> Values:
        session = self.find(number, "checkout.session")
        if session["status"] != "open":
            raise Refusal(400, "Only Checkout Sessions with a status of open can be used.")
        return session

    def _charge(self, session: Values) -> None:
        session["payment_status"] = "paid"
        self._keep(
            {
                "id": _id("ch_"),
                "object": "charge",
                "created": int(self._now()),
                "amount": session["amount_total"],
                "amount_refunded": 0,
                "currency": session["currency"],
                "payment_intent": session["payment_intent"],
            }
        )

    def _charge_of(self, payment_intent: str) -> Values:
        for each in self.all("charge"):
            if each["payment_intent"] == payment_intent:
                return each
        raise Refusal(404, f"No such payment_intent: '{payment_intent}'", code="resource_missing")

    def _expire_what_is_due(self) -> None:
        for each in list(self.objects.values()):
            if each["object"] == "checkout.session" and each["status"] == "open" and each["expires_at"] <= self._now():
                each["status"] = "expired"
                self._happened("checkout.session.expired", each)

    def _keep(self, values: Values) -> Values:
        self.objects[values["id"]] = values
        self.save()
        return values

    def _happened(self, kind: str, about: Values) -> None:
        event = {
            "id": _id("evt_"),
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(self._now()),
            "livemode": False,
            "type": kind,
            "data": {"object": json.loads(json.dumps(about))},
        }
        self.events.append(event)
        self.save()
        for listener in self.listeners:
            listener(event)

    def save(self) -> None:
        """Write everything to the file, if there is one."""
        if self._kept is not None:
            part = self._kept.with_suffix(".part")
            part.write_text(json.dumps([self.objects, self.events, self.answers]))
            part.replace(self._kept)


def _id(prefix: str) -> str:
    return prefix + secrets.token_hex(12)
