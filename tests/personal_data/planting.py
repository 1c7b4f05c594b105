"""Leaves a trace of somebody in every table and every text column there is for them."""

import json

from sqlalchemy import String, inspect, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Passkey, Person, SignIn, SignInLink, TotpSecret
from elearn.billing.models import Campaign, CampaignApplication, Order, Price, Quote
from elearn.catalogue.models import Lesson, Module
from elearn.core import audit, clock
from elearn.core.installation import Installation
from elearn.feedback.models import FeedbackAsk, FeedbackOccasion, FeedbackReceipt, NamedResponse
from elearn.jobs.models import Job
from elearn.learning import certificates
from elearn.learning.models import Completion, LessonCompletion, Note, Nudge, PassageSkip, VideoProgress
from elearn.licensing.models import Joining, JoinLink, RenewalLeaver, SeatList, SeatRequest
from elearn.mail.models import Letter
from elearn.media.models import Video
from elearn.organisations.models import Department, Membership, MembershipDepartment
from elearn.personal_data.holdings import BY_TABLE
from elearn.personal_data.parts import PARTS
from elearn.training.models import RefreshedModule, TrainingDue, TrainingRule
from tests.feedback.forms import ask, form_file
from tests.world import Side

FIXED = {
    "people.language",
    "email_addresses.address",
    "email_addresses.normalised",
    "memberships.role",
    "lesson_completions.how",
    "letters.recipient",
    "letters.language",
    "letters.token_purpose",
    "seats.sort_name",
    "orders.email",
    "orders.form_key",
    "orders.language",
    "orders.currency",
    "quotes.email",
    "quotes.code",
    "quotes.form_key",
    "quotes.language",
    "quotes.currency",
    "campaign_applications.email",
    "campaign_applications.form_key",
}
"""Text columns that the database or this planter fills in a way of their own."""


def address_of(canary: str) -> str:
    return f"{canary}@Address.example"


def plant(session: Session, installation: Installation, side: Side, canary: str) -> list[str]:
    """Plant a learner; return every text that was written, secrets aside."""
    person = session.merge(side.learner)
    _rename(session, person, canary)
    _add_rows(session, side, person, canary)
    _others_keep_their_words(session, installation, side, canary)
    planted = [person.name, address_of(canary), f"{canary} answers"]
    for part in PARTS:
        theirs = select(part.model).where(part.is_theirs(person.id)).order_by(*part.model.__table__.primary_key)
        row = session.scalars(theirs).first()
        assert row is not None, f"plant something in {part.model.__tablename__}"
        for column in inspect(part.model).columns:
            name = f"{part.model.__tablename__}.{column.name}"
            if column.key in BY_TABLE[part.model.__tablename__].apart.split():
                continue
            if isinstance(column.type, String) and name not in FIXED and not column.foreign_keys:
                setattr(row, column.key, f"{canary} {name}")
                if column.key not in (
                    "token_hash",
                    "password_hash",
                    "credential_id",
                    "secret",
                    "token_nonce",
                    "confirm_token_hash",
                ):
                    planted.append(f"{canary} {name}")
    session.flush()
    session.commit()
    return planted


def _rename(session: Session, person: Person, canary: str) -> None:
    person.name = f"{canary} people.name"
    email = person.addresses[0]
    email.address, email.normalised = address_of(canary), address_of(canary).casefold()
    session.flush()


def _add_rows(session: Session, side: Side, person: Person, canary: str) -> None:
    module = session.scalars(select(Module).where(Module.course_id == side.course.id)).first()
    lesson = session.scalars(select(Lesson).where(Lesson.module_id == module.id)).first()
    video = session.scalars(select(Video).where(Video.course_house_id == side.house.id)).first()
    membership = session.scalars(select(Membership).where(Membership.person_id == person.id)).first()
    email, now, today = person.addresses[0], clock.now(), clock.today("DK")
    link = JoinLink(
        licence_id=side.licence.id, code=f"code-{side.licence.id}", domains=[], most=5, ends_on=today, created_at=now
    )
    rule = TrainingRule(
        municipality_id=side.municipality.id,
        course_id=side.course.id,
        kind="joiner",
        within_days=14,
        modules=[],
        created_at=now,
    )
    department = Department(municipality_id=side.municipality.id, name="Plan", name_key="plan")
    completion = Completion(
        person_id=person.id,
        course_id=side.course.id,
        course_version_id=side.course.current_version_id,
        completed_at=now,
    )
    session.add_all([link, rule, department, completion])
    session.flush()
    due = TrainingDue(rule_id=rule.id, person_id=person.id, due_on=today, created_at=now)
    session.add_all(
        [
            due,
            Passkey(
                person_id=person.id,
                credential_id=f"{canary} id",
                public_key=b"key",
                sign_count=1,
                name="key",
                created_at=now,
            ),
            TotpSecret(person_id=person.id, secret="x", last_step=1),
            SignIn(person_id=person.id, token_hash=f"{canary} open", created_at=now, expires_at=now.replace(year=2027)),
            MembershipDepartment(membership_id=membership.id, department_id=department.id),
            SeatRequest(licence_id=side.licence.id, person_id=person.id, state="declined", asked_at=now),
            Joining(
                join_link_id=link.id,
                person_id=person.id,
                email_address_id=email.id,
                token_hash=f"{canary} joining",
                created_at=now,
                expires_at=now,
            ),
            Nudge(person_id=person.id, course_id=side.course.id, at=now),
            RenewalLeaver(licence_id=side.licence.id, person_id=person.id),
            VideoProgress(
                person_id=person.id,
                video_id=video.id,
                seen=(0b1111, video.length_s),
                position_ms=4000,
                opened_ms=1,
                first_ticket_ms=1,
                sequence=1,
                updated_at=now,
            ),
            PassageSkip(person_id=person.id, video_id=video.id, passage="memory", at=now),
            LessonCompletion(
                person_id=person.id,
                lesson_id=lesson.id,
                how="read",
                completed_at=now,
                course_version_id=side.course.current_version_id,
            ),
            Note(person_id=person.id, module_id=module.id, question="a-child", text="note", saved_at=now),
            SignInLink(
                person_id=person.id,
                email_address_id=email.id,
                token_hash=f"{canary} secret",
                created_at=now,
                expires_at=now,
            ),
            Letter(
                kind="accounts/sign_in",
                recipient=email.address,
                language="en",
                context={"name": f"{canary} letter"},
                queued_at=now,
            ),
        ]
    )
    _add_sales(session, side, person)
    _add_feedback(session, side, person, canary)
    session.flush()
    session.add(RefreshedModule(due_id=due.id, module_key="m", at=now))
    certificates.issue(session, completion)
    audit.record(session, audit.KINDS["accounts.signed_in"], actor_id=person.id, person_id=person.id, door="link")


