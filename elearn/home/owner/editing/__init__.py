"""The owner's pages about what a course says: written in the browser, kept in the course's files."""

from elearn.home.owner.editing import course, lessons, modules, removing, texts, versions

__all__ = ["course", "lessons", "modules", "removing", "texts", "versions"]
