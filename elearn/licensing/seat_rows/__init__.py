"""The seat rows. Whatever changes one is a function here, and writes its line of history and audit with it.

docs/rules/seats.md tells the rules. Nobody else may write to `seats`, `seat_events` or an invitation's
`answered_at`; a test looks for it. Rows are locked in one order: licence, request, seat, invitation. Whoever gets a
seat waits no more, so a request for one is closed here as well.
"""

from elearn.licensing.seat_rows.filling import add, reserve, reserve_many, restore, withdraw
from elearn.licensing.seat_rows.holding import (
    claim,
    close_invitations,
    empty,
    place,
    remind,
    rename_holder,
    renew,
    use,
    want_no_reminders,
)
from elearn.licensing.seat_rows.locks import lock, lock_licence, lock_several, lock_within
from elearn.licensing.seat_rows.values import Placing

__all__ = [
    "Placing",
    "add",
    "claim",
    "close_invitations",
    "empty",
    "lock",
    "lock_licence",
    "lock_several",
    "lock_within",
    "place",
    "remind",
    "rename_holder",
    "renew",
    "reserve",
    "reserve_many",
    "restore",
    "use",
    "want_no_reminders",
    "withdraw",
]
