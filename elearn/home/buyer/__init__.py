"""The municipal buyer's pages; importing this package brings them all along."""

from elearn.home.buyer import (
    bulk,
    colleagues,
    data,
    departments,
    export,
    joining,
    licence,
    lists,
    messages,
    renewal,
    seats,
    settings,
    start,
    tokens,
    training,
    training_export,
    waiting_line,
)
from elearn.home.buyer.pages import bp

__all__ = [
    "bp",
    "bulk",
    "colleagues",
    "data",
    "departments",
    "export",
    "joining",
    "licence",
    "lists",
    "messages",
    "renewal",
    "seats",
    "settings",
    "start",
    "tokens",
    "training",
    "training_export",
    "waiting_line",
]
