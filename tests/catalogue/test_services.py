"""Publishing a course from its files: again and again, edited, shortened, broken."""

import pytest
from sqlalchemy import func, select

from elearn.accounts.models import Person
from elearn.catalogue.course_checks import check_course
from elearn.catalogue.errors import CourseNotReady, CourseOfAnotherHouse
from elearn.catalogue.models import Course, CourseVersion, Lesson, LessonVideo, Module
from elearn.catalogue.put_away import put_away
from elearn.catalogue.services import content_hash, publish_checked, publish_course
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.media.errors import NewFilmHasOtherLength
from elearn.media.models import Video
from elearn.media.services import FilmChoice

PUBLISHED = "catalogue.course.published"


@pytest.fixture
def publish(session, house, files):
    def _publish(**changed):
        wanted = {"house": house, "by": None, "film_choices": {}} | changed
        version = publish_course(session, folder=files.folder, manifests=files.manifests, store=files.store, **wanted)
        session.flush()
        session.expire_all()
        return version

    return _publish


def counts(session):
    tables = (Course, CourseVersion, Module, Lesson, LessonVideo, Video, AuditEvent)
    return {table.__name__: session.scalar(select(func.count()).select_from(table)) for table in tables}


def modules(session):
    return {module.key: module for module in session.scalars(select(Module))}


def test_publishing_makes_a_course_of_its_files(session, house, publish):
    version = publish()

    course = session.scalar(select(Course))
    assert (course.slug, course.course_house_id, course.current_version_id) == ("hard-talks", house.id, version.id)
    assert version.number == 1
    assert [(m.key, m.position, m.is_open) for m in course.modules] == [
        ("why-we-ask", 0, True),
        ("listening", 1, False),
    ]
    (film,) = course.modules[0].lessons[0].videos
    assert session.get(Video, film.video_id).key == "why-we-ask"


def test_what_was_removed_after_it_was_checked_is_not_published(session, house, files):
    checked = check_course(files.folder, files.manifests, files.store)
    put_away(files.folder)

    with pytest.raises(CourseNotReady):
        publish_checked(session, house=house, checked=checked, store=files.store, by=None)

    assert session.scalar(select(CourseVersion.id)) is None


def test_publishing_the_same_files_again_changes_nothing(session, publish):
    first = publish()
    before = counts(session)

    assert publish().id == first.id
    assert counts(session) == before


def test_an_edit_makes_a_new_version_and_keeps_every_id(session, files, publish):
    first = publish()
    ids = {key: module.id for key, module in modules(session).items()}
    lessons = set(session.scalars(select(Lesson.id)))
    videos = set(session.scalars(select(Video.id)))

    files.edit("da.yaml", "title: At lytte", "title: At lytte længe")
    second = publish()

    assert (second.number, first.number) == (2, 1)
    assert {key: module.id for key, module in modules(session).items()} == ids
    assert set(session.scalars(select(Lesson.id))) == lessons
    assert set(session.scalars(select(Video.id))) == videos


def test_an_earlier_version_stays_as_it_was(session, files, publish):
    first = publish()
    files.edit("da.yaml", "title: At lytte", "title: At lytte længe")
    publish()

    assert first.content["texts"]["da"]["modules"]["listening"]["title"] == "At lytte"


def test_going_back_to_earlier_words_is_a_version_of_its_own(files, publish):
    publish()
    files.edit("da.yaml", "title: At lytte", "title: At lytte længe")
    publish()
    files.edit("da.yaml", "title: At lytte længe", "title: At lytte")

    assert publish().number == 3


def test_a_module_that_is_gone_is_retired_and_comes_back_as_itself(session, files, publish):
    publish()
    ids = {key: module.id for key, module in modules(session).items()}
    course, danish = files.path("course.yaml").read_text(), files.path("da.yaml").read_text()
    files.write("course.yaml", course[: course.index("  - id: listening")])
    files.write("da.yaml", danish[: danish.index("  listening:")])
    publish()

    retired = modules(session)["listening"]
    assert retired.retired_at is not None
    assert all(lesson.retired_at and lesson.videos for lesson in retired.lessons)
    assert modules(session)["why-we-ask"].retired_at is None

    files.write("course.yaml", course)
    files.write("da.yaml", danish)
    publish()

    assert {key: module.id for key, module in modules(session).items()} == ids
    assert modules(session)["listening"].retired_at is None
    assert modules(session)["listening"].lessons[0].retired_at is None


