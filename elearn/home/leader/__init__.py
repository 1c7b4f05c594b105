"""The leader's pages: the own department, without spying on single people."""

from elearn.home.leader import evaluation, start
from elearn.home.leader.pages import bp

__all__ = ["bp", "evaluation", "start"]
