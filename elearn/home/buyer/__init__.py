"""The municipal buyer's pages; importing this package brings them all along."""

from elearn.home.buyer import bulk, export, licence, seats, start
from elearn.home.buyer.pages import bp

__all__ = ["bp", "bulk", "export", "licence", "seats", "start"]
