"""A value for every variable of a URL: things of all kinds, made on one side of the world."""

import secrets
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Passkey, Person
from elearn.accounts.services import confirm_address, find_or_add_person, open_sign_in
from elearn.billing.models import ApplicationState, Campaign, CampaignApplication, PayBy
from elearn.billing.services.invoices import issue_invoice
from elearn.billing.services.orders import CONFIRM_PURPOSE
from elearn.billing.services.pricing_orders import Asked
from elearn.billing.services.quotes import make_quote
from elearn.catalogue.models import Course
from elearn.catalogue.queries import ModuleOutline
from elearn.core import clock
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.core.tokens import Tokens
from elearn.evaluation.services.moderating import make_theme
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, VersionSource
from elearn.feedback.services.editing import begin_draft
from elearn.feedback.services.occasions import make_occasion
from elearn.feedback.services.publishing import publish_form
from elearn.learning import certificates
from elearn.learning.models import Completion, LessonCompletion, Note
from elearn.licensing.emails import JOINING_PURPOSE
from elearn.licensing.lists.people import people_in
from elearn.licensing.lists.reading import read
from elearn.licensing.models import JoinLink, SeatRequest
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import ask_for_seat, join_line, make_join_link, send_joining
from elearn.licensing.services.from_list import hand_in_list
from elearn.licensing.services.list_reading import keep_people
from elearn.mail.models import Letter
from elearn.media.models import Film, FilmUpload, Video
from elearn.organisations.models import Membership, Role, TokenScope
from elearn.organisations.services import add_department, add_gln, make_token
from elearn.personal_data.models import Departure
from elearn.training.models import RuleKind, TrainingDue, TrainingRule
from tests.billing.shop import add_campaign, open_shop, order
from tests.evaluation.made_up import add_text, publish_round
from tests.feedback.forms import ask, every_type, form_file
from tests.world import Side

GLN = "5790001330552"
MESSY = b"Mail;Name;Department\nbo@listed.example;Bo;\nmette.listed.example;Mette;Nowhere\nole@listed.example;=A1;\n"

Values = dict[str, str | int]


def values_of(session: Session, side: Side, token: str, tokens: Tokens) -> Values:
    """Make one thing of each kind on a side; return the values by the variables' names."""
    outline = side.outline(session)
    module = outline.modules[0]
    closed = outline.modules[1].lessons[0]
    video = session.get_one(Video, closed.film("da").video_id)
    completion = Completion(
        person_id=side.learner.id,
        course_id=side.course.id,
        course_version_id=outline.version_id,
        completed_at=clock.now(),
    )
    session.add(completion)
    session.flush()
    certificate = certificates.issue(session, completion)
    session.add(
        Note(
            person_id=side.learner.id,
            module_id=module.id,
            question="a-child",
            text=f"NOTE-{side.house.slug}",
            saved_at=clock.now(),
        )
    )
    scope = MunicipalityScope(side.municipality.id, side.buyer.id)
    department = add_department(session, scope=scope, name=f"Department {side.house.slug}", by_id=None)
    gln = add_gln(session, scope=scope, gln=GLN, label=f"Unit {side.house.slug}", by_id=None)
    api_token, _secret = make_token(session, scope=scope, name="HR", scopes=list(TokenScope), by_id=None)
    leads = select(Membership.id).where(Membership.person_id == side.leader.id, Membership.role == Role.LEADER)
    session.add(
        Departure(
            municipality_id=side.municipality.id,
            course_house_id=side.house.id,
            asked_at=clock.now(),
            delete_on=clock.today("DK"),
            done_at=clock.now(),
            reason=f"Departure {side.house.slug}",
            receipt={"people": 1},
        )
    )
    passkey = Passkey(
        person_id=side.learner.id,
        credential_id=f"{side.house.slug}-key",
        public_key=b"key",
        sign_count=0,
        name="phone",
        created_at=clock.now(),
    )
    session.add(passkey)
    sign_in = open_sign_in(session, person=session.get_one(Person, side.learner.id), door="test").sign_in
    session.commit()
    list_ids = [_handed_in(session, side, by) for by in (side.buyer, side.owner)]
    session.commit()
    link, request, joining_token = _joining(session, side, tokens)
    return {
        "department_id": department.id,
        "gln_id": gln.id,
        "token_id": api_token.id,
        "membership_id": session.scalars(leads).one(),
        "join_link_id": link.id,
        "join_code": link.code,
        "joining_token": joining_token,
        "request_id": request.id,
        **_training(session, side, department.id, module.key),
        **_buying(session, side, tokens),
        **_selling(session, side),
        **_feedback(session, side, module),
        **_asking(session, side),
        **_evaluated(session, side),
        "upload_id": _uploading(session, side),
        "municipality_id": side.municipality.id,
        "course_id": side.course.id,
        "slug": side.course.slug,
        "module_id": module.id,
        "lesson_id": module.lessons[0].id,
        "passage": "memory",
        "module_key": module.key,
        "lesson_key": module.lessons[0].key,
        "text_language": "en",
        "question": "a-child",
        "certificate_id": certificate.id,
        "sign_in_id": sign_in.id,
        "passkey_id": passkey.id,
        "video_id": video.id,
        "package": video.package,
        "film_key": _film_of(session, side, video),
        "caption_language": "da",
        "at_ms": 1000,
        "file": "master.m3u8",
        "licence_id": side.licence.id,
        "list_id": list_ids[0],
        "house_list_id": list_ids[1],
        "seat_id": side.seat(session, side.invited).id,
        "token": token,
        "code": certificate.code,
        "name": "letter",
        "key": "mette",
    }


