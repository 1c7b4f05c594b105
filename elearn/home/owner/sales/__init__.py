"""The owner's pages about selling; importing this package brings them all along."""

from elearn.home.owner.sales import (
    answers,
    by_hand,
    campaigns,
    cards,
    codes,
    domains,
    invoices,
    money,
    orders,
    overview,
    prices,
    seller,
    vat,
)

__all__ = [
    "answers",
    "by_hand",
    "campaigns",
    "cards",
    "codes",
    "domains",
    "invoices",
    "money",
    "orders",
    "overview",
    "prices",
    "seller",
    "vat",
]
