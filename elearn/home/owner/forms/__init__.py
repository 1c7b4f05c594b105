"""The owner's pages about feedback forms: what is asked, and writing it in the browser."""

from elearn.home.owner.forms import answers, drafts, parts, shown

__all__ = ["answers", "drafts", "parts", "shown"]