def _film_of(session: Session, side: Side, video: Video) -> str:
    """Return a film whose files are the house's: both houses show the same, which is the first one's."""
    if session.get_one(Film, video.key).course_house_id == side.house.id:
        return video.key
    session.add(Film(key=f"film-{side.house.slug}", course_house_id=side.house.id))
    session.commit()
    return f"film-{side.house.slug}"


def _handed_in(session: Session, side: Side, by: Person) -> int:
    """Hand in a list of people that has been read."""
    listed = hand_in_list(
        session,
        licence=side.licence,
        content=MESSY,
        file_name="staff.csv",
        language="en",
        message=None,
        holds=None,
        by_id=by.id,
    )
    keep_people(session, list_id=listed.id, found=people_in(read(MESSY)))
    return listed.id


def _joining(session: Session, side: Side, tokens: Tokens) -> tuple[JoinLink, SeatRequest, str]:
    """Make a join link by which somebody wants to join, somebody who waits and somebody who asks."""
    link = make_join_link(
        session,
        scope=MunicipalityScope(side.municipality.id, side.buyer.id),
        licence=side.licence,
        department_id=None,
        domains=[f"{side.house.slug}.example"],
        most=10,
        ends_on=side.licence.ends_on,
        needs_approval=False,
        by_id=side.buyer.id,
    )
    address = f"joiner@{side.house.slug}.example"
    send_joining(session, tokens, join_link_id=link.id, address=address, called="Joiner", language="en")
    letter = session.scalars(
        select(Letter).where(Letter.kind == "licensing/joining").order_by(Letter.id.desc())
    ).first()
    assert letter.token_nonce
    waits = find_or_add_person(session, address=f"waits@{side.house.slug}.example", name="Waits", language="en")[0]
    join_line(session, person=waits, licence=side.licence, placing=Placing())
    request = ask_for_seat(session, PersonScope(side.leader.id), licence=side.licence, placing=Placing())
    return link, request, tokens.reveal(JOINING_PURPOSE, letter.token_nonce)


def _selling(session: Session, side: Side) -> Values:
    """Return the house's campaign and its code, and let a municipality apply for it."""
    campaign = session.scalars(select(Campaign).where(Campaign.course_house_id == side.house.id)).one()
    application = CampaignApplication(
        campaign=campaign,
        municipality_id=side.municipality.id,
        form_key=f"application-{side.house.slug}",
        name="Applicant",
        email=f"applicant@{side.house.slug}.example",
        phone="",
        message="",
        language="en",
        state=ApplicationState.NEW,
        applied_at=clock.now(),
    )
    session.add(application)
    session.commit()
    return {"campaign_id": campaign.id, "code_id": campaign.codes[0].id, "application_id": application.id}


def _feedback(session: Session, side: Side, module: ModuleOutline) -> Values:
    """Ask the learner about the course and the module, which they are through, and guests at an occasion."""
    for lesson in module.lessons:
        session.add(
            LessonCompletion(
                person_id=side.learner.id,
                lesson_id=lesson.id,
                how="read",
                completed_at=clock.now(),
                course_version_id=side.course.current_version_id,
            )
        )
    course = session.merge(side.course)
    form, round_ = ask(
        session, course, form_file(f"form-{side.house.slug}", moment="on-request", questions=every_type())
    )
    about_modules, _round = ask(session, course, form_file(f"module-{side.house.slug}", moment="after-module"))
    named, _round = ask(session, course, form_file(f"named-{side.house.slug}", moment="on-request", anonymous=False))
    guests, _round = ask(
        session, course, form_file(f"guests-{side.house.slug}", audience=["guest"], moment="on-request")
    )
    occasion = make_occasion(
        session,
        side.house_scope,
        form=guests,
        round_=round_,
        title=f"Evening {side.house.slug}",
        held_on=clock.today("DK"),
        municipality=session.merge(side.municipality),
    )
    session.commit()
    return {
        "form_id": form.id,
        "module_form_id": about_modules.id,
        "named_form_id": named.id,
        "occasion_id": occasion.id,
        "occasion_code": occasion.code,
    }


