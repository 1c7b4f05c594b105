"""The owner's pages of evaluations; importing this package brings them all along."""

from elearn.home.owner.evaluation import files, pages, promises, rounds, texts, themes

__all__ = ["files", "pages", "promises", "rounds", "texts", "themes"]
