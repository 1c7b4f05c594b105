"""A new version of the course leaves somebody nothing to do: they are through, without opening a film again."""

import pytest
from sqlalchemy import select

from elearn.core.scope import PersonScope
from elearn.home.publishing import CheckedFolder, check_folder, publish_folder
from elearn.jobs.queue import run_due
from elearn.learning import completion
from elearn.learning.models import Certificate, Completion, LessonCompletion
from elearn.learning.services import say_read
from tests.catalogue.course_folder import COURSE, DANISH, CourseFolder
from tests.learning.test_watching import Player
from tests.world import add_learner


@pytest.fixture
def lessons(world, session):
    return [lesson.id for module in world.ours.outline(session).modules for lesson in module.lessons]


def without_the_second_module(files: CourseFolder) -> CheckedFolder:
    files.write("course.yaml", COURSE[: COURSE.index("  - id: listening")])
    files.write("da.yaml", DANISH[: DANISH.index("  listening:")])
    return check_folder(files.folder, files.manifests, files.store)


@pytest.mark.parametrize("looks", ["the job", "a ticket"])
def test_who_only_lacked_a_module_that_is_gone_is_through(
    learner, lessons, world, session, installation, monkeypatch, looks
):
    other = add_learner(session, installation, world.ours.licence, "Through")
    for person in (world.ours.learner, other):
        say_read(session, PersonScope(person.id), lesson_id=lessons[0])
    checked = without_the_second_module(world.ours.files)
    publish_folder(session, house=world.ours.house, checked=checked, store=world.ours.files.store, by=None)
    session.commit()
    monkeypatch.setattr(completion, "BATCH", 1)

    if looks == "the job":
        while run_due(installation):
            pass
    Player(learner, lessons[0]).open()

    through = [world.ours.learner.id, other.id] if looks == "the job" else [world.ours.learner.id]
    assert session.scalars(select(Completion.person_id).order_by(Completion.person_id)).all() == through
    assert len(session.scalars(select(Certificate)).all()) == len(through)


def test_who_has_seen_enough_once_less_is_asked_for_is_through_without_opening_the_films_again(
    learner, lessons, browser, world, session, installation, clock, monkeypatch
):
    assert learner.press(f"/learn/lessons/{lessons[0]}/passages/memory/skip").status_code == 303
    other = add_learner(session, installation, world.ours.licence, "Half-Way")
    for client, lesson_id, seen in (
        (learner, lessons[0], (0.0, 20.0)),  # enough of the 31 seconds that count without the skipped part
        (learner, lessons[1], (0.0, 24.0)),
        (browser().signed_in_as(other), lessons[0], (0.0, 20.0)),
    ):
        player = Player(client, lesson_id)
        player.open()
        clock.advance(minutes=5)
        player.report(seen)

    files = world.ours.files
    files.write("course.yaml", COURSE.replace("share: 90", "share: 55"))
    checked = check_folder(files.folder, files.manifests, files.store)
    publish_folder(session, house=world.ours.house, checked=checked, store=files.store, by=None)
    session.commit()
    monkeypatch.setattr(completion, "BATCH", 1)
    while run_due(installation):
        pass

    done = session.scalars(select(LessonCompletion)).all()
    assert sorted((row.person_id, row.lesson_id, row.how) for row in done) == [
        (world.ours.learner.id, lesson_id, "watched") for lesson_id in sorted(lessons)
    ]
    assert session.scalars(select(Completion.person_id)).all() == [world.ours.learner.id]
    assert len(session.scalars(select(Certificate)).all()) == 1
