"""Which rows are a person's: one part for each table that holds something about somebody."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from elearn.accounts.models import EmailAddress, Passkey, Person, SignIn, SignInLink, TotpSecret
from elearn.billing.models import CampaignApplication, Order, Quote
from elearn.core.audit import AuditEvent
from elearn.core.db import Base
from elearn.feedback.models import FeedbackAsk, FeedbackReceipt, NamedResponse
from elearn.learning.models import Certificate, Completion, LessonCompletion, Note, Nudge, PassageSkip, VideoProgress
from elearn.licensing.models import Invitation, Joining, RenewalLeaver, Seat, SeatEvent, SeatRequest
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, MembershipDepartment
from elearn.personal_data import sales
from elearn.training.models import RefreshedModule, TrainingDue


@dataclass(frozen=True)
class Part:
    """One table's share of what is held about a person."""

    name: str
    model: type[Base]
    is_theirs: Callable[[int], ColumnElement[bool]]


PARTS = [
    Part("person", Person, lambda me: Person.id == me),
    Part("addresses", EmailAddress, lambda me: EmailAddress.person_id == me),
    Part("passkeys", Passkey, lambda me: Passkey.person_id == me),
    Part("authenticator", TotpSecret, lambda me: TotpSecret.person_id == me),
    Part("sign_ins", SignIn, lambda me: SignIn.person_id == me),
    Part("sign_in_links", SignInLink, lambda me: SignInLink.person_id == me),
    Part("memberships", Membership, lambda me: Membership.person_id == me),
    Part(
        "departments",
        MembershipDepartment,
        lambda me: MembershipDepartment.membership_id.in_(select(Membership.id).where(Membership.person_id == me)),
    ),
    Part("seats", Seat, lambda me: Seat.person_id == me),
    Part("seat_history", SeatEvent, lambda me: SeatEvent.person_id == me),
    Part("seat_requests", SeatRequest, lambda me: SeatRequest.person_id == me),
    Part("joinings", Joining, lambda me: Joining.person_id == me),
    Part("renewals_without", RenewalLeaver, lambda me: RenewalLeaver.person_id == me),
    Part("invitations", Invitation, lambda me: Invitation.person_id == me),
    Part("training", TrainingDue, lambda me: TrainingDue.person_id == me),
    Part(
        "modules_refreshed",
        RefreshedModule,
        lambda me: RefreshedModule.due_id.in_(select(TrainingDue.id).where(TrainingDue.person_id == me)),
    ),
    Part("films_watched", VideoProgress, lambda me: VideoProgress.person_id == me),
    Part("reminders_of_courses", Nudge, lambda me: Nudge.person_id == me),
    Part("passages_skipped", PassageSkip, lambda me: PassageSkip.person_id == me),
    Part("lessons_completed", LessonCompletion, lambda me: LessonCompletion.person_id == me),
    Part("courses_completed", Completion, lambda me: Completion.person_id == me),
    Part(
        "certificates",
        Certificate,
        lambda me: Certificate.completion_id.in_(select(Completion.id).where(Completion.person_id == me)),
    ),
    Part("orders", Order, sales.is_sender),
    Part("quotes", Quote, lambda me: sales.of_person(Quote.email, me)),
    Part("applications", CampaignApplication, lambda me: sales.of_person(CampaignApplication.email, me)),
    Part("feedback_answered", FeedbackReceipt, lambda me: FeedbackReceipt.person_id == me),
    Part("feedback_asked", FeedbackAsk, lambda me: FeedbackAsk.person_id == me),
    Part("feedback_by_name", NamedResponse, lambda me: NamedResponse.person_id == me),
    Part("notes", Note, lambda me: Note.person_id == me),
    Part(
        "letters",
        Letter,
        lambda me: Letter.recipient.in_(select(EmailAddress.address).where(EmailAddress.person_id == me)),
    ),
    Part(
        "events",
        AuditEvent,
        lambda me: or_(AuditEvent.actor_id == me, AuditEvent.data["person_id"].as_integer() == me),
    ),
]
"""Beside these, uploaded lists hold rows about many people: `mentions.rows_in_lists`."""
