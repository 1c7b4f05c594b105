"""The municipal buyer's pages; importing this package brings them all along."""

from elearn.home.buyer import start
from elearn.home.buyer.pages import bp

__all__ = ["bp", "start"]
