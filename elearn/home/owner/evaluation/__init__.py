"""The owner's pages of evaluations; importing this package brings them all along."""

from elearn.home.owner.evaluation import files, pages, rounds

__all__ = ["files", "pages", "rounds"]
