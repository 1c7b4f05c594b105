"""After a backup was put back: it holds no answers that waited for their release, so their people are asked again."""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from elearn.core.tokens import random_token
from elearn.feedback.models import FeedbackReceipt, FeedbackRound, NamedResponse, PairingKey


def take_back(session: Session) -> int:
    """Forget who had handed in what was never released, and return how many receipts that were.

    What they answered under their name becomes a draft of theirs. Open rounds get a new pairing key: what was answered
    before is compared with nothing that is answered from now on.
    """
    waiting = exists().where(
        FeedbackReceipt.is_final.is_(False),
        FeedbackReceipt.round_id == NamedResponse.round_id,
        FeedbackReceipt.form_id == NamedResponse.form_id,
        FeedbackReceipt.about == NamedResponse.about,
        FeedbackReceipt.person_id == NamedResponse.person_id,
    )
    session.execute(update(NamedResponse).where(waiting).values(submitted_at=None))
    taken = session.execute(delete(FeedbackReceipt).where(FeedbackReceipt.is_final.is_(False)))
    has_key = exists().where(PairingKey.round_id == FeedbackRound.id)
    for round_id in session.scalars(select(FeedbackRound.id).where(FeedbackRound.closed_at.is_(None), ~has_key)):
        session.add(PairingKey(round_id=round_id, key=random_token()))
    session.flush()
    return int(taken.rowcount)  # type: ignore[attr-defined]  # a DELETE has one
