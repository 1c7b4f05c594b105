"""The owner's pages about feedback forms: what is asked, and writing it in the browser."""

from elearn.home.owner.forms import drafts, parts, shown

__all__ = ["drafts", "parts", "shown"]
