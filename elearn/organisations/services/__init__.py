"""Course houses, municipalities' people, departments and numbers: what changes them."""

from elearn.organisations.services.api_tokens import find_token, make_token, note_use, revoke_token
from elearn.organisations.services.colleagues import (
    Ended,
    NewColleague,
    add_colleague,
    end_role,
    hand_over,
)
from elearn.organisations.services.customers import add_customer
from elearn.organisations.services.departments import add_department, change_department, remove_department
from elearn.organisations.services.members import (
    add_house,
    add_member,
    end_learning,
    make_owner,
    undo_end_of_learning,
    work_only_in,
)
from elearn.organisations.services.settings import (
    add_gln,
    choose_nudges,
    remove_gln,
    write_org_number,
)

__all__ = [
    "Ended",
    "NewColleague",
    "add_colleague",
    "add_customer",
    "add_department",
    "add_gln",
    "add_house",
    "add_member",
    "change_department",
    "choose_nudges",
    "end_learning",
    "end_role",
    "find_token",
    "hand_over",
    "make_owner",
    "make_token",
    "note_use",
    "remove_department",
    "remove_gln",
    "revoke_token",
    "undo_end_of_learning",
    "work_only_in",
    "write_org_number",
]
