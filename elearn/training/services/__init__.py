"""Rules for new hires and refreshers: what changes them. docs/rules/training.md tells them in prose."""

from elearn.training.services.following import give_seats, meet_people, note_what_is_done, rules_to_follow
from elearn.training.services.refreshing import say_refreshed
from elearn.training.services.reminding import remind
from elearn.training.services.rules import draft, end_rule, remove_department, start_rule

__all__ = [
    "draft",
    "end_rule",
    "give_seats",
    "meet_people",
    "note_what_is_done",
    "remind",
    "remove_department",
    "rules_to_follow",
    "say_refreshed",
    "start_rule",
]
