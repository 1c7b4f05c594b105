"""The pages by which seats are ordered: a form, a review, a press. Public pages and the buyer's console share them."""

from elearn.billing.ordering.pages import answer
from elearn.billing.ordering.subjects import MoreSeats, OnQuote, Open, Renewal, Subject

__all__ = ["MoreSeats", "OnQuote", "Open", "Renewal", "Subject", "answer"]
