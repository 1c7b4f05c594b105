"""The door that Stripe knocks at. Its proof is the signature over the bytes; no cookie is read, no form token asked."""

import logging

from flask import request

from elearn.billing.errors import EventForged, NotUnderstood
from elearn.billing.services.stripe_events import receive_event
from elearn.billing.stripe_api import verified_event
from elearn.billing.views import bp
from elearn.web import access
from elearn.web.security import csrf
from elearn.web.session import current_session, installation

_log = logging.getLogger(__name__)


@bp.post("/billing/stripe-webhook")
@access.anyone
def stripe_webhook() -> tuple[str, int]:
    """Take an event: stored and handled in one transaction, then acknowledged; a repeat is acknowledged alike."""
    try:
        event = verified_event(installation().settings, request.get_data(), request.headers.get("Stripe-Signature"))
        receive_event(current_session(), event)
    except (EventForged, NotUnderstood) as refused:
        _log.warning("an event was refused: %s", refused)
        return "refused", 400
    return "", 204


csrf.exempt(stripe_webhook)