def _evaluated(session: Session, side: Side) -> Values:
    """Let the course be evaluated, with figures of the municipality, a text and a theme."""
    course, municipality = session.merge(side.course), session.merge(side.municipality)
    round_ = publish_round(session, course, [municipality])
    form = session.scalars(
        select(FeedbackForm).where(FeedbackForm.course_id == course.id, FeedbackForm.key == "after")
    ).one()
    text = add_text(session, round_, form, f"Text of {side.house.slug}")
    theme = make_theme(session, round_=round_, name=f"Theme of {side.house.slug}", by=session.merge(side.owner))
    session.commit()
    return {"round_id": round_.id, "text_id": text.id, "theme_id": theme.id}


def _uploading(session: Session, side: Side) -> str:
    """Let a film be on its way from the owner's browser."""
    key = f"coming-{side.house.slug}"
    session.add(Film(key=key, course_house_id=side.house.id))
    session.flush()
    upload = FilmUpload(
        id=secrets.token_hex(16),
        film_key=key,
        course_house_id=side.house.id,
        language="da",
        file_name=f"FILE-{side.house.slug}.mp4",
        size_bytes=1000,
        begun_by_id=side.owner.id,
        begun_at=clock.now(),
        touched_at=clock.now(),
    )
    session.add(upload)
    session.commit()
    return upload.id


def _asking(session: Session, side: Side) -> Values:
    """Publish a feedback form of the course and begin a draft of it; ids in it are the house's own."""
    name = side.house.slug
    question = {"id": f"question-{name}", "type": "rating", "text": {"da": f"QUESTION-{name}"}}
    section = {"id": f"section-{name}", "title": {"da": "Afsnit"}, "questions": [question]}
    asked = FormFile.model_validate(
        {
            "id": f"drafted-{name}",
            "title": {"da": f"FORM-{name}"},
            "audience": ["staff"],
            "moment": "completion",
            "sections": [section, section | {"id": "last", "questions": [question | {"id": f"last-{name}"}]}],
        }
    )
    course = session.get_one(Course, side.course.id)
    version = publish_form(session, course=course, form=asked, source=VersionSource.BROWSER, by=None)
    draft = begin_draft(session, form=version.form)
    session.commit()
    return {
        "draft_id": draft.id,
        "section_key": section["id"],
        "question_key": question["id"],
    }


def _training(session: Session, side: Side, department_id: int, module_key: str) -> Values:
    """Make a refresher that the learner is to go through; it leaves room for rules of the whole municipality."""
    rule = TrainingRule(
        municipality_id=side.municipality.id,
        department_id=department_id,
        course_id=side.course.id,
        kind=RuleKind.REFRESHER,
        within_days=30,
        after_months=12,
        modules=[module_key],
        created_at=clock.now(),
    )
    session.add(rule)
    session.flush()
    due_on = clock.today("DK") + timedelta(days=30)
    due = TrainingDue(rule_id=rule.id, person_id=side.learner.id, due_on=due_on, created_at=clock.now())
    session.add(due)
    session.commit()
    return {"rule_id": rule.id, "due_id": due.id, "module_key": module_key}


def _buying(session: Session, side: Side, tokens: Tokens) -> Values:
    """Let the house sell, and make a quote, an order with its invoice, an order to confirm and a campaign's page."""
    here = {name: session.merge(getattr(side, name)) for name in ("course", "municipality", "buyer", "house", "owner")}
    side = replace(side, **here)
    open_shop(session, side)
    confirm_address(session, side.buyer.addresses[0])
    campaign = add_campaign(session, side).campaign
    assert campaign is not None
    campaign.is_public = True
    quote = make_quote(
        session,
        course=side.course,
        municipality=side.municipality,
        asked=Asked(10),
        name=f"Asker {side.house.slug}",
        email=f"asker@{side.house.slug}.example",
        language="en",
        form_key="a quote",
    )
    bought = order(session, tokens, side, pay_by=PayBy.CARD)  # its seats wait for the payment
    invoice = issue_invoice(session, scope=side.house_scope, order_id=bought.id, by_id=side.owner.id)
    order(session, tokens, side, municipality=side.municipality, email=f"orders@{side.house.slug}.example")
    letter = session.scalars(select(Letter).where(Letter.kind == "billing/confirm_order").order_by(Letter.id.desc()))
    nonce = letter.first().token_nonce  # type: ignore[union-attr]  # placing the order wrote it
    assert nonce
    session.commit()
    return {
        "quote_code": quote.code,
        "order_id": bought.id,
        "invoice_id": invoice.id,
        "campaign_slug": campaign.slug,
        "order_token": tokens.reveal(CONFIRM_PURPOSE, nonce),
    }