def _add_sales(session: Session, side: Side, person: Person) -> None:
    email, now, today = person.addresses[0], clock.now(), clock.today("DK")
    price = Price(
        course_id=side.course.id,
        currency="DKK",
        seat_year_minor=239_900,
        brackets=[],
        terms_months=[12],
        valid_from=today,
        set_at=now,
    )
    campaign = Campaign(
        course_house_id=side.house.id,
        course_id=side.course.id,
        slug=f"campaign-{side.course.slug}",
        name="Campaign",
        text="",
        country="DK",
        starts_on=today,
        ends_on=today,
        created_at=now,
    )
    session.add_all([price, campaign])
    session.flush()
    who = {"name": "x", "email": email.address, "language": "en", "form_key": f"form-{side.course.slug}"}
    asked = {
        "course_house_id": side.house.id,
        "course_id": side.course.id,
        "municipality_id": side.municipality.id,
        "price_id": price.id,
        "seats": 1,
        "months": 12,
        "currency": "DKK",
        "lines": [],
        "net_minor": 0,
        "vat_minor": 0,
        "total_minor": 0,
    }
    session.add_all(
        [
            Order(
                **who,
                **asked,
                phone="x",
                person_id=person.id,
                pay_by="invoice",
                gln="",
                buyer_reference="REF",
                order_number="",
                placed_at=now,
                confirmed_at=now,
                closed_reason="",
                invoice_problem="",
            ),
            Quote(**who, **asked, code=f"quote-{side.course.slug}", made_at=now, valid_until=today),
            CampaignApplication(
                **who,
                campaign_id=campaign.id,
                municipality_id=side.municipality.id,
                phone="x",
                message="x",
                state="new",
                applied_at=now,
            ),
        ]
    )


def _add_feedback(session: Session, side: Side, person: Person, canary: str) -> None:
    form, round_ = ask(session, session.merge(side.course), form_file(anonymous=False))
    which = {"round_id": round_.id, "form_id": form.id}
    municipality_id, now, today = side.municipality.id, clock.now(), clock.today("DK")
    session.add_all(
        [
            FeedbackReceipt(**which, about="", person_id=person.id, audience="staff", municipality_id=municipality_id),
            FeedbackAsk(**which, person_id=person.id, reminders=1, reminded_on=today, put_off_on=today),
            NamedResponse(
                **which,
                form_version_id=form.current_version_id,
                about="",
                person_id=person.id,
                municipality_id=municipality_id,
                may_quote=True,
                answers={"more": f"{canary} answers"},
                saved_at=now,
                submitted_at=now,
            ),
            FeedbackOccasion(
                **which,
                municipality_id=municipality_id,
                title="Evening",
                held_on=today,
                code=f"code-{side.course.slug}",
                created_at=now,
            ),
        ]
    )


def _others_keep_their_words(session: Session, installation: Installation, side: Side, canary: str) -> None:
    """Name the person in what belongs to others: a list, a letter to the buyer with its file, a job."""
    address, now = address_of(canary), clock.now()
    letter = Letter(
        kind="licensing/invitation",
        recipient=side.buyer.addresses[0].address,
        reply_to=address,
        language="en",
        context={"who": f"{canary} people.name", "address": address, "kept": "KEPT"},
        queued_at=now,
        sent_at=now,
    )
    session.add_all(
        [
            SeatList(
                licence_id=side.licence.id,
                created_at=now,
                file_name="list.xlsx",
                state="done",
                columns={},
                rows=[{"email": address, "name": f"{canary} listed"}, {"email": "kept@list.example", "name": "KEPT"}],
                language="da",
            ),
            Job(name="accounts.send_link", arguments={"address": address}, due_at=now, runs=1, done_at=now),
            letter,
        ]
    )
    session.flush()
    folder = installation.settings.mail_folder
    folder.mkdir(parents=True, exist_ok=True)
    for each in session.scalars(select(Letter)):
        if canary in json.dumps(each.context) + each.recipient:
            (folder / f"{each.file_stem}.eml").write_text(f"To: {each.recipient}\n\n{each.context}")
