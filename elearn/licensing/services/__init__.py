"""Licences, seats and who waits for one: what changes them. docs/rules/seats.md tells the rules in prose."""

from elearn.licensing.services.licences import MOST_SEATS, change_terms, grant_licence
from elearn.licensing.services.renewal import carry_over, choose_leavers
from elearn.licensing.services.seats import (
    HOLD,
    accept_invitation,
    accept_seat,
    correct_address,
    decline_invitation,
    free_for_good,
    free_lapsed_seats,
    give_seat,
    holds_until,
    invite,
    place_seats,
    resend_invitation,
    take_back_seat,
    undo_take_back,
    undoable,
    use_seat,
)
from elearn.licensing.services.waiting_line import (
    answer_request,
    ask_for_seat,
    join_line,
    leave_line,
    serve_line,
)

__all__ = [
    "HOLD",
    "MOST_SEATS",
    "accept_invitation",
    "accept_seat",
    "answer_request",
    "ask_for_seat",
    "carry_over",
    "change_terms",
    "choose_leavers",
    "correct_address",
    "decline_invitation",
    "free_for_good",
    "free_lapsed_seats",
    "give_seat",
    "grant_licence",
    "holds_until",
    "invite",
    "join_line",
    "leave_line",
    "place_seats",
    "resend_invitation",
    "serve_line",
    "take_back_seat",
    "undo_take_back",
    "undoable",
    "use_seat",
]
