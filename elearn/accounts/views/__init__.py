"""Signing in and out, the second step, choosing a language, and leaving the page."""

from elearn.accounts.views import second_step, signing_in
from elearn.accounts.views.blueprint import bp

__all__ = ["bp", "second_step", "signing_in"]
