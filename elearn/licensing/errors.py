"""What licences, seats and invitations refuse."""

from elearn.core.errors import DomainError


class NoFreeSeat(DomainError):
    """All seats of the licence are taken."""


class AlreadySeated(DomainError):
    """The person has a seat of this licence already, or an open invitation to one."""


class SeatNotHeld(DomainError):
    """The seat is no longer that person's: taken back, declined or lapsed meanwhile."""


class HandoversUsedUp(DomainError):
    """As many used seats of the licence have changed hands as its terms allow."""


class NotEnoughSeats(DomainError):
    """More people than free seats; nothing was changed."""

    def __init__(self, *, wanted: int, free: int) -> None:
        super().__init__()
        self.wanted, self.free = wanted, free


class NoAddressColumn(DomainError):
    """None of a list's columns is said to hold the email addresses."""


class NobodyToInvite(DomainError):
    """Nobody on the list needs a seat: all have one, are skipped, or have to be corrected first."""


class AddressTaken(DomainError):
    """The address belongs to somebody who has a seat of the licence already."""


class LicenceEnded(DomainError):
    """The licence's last day has passed."""


class InvitationNotValid(DomainError):
    """The invitation has been answered, withdrawn or replaced, is too old, or was never ours."""


class TooLateToUndo(DomainError):
    """The time to undo has passed, or the seat or the person has been seated otherwise meanwhile."""


class WrongPeriod(DomainError):
    """A licence must not end before it begins."""


class WrongNumberOfSeats(DomainError):
    """A licence has at least one seat, and at most `services.MOST_SEATS`."""


class NotADomain(DomainError):
    """What was written is no mail domain."""


class PublicDomain(DomainError):
    """Anybody can have an address at this domain, so it shows no employment."""


class LinkDayNotValid(DomainError):
    """A join link's last day must not have passed, nor lie beyond its licence."""


class JoinLinkClosed(DomainError):
    """The join link has been closed, its last day has passed, or its licence has ended."""


class JoinLinkFull(DomainError):
    """As many as the join link allows have joined by it."""


class WrongDomain(DomainError):
    """The address lies at none of the join link's mail domains."""


class JoiningNotValid(DomainError):
    """The letter's link has been used, replaced or is too old, or was never ours."""


class NoWaitingLine(DomainError):
    """No seat is free, and the licence has no waiting line."""


class StillSeated(DomainError):
    """Somebody who is said to have left holds a seat of the municipality's."""
