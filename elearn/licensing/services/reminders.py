"""Reminding of open invitations: twice at most, and never of a seat that is about to be given up."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.tokens import Tokens
from elearn.licensing import seat_rows
from elearn.licensing.errors import InvitationNotValid, SeatNotHeld
from elearn.licensing.models import Seat, SeatState
from elearn.licensing.queries import open_invitation, seats_to_remind
from elearn.licensing.services.invitations import last_offer, send_invitation

REMIND_AFTER = (timedelta(days=7), timedelta(days=21))
BATCH = 100


def remind_some(session: Session, tokens: Tokens, *, after: int) -> int | None:
    """Remind the next hundred invited people who have not answered; seats are taken in the order of their ids.

    Returns the id to go on after, or None when there are no more. Again on the same day reminds nobody twice.
    """
    due = seats_to_remind(session, REMIND_AFTER, after=after, limit=BATCH)
    for seat in seat_rows.lock_several(session, due):
        if seat.invited_at is not None and seat.reminders < _turn(seat.invited_at):
            remind(session, tokens, seat)
    return due[-1] if len(due) == BATCH else None


def remind(session: Session, tokens: Tokens, seat: Seat) -> None:
    """Mail an invited person a reminder with a fresh link; the link before is dead, the hold stays as it is.

    The seat is locked. One that an operator sends counts as the next; one that was missed is not sent late. Raises
    `SeatNotHeld`.
    """
    if seat.state is not SeatState.INVITED or seat.invited_at is None:
        raise SeatNotHeld
    last = last_offer(session, seat)
    seat_rows.close_invitations(session, seat.id)
    seat_rows.remind(session, seat, times=max(_turn(seat.invited_at), seat.reminders + 1))
    send_invitation(
        session, tokens, seat, seat.licence, last.email, by_id=last.invited_by_id, message=last.message, reminds=True
    )


def stop_reminders(session: Session, token: str) -> Seat:
    """Send whoever has this invitation no reminders; the seat stays held. Raises `InvitationNotValid`."""
    invitation = open_invitation(session, token)
    seat = None if invitation is None else seat_rows.lock(session, invitation.seat_id)
    if invitation is None or seat is None or seat.person_id != invitation.person_id:
        raise InvitationNotValid
    seat_rows.want_no_reminders(session, seat)
    return seat


def _turn(invited_at: datetime) -> int:
    """Return how many reminders somebody invited at an instant has been due by now."""
    return sum(invited_at + days <= clock.now() for days in REMIND_AFTER)
