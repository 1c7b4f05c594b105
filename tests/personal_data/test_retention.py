"""What has been kept long enough goes: kept the day before, gone the day after."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from elearn.accounts.jobs import forget_old_sign_ins
from elearn.accounts.models import EmailAddress, Person, SignIn, SignInLink
from elearn.accounts.services import find_or_add_person
from elearn.core import audit
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.jobs.housekeeping import forget_what_is_done
from elearn.jobs.models import Job
from elearn.jobs.queue import MAX_RUNS
from elearn.learning import certificates
from elearn.learning.models import Certificate, Completion, LessonCompletion, Note, PassageSkip, VideoProgress
from elearn.licensing.models import Invitation, Joining, JoinLink, Licence, RenewalLeaver, SeatList, SeatRequest
from elearn.licensing.seat_lists import returned_invitations
from elearn.licensing.services import free_lapsed_seats, take_back_seat
from elearn.mail.jobs import forget_sent_letters
from elearn.mail.models import Letter
from elearn.media.models import Video
from elearn.organisations.models import Membership
from elearn.personal_data.holdings import HOLDINGS, Keep
from elearn.personal_data.jobs import forget_what_is_old
from elearn.personal_data.retention import PROGRESS, months_before
from elearn.training.models import TrainingDue, TrainingRule
from tests.conftest import NOW, settings_in

NIGHTLY = [forget_what_is_old, forget_old_sign_ins, forget_sent_letters, forget_what_is_done]


@pytest.fixture
def nightly(session, installation) -> Callable[[], None]:
    def run() -> None:
        session.flush()
        for task in NIGHTLY:
            task(installation, session)
        session.flush()
        session.expire_all()

    return run


def count(session, model, *conditions) -> int:
    return session.scalars(select(func.count()).select_from(model).where(*conditions)).one()


def add_invitation(session, world):
    seat = world.ours.seat(session, world.ours.invited)
    take_back_seat(session, scope=world.ours.house_scope, seat_id=seat.id, by_id=world.ours.owner.id)
    return Invitation, Invitation.person_id == world.ours.invited.id


def add_request(session, world):
    session.add(
        SeatRequest(
            licence_id=world.ours.licence.id,
            person_id=world.ours.leader.id,
            state="declined",
            asked_at=NOW,
            answered_at=NOW,
        )
    )
    return (SeatRequest,)


def add_unanswered_request(session, world):
    licence = session.get_one(Licence, world.ours.licence.id)
    licence.starts_on = licence.ends_on = NOW.date()
    session.add(
        SeatRequest(
            licence_id=licence.id, person_id=world.ours.leader.id, state="waiting", asked_at=NOW, in_line_since=NOW
        )
    )
    return (SeatRequest,)


def add_joining(session, world):
    link = JoinLink(licence_id=world.ours.licence.id, code="c", domains=[], most=1, ends_on=NOW.date(), created_at=NOW)
    session.add(link)
    session.flush()
    email = session.scalars(select(EmailAddress).where(EmailAddress.person_id == world.ours.leader.id)).one()
    session.add(
        Joining(
            join_link_id=link.id,
            person_id=world.ours.leader.id,
            email_address_id=email.id,
            token_hash="h",
            created_at=NOW,
            expires_at=NOW,
        )
    )
    return (Joining,)


def add_list(session, world):
    session.add(
        SeatList(
            licence_id=world.ours.licence.id,
            created_at=NOW,
            file_name="",
            state="done",
            columns={},
            rows=[],
            language="da",
        )
    )
    return (SeatList,)


def add_sign_in(session, world):
    session.add(
        SignIn(
            person_id=world.ours.leader.id,
            token_hash="h",
            created_at=NOW - timedelta(days=1),
            expires_at=NOW + timedelta(days=29),
            ended_at=NOW,
        )
    )
    return SignIn, SignIn.token_hash == "h"


def add_link(session, world):
    email = session.scalars(select(EmailAddress).where(EmailAddress.person_id == world.ours.leader.id)).one()
    session.add(
        SignInLink(
            person_id=world.ours.leader.id, email_address_id=email.id, token_hash="h", created_at=NOW, expires_at=NOW
        )
    )
    return (SignInLink,)


def letter_at(sent_at, refused=None):
    def add(session, _world):
        letter = Letter(kind="x/y", recipient="r@x.example", language="da", context={}, queued_at=NOW)
        letter.sent_at, letter.refused = sent_at, refused
        session.add(letter)
        return Letter, Letter.recipient == "r@x.example"

    return add


def add_event(session, world):
    audit.record(session, audit.KINDS["accounts.signed_out"], actor_id=world.ours.owner.id, person_id=1)
    return AuditEvent, AuditEvent.kind == "accounts.signed_out"


def job(**values):
    def add(session, _world):
        session.add(Job(name="some.job", arguments={}, due_at=NOW, **values))
        return Job, Job.name == "some.job"

    return add


KEPT = [
    ("an invitation that was not accepted", add_invitation, timedelta(days=60)),
    ("a request that was declined", add_request, timedelta(days=60)),
    ("a request that nobody answered before the licence ended", add_unanswered_request, timedelta(days=60)),
    ("a join link's letter", add_joining, timedelta(days=60)),
    ("an uploaded list", add_list, timedelta(days=60)),
    ("an ended sign-in", add_sign_in, timedelta(days=30)),
    ("a link to sign in", add_link, timedelta(days=30)),
    ("a letter that was sent", letter_at(NOW), timedelta(days=30)),
    ("a letter that could not be sent", letter_at(None), timedelta(days=30)),
    ("a letter that came back", letter_at(None, "550 no such user"), timedelta(days=30)),
    ("an event in the trail", add_event, timedelta(days=365)),
    ("a job that is done", job(runs=1, done_at=NOW), timedelta(days=7)),
    ("a job that was given up", job(runs=MAX_RUNS), timedelta(days=7)),
]


@pytest.mark.parametrize(("add", "kept"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_it_is_kept_the_day_before_and_gone_the_day_after(session, world, clock, nightly, add, kept):
    counted = add(session, world)
    before = count(session, *counted)
    assert before >= 1
    clock.set(NOW + kept - timedelta(days=1))
    nightly()
    assert count(session, *counted) == before
    clock.set(NOW + kept + timedelta(days=1))
    nightly()
    assert count(session, *counted) == 0


def test_an_open_invitation_stays_as_long_as_it_holds_its_seat(session, world, clock, nightly):
    clock.advance(days=41)
    free_lapsed_seats(session)
    nightly()
    assert count(session, Invitation, Invitation.person_id == world.ours.invited.id) == 1


def test_a_letter_that_came_back_is_shown_as_long_as_its_invitation_holds_the_seat(session, world, clock, nightly):
    scope, licence_id = world.ours.house_scope, world.ours.licence.id
    letter = session.scalars(
        select(Letter)
        .join(Invitation, Invitation.letter_id == Letter.id)
        .where(Invitation.person_id == world.ours.invited.id)
    ).one()
    letter.refused = "550 5.1.1 No such user"
    letter_id = letter.id
    clock.advance(days=41)
    free_lapsed_seats(session)
    nightly()
    assert [held.person.id for held in returned_invitations(session, scope, licence_id=licence_id)] == [
        world.ours.invited.id
    ]
    clock.advance(days=2)
    free_lapsed_seats(session)
    nightly()
    assert count(session, Letter, Letter.id == letter_id) == 0


def test_a_letters_file_goes_with_it(session, installation, clock, nightly):
    letter_at(NOW)(session, None)
    session.flush()
    letter = session.scalars(select(Letter).where(Letter.recipient == "r@x.example")).one()
    file = installation.settings.mail_folder / f"{letter.file_stem}.eml"
    file.parent.mkdir(parents=True)
    file.write_text("x")
    clock.advance(days=31)
    nightly()
    assert not file.exists()


@pytest.fixture
def watched(session, world) -> Person:
    """A learner who has watched, skipped, completed, written and earned a certificate."""
    side = world.ours
    module = side.outline(session).modules[0]
    video = session.scalars(select(Video).where(Video.course_house_id == side.house.id)).first()
    version_id = side.course.current_version_id
    completion = Completion(
        person_id=side.learner.id, course_id=side.course.id, course_version_id=version_id, completed_at=NOW
    )
    rule = TrainingRule(
        municipality_id=side.municipality.id,
        course_id=side.course.id,
        kind="joiner",
        within_days=1,
        modules=[],
        created_at=NOW,
    )
    session.add_all([completion, rule])
    session.flush()
    certificates.issue(session, completion)
    progress = {"position_ms": 0, "opened_ms": 1, "first_ticket_ms": 1, "sequence": 1, "updated_at": NOW}
    session.add_all(
        [
            VideoProgress(person_id=side.learner.id, video_id=video.id, seen=(1, video.length_s), **progress),
            PassageSkip(person_id=side.learner.id, video_id=video.id, passage="p", at=NOW),
            LessonCompletion(
                person_id=side.learner.id,
                lesson_id=module.lessons[0].id,
                how="read",
                completed_at=NOW,
                course_version_id=version_id,
            ),
            Note(person_id=side.learner.id, module_id=module.id, question="q", text="t", saved_at=NOW),
            TrainingDue(rule_id=rule.id, person_id=side.learner.id, due_on=NOW.date(), created_at=NOW),
        ]
    )
    session.commit()
    return side.learner


def held(session, person_id) -> dict[str, int]:
    models = (VideoProgress, PassageSkip, LessonCompletion, TrainingDue, Membership, Completion, Note)
    return {model.__tablename__: count(session, model, model.person_id == person_id) for model in models}


def test_progress_goes_24_months_after_the_last_day_of_the_last_seat(session, world, clock, nightly, watched):
    person_id, last_day = watched.id, world.ours.licence.ends_on
    two_years_on = datetime(last_day.year + 2, last_day.month, last_day.day, 9, tzinfo=UTC)
    clock.set(two_years_on)
    nightly()
    assert held(session, person_id)["video_progress"] == 1
    clock.set(two_years_on + timedelta(days=1))
    nightly()

    assert held(session, person_id) == {
        "video_progress": 0,
        "passage_skips": 0,
        "lesson_completions": 0,
        "training_dues": 0,
        "memberships": 0,
        "completions": 1,
        "notes": 1,
    }
    assert count(session, Certificate) == 1, "certificates and notes are the person's own"


def test_every_table_of_that_class_is_among_those_deleted():
    of_the_class = {holding.table for holding in HOLDINGS if holding.keep is Keep.PROGRESS}
    assert {model.__tablename__ for model, _at in PROGRESS} == of_the_class


def test_progress_counts_from_the_day_a_seat_was_taken_back(session, world, clock, nightly, watched):
    person_id = watched.id
    clock.advance(days=10)
    seat = world.ours.seat(session)
    take_back_seat(session, scope=world.ours.house_scope, seat_id=seat.id, by_id=world.ours.owner.id)
    session.flush()
    back = product_clock.now()
    clock.set(back.replace(year=back.year + 2) - timedelta(days=1))
    nightly()
    assert held(session, person_id)["video_progress"] == 1
    clock.set(back.replace(year=back.year + 2) + timedelta(days=1))
    nightly()
    assert held(session, person_id)["video_progress"] == 0


def test_the_settings_decide(session, world, clock, installation, watched, tmp_path):
    installation.settings = settings_in(tmp_path / "other", ELEARN_KEEP_PROGRESS_MONTHS="1")
    last_day = world.ours.licence.ends_on
    clock.set(datetime(last_day.year, last_day.month, last_day.day, 9, tzinfo=UTC) + timedelta(days=32))
    forget_what_is_old(installation, session)
    assert count(session, VideoProgress) == 0


def test_who_leaves_is_known_as_long_as_people_can_be_carried_over(session, world, clock, nightly, watched):
    licence = world.ours.licence
    session.add(RenewalLeaver(licence_id=licence.id, person_id=watched.id))
    session.commit()
    clock.set(datetime(licence.ends_on.year, licence.ends_on.month, licence.ends_on.day, 9, tzinfo=UTC))
    clock.advance(days=100)
    nightly()
    assert count(session, RenewalLeaver) == 1, "the renewal came late, and would have brought them back"
    clock.advance(days=2 * 366)
    nightly()
    assert count(session, RenewalLeaver) == 0


def test_people_of_whom_nothing_is_left_go_and_others_stay(session, world, clock, nightly):
    alone, _email = find_or_add_person(session, address="alone@x.example", name="Alone", language="da")
    alone_id, everybody = alone.id, count(session, Person)
    clock.advance(days=60)
    nightly()
    assert count(session, Person) == everybody
    clock.advance(days=1)
    nightly()
    assert count(session, Person) == everybody - 1
    assert count(session, EmailAddress, EmailAddress.person_id == alone_id) == 0


def test_whoever_never_answered_goes_after_the_hold_and_60_days(session, world, clock, nightly):
    person_id = world.ours.invited.id
    clock.advance(days=43)
    free_lapsed_seats(session)
    clock.advance(days=60)
    nightly()
    assert count(session, Person, Person.id == person_id) == 1
    clock.advance(days=1)
    nightly()
    assert count(session, Person, Person.id == person_id) == 0


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2028, 2, 29), 12, (2027, 2, 28)), ((2026, 1, 15), 24, (2024, 1, 15))],
)
def test_months_are_calendar_months(day, months, before):
    assert months_before(datetime(*day, 9, tzinfo=UTC), months) == datetime(*before, 9, tzinfo=UTC)
