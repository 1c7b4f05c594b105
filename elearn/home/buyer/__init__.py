"""The municipal buyer's pages; importing this package brings them all along."""

from elearn.home.buyer import licence, start
from elearn.home.buyer.pages import bp

__all__ = ["bp", "licence", "start"]
