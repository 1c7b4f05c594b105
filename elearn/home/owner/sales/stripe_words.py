"""Stripe's short words for what went wrong with a card, in the owner's language."""

from elearn.core.i18n import lazy_gettext as _l

WORDS = {
    "credit_not_processed": _l("Says that money was promised back and did not come"),
    "duplicate": _l("Says that they were charged twice"),
    "fraudulent": _l("Says that they did not make this payment"),
    "general": _l("Gives no reason"),
    "product_not_received": _l("Says that they did not get what they paid for"),
    "product_unacceptable": _l("Says that it was not what they paid for"),
    "unrecognized": _l("Does not know this payment"),
    "declined": _l("the bank said no"),
    "expired_or_canceled_card": _l("the card has expired or was cancelled"),
    "insufficient_funds": _l("there is too little money on your account at Stripe"),
    "lost_or_stolen_card": _l("the card was lost or stolen"),
    "unknown": _l("Stripe gives no reason"),
}
"""Reasons of objections, then of refunds that failed. What is not in the table is told in Stripe's own words."""


def in_words(said: str) -> str:
    """Return what Stripe said, in plain words where it is one of its short words."""
    return str(WORDS.get(said, said))