def test_a_lesson_that_is_gone_is_retired(session, files, publish):
    publish()
    files.edit("course.yaml", "      - id: film\n        videos:\n", "      - id: talk\n        videos:\n")
    files.edit("da.yaml", "{film: Pausen}", "{talk: Pausen}")
    publish()

    lessons = {lesson.key: lesson for lesson in modules(session)["listening"].lessons}
    assert lessons["film"].retired_at is not None
    assert lessons["talk"].retired_at is None


def test_modules_may_change_places(session, files, publish):
    publish()
    ids = {key: module.id for key, module in modules(session).items()}
    text = files.path("course.yaml").read_text()
    head, first = text.split("  - id: why-we-ask\n")
    first, second = first.split("  - id: listening\n")
    files.write("course.yaml", f"{head}  - id: listening\n{second}  - id: why-we-ask\n{first}")
    publish()

    assert {key: module.id for key, module in modules(session).items()} == ids
    assert [module.key for module in session.scalar(select(Course)).modules] == ["listening", "why-we-ask"]


def test_nothing_is_taken_from_files_with_a_problem(session, files, publish):
    files.edit("da.yaml", "title: At lytte\n", "\n")
    before = counts(session)

    with pytest.raises(CourseNotReady):
        publish()
    assert counts(session) == before


def test_a_film_of_another_length_waits_for_the_owners_choice(session, files, publish):
    publish()
    files.write_film("listening", duration=80)
    files.write_film("why-we-ask", duration=90)

    with pytest.raises(NewFilmHasOtherLength) as asked:
        publish()
    assert [film.film for film in asked.value.films] == ["why-we-ask", "listening"]
    with pytest.raises(NewFilmHasOtherLength) as asked:
        publish(film_choices={"listening": FilmChoice.START_OVER})
    assert [film.film for film in asked.value.films] == ["why-we-ask"]


@pytest.mark.parametrize(("choice", "same"), [(FilmChoice.KEEP, True), (FilmChoice.START_OVER, False)])
def test_the_owners_choice_decides_whether_what_was_seen_counts(session, files, publish, choice, same):
    publish()
    before = modules(session)["listening"].lessons[0].videos[0].video_id
    files.write_film("listening", duration=80)
    version = publish(film_choices={"listening": choice})

    assert (modules(session)["listening"].lessons[0].videos[0].video_id == before) is same
    assert version.number == 2


def test_a_film_in_a_further_language_joins_the_lesson_and_leaves_it(session, files, publish):
    publish()
    files.write("listening-en.yaml", "")
    files.manifests.joinpath("listening-en.yaml").write_text(
        files.path("listening.yaml")
        .read_text()
        .replace("id: listening", "id: listening-en")
        .replace("language: da", "language: en")
    )
    files.edit("course.yaml", "          da: listening\n", "          da: listening\n          en: listening-en\n")
    files.folder.joinpath("listening-en.yaml").unlink()
    publish()
    assert {film.language for film in modules(session)["listening"].lessons[0].videos} == {"da", "en"}

    files.edit("course.yaml", "          en: listening-en\n", "")
    publish()
    assert {film.language for film in modules(session)["listening"].lessons[0].videos} == {"da"}


def test_another_house_cannot_take_a_course_over(session, publish, other_house):
    publish()

    with pytest.raises(CourseOfAnotherHouse, match="hard-talks"):
        publish(house=other_house)


def test_publishing_is_in_the_audit_trail_once_per_version(session, house, publish):
    person = Person(name="Ida", language="da", created_at=clock.now())
    session.add(person)
    session.flush()
    version = publish(by=person)
    publish(by=person)

    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.kind == PUBLISHED))
    assert (event.actor_id, event.course_house_id) == (person.id, house.id)
    assert event.data == {"course_id": version.course_id, "version": 1, "modules": 2}
    assert version.published_by_id == person.id


def test_the_hash_does_not_depend_on_the_order_of_keys(files):
    stored = check_course(files.folder, files.manifests, files.store).stored()

    assert content_hash(stored) == content_hash(dict(reversed(stored.items())))
