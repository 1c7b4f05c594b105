"""The municipal buyer's pages; importing this package brings them all along."""

from elearn.home.buyer import bulk, colleagues, departments, export, licence, seats, settings, start
from elearn.home.buyer.pages import bp

__all__ = ["bp", "bulk", "colleagues", "departments", "export", "licence", "seats", "settings", "start"]
from elearn.home.buyer import bulk, data, export, licence, seats, start
from elearn.home.buyer.pages import bp

__all__ = ["bp", "bulk", "data", "export", "licence", "seats", "start"]
