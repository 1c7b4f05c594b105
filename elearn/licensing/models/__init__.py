"""The tables of licensing, and what the database promises about them (docs/rules/seats.md)."""

from elearn.licensing.models.joining import Joining, JoinLink, RequestState, SeatRequest
from elearn.licensing.models.licences import Licence, LicenceMessage, LicenceWarning, RenewalLeaver
from elearn.licensing.models.lists import SeatList, SeatListState
from elearn.licensing.models.seats import FREE, Invitation, Seat, SeatChange, SeatEvent, SeatState

__all__ = [
    "FREE",
    "Invitation",
    "JoinLink",
    "Joining",
    "Licence",
    "LicenceMessage",
    "LicenceWarning",
    "RenewalLeaver",
    "RequestState",
    "Seat",
    "SeatChange",
    "SeatEvent",
    "SeatList",
    "SeatListState",
    "SeatRequest",
    "SeatState",
]
