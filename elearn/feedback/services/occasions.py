"""Occasions at which guests answer by a code: making them, closing them."""

from datetime import date

from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.scope import HouseScope
from elearn.feedback.errors import FormClosed, NotInTheAudience
from elearn.feedback.form_files import Audience
from elearn.feedback.models import FeedbackForm, FeedbackOccasion, FeedbackRound
from elearn.licensing.join_codes import new_code
from elearn.organisations.models import Municipality

OCCASION_MADE = audit.kind("feedback.occasion.made", "occasion_id", "form_id")
OCCASION_CLOSED = audit.kind("feedback.occasion.closed", "occasion_id")


def make_occasion(
    session: Session,
    scope: HouseScope,
    *,
    form: FeedbackForm,
    round_: FeedbackRound,
    title: str,
    held_on: date,
    municipality: Municipality | None,
) -> FeedbackOccasion:
    """Make an occasion with a code of its own. Raises `NotInTheAudience` unless the form asks guests, `FormClosed`."""
    if Audience.GUEST not in form.audience:
        raise NotInTheAudience
    if form.retired_at is not None or round_.closed_at is not None:
        raise FormClosed
    occasion = FeedbackOccasion(
        round=round_,
        form=form,
        municipality=municipality,
        title=title,
        held_on=held_on,
        code=new_code(),
        created_by_id=scope.person_id,
        created_at=clock.now(),
        closed_at=None,
    )
    session.add(occasion)
    session.flush()
    audit.record(
        session,
        OCCASION_MADE,
        actor_id=scope.person_id,
        course_house_id=scope.course_house_id,
        municipality_id=municipality.id if municipality else None,
        occasion_id=occasion.id,
        form_id=form.id,
    )
    return occasion


def close_occasion(session: Session, scope: HouseScope, *, occasion: FeedbackOccasion) -> None:
    """Let the code open nothing any more; what was answered stays."""
    if occasion.closed_at is not None:
        return
    occasion.closed_at = clock.now()
    audit.record(
        session,
        OCCASION_CLOSED,
        actor_id=scope.person_id,
        course_house_id=scope.course_house_id,
        occasion_id=occasion.id,
    )
