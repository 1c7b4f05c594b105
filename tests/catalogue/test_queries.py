"""Courses as pages read them: scoped, in few statements, as they stand or stood."""

import pytest
from sqlalchemy import event

from elearn.catalogue import queries
from elearn.catalogue.services import publish_course
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope, PersonScope

LEARNER = PersonScope(person_id=7)


@pytest.fixture
def published(session, house, files):
    version = publish_course(
        session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None
    )
    session.flush()
    session.expire_all()
    return queries.outline(session, LEARNER, version.course_id)


def owner_of(house):
    return HouseScope(course_house_id=house.id, person_id=1)


class Statements:
    """Counts what is sent to the database inside a block."""

    def __init__(self, session):
        self.engine = session.get_bind()
        self.engine = getattr(self.engine, "engine", self.engine)
        self.sent = []

    def _note(self, _connection, _cursor, statement, *_rest):
        self.sent.append(statement)

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.sent

    def __exit__(self, *_):
        event.remove(self.engine, "before_cursor_execute", self._note)


def test_an_outline_holds_modules_lessons_and_films_in_order(published):
    assert [module.key for module in published.modules] == ["why-we-ask", "listening"]
    film = published.modules[0].lessons[0].film("da")
    assert (film.length_s, film.duration_ms, film.language) == (42, 41_500, "da")
    assert published.after(published.modules[0].id) is published.modules[1]
    assert published.after(published.modules[1].id) is None


def test_a_film_in_another_language_than_wanted_is_the_one_there_is(published):
    assert published.modules[0].lessons[0].film("en").language == "da"


def test_an_outline_takes_two_statements_once_its_words_are_known(session, published):
    with Statements(session) as sent:
        queries.outline_of_module(session, LEARNER, published.modules[1].id)

    assert len(sent) == 2


def test_the_same_course_is_found_by_module_and_by_lesson(session, published):
    module = published.modules[1]

    assert queries.outline_of_module(session, LEARNER, module.id).id == published.id
    found = queries.outline_of_lesson(session, LEARNER, module.lessons[0].id)
    assert found.module_of_lesson(module.lessons[0].id) == (module, module.lessons[0])


def test_an_owner_sees_the_courses_of_the_own_house_only(session, published, house, other_house):
    assert [course.slug for course in queries.courses(session, owner_of(house))] == ["hard-talks"]
    assert queries.courses(session, owner_of(other_house)) == []
    assert queries.course(session, owner_of(house), published.id).version == 1
    for ask in (
        lambda scope: queries.course(session, scope, published.id),
        lambda scope: queries.course(session, scope, published.id, version=1),
        lambda scope: queries.outline(session, scope, published.id),
        lambda scope: queries.outline_of_module(session, scope, published.modules[0].id),
        lambda scope: queries.outline_of_lesson(session, scope, published.modules[0].lessons[0].id),
    ):
        with pytest.raises(NotFound):
            ask(owner_of(other_house))
    assert queries.versions(session, owner_of(other_house), published.id) == []
    assert queries.outlines(session, owner_of(other_house), [published.id]) == []


def test_an_owner_can_look_at_an_earlier_version(session, files, house, published):
    files.edit("da.yaml", "title: At lytte", "title: At lytte længe")
    course, danish = files.path("course.yaml").read_text(), files.path("da.yaml").read_text()
    files.write("course.yaml", course[: course.index("  - id: listening")])
    files.write("da.yaml", danish[: danish.index("  listening:")])
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None)
    session.expire_all()

    now = queries.course(session, owner_of(house), published.id)
    then = queries.course(session, owner_of(house), published.id, version=1)

    assert ([module.key for module in now.modules], now.is_current) == (["why-we-ask"], True)
    assert ([module.key for module in then.modules], then.is_current) == (["why-we-ask", "listening"], False)
    assert then.modules[1].content.title("da").value == "At lytte"
    assert [(row.number, row.is_current) for row in queries.versions(session, owner_of(house), published.id)] == [
        (2, True),
        (1, False),
    ]


def test_a_retired_module_is_not_found(session, files, house, published):
    retired = published.modules[1]
    course, danish = files.path("course.yaml").read_text(), files.path("da.yaml").read_text()
    files.write("course.yaml", course[: course.index("  - id: listening")])
    files.write("da.yaml", danish[: danish.index("  listening:")])
    publish_course(session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None)
    session.expire_all()

    with pytest.raises(NotFound):
        queries.outline_of_module(session, LEARNER, retired.id)
    with pytest.raises(NotFound):
        queries.outline_of_lesson(session, LEARNER, retired.lessons[0].id)
    with pytest.raises(NotFound):
        queries.outline(session, LEARNER, published.id).module(retired.id)


def test_anyone_may_open_an_open_module_and_no_other(session, published):
    assert [course.slug for course in queries.public_courses(session)] == ["hard-talks"]
    course, module = queries.open_module(session, "hard-talks", published.modules[0].id)
    assert (course.slug, module.key) == ("hard-talks", "why-we-ask")

    with pytest.raises(NotFound):
        queries.open_module(session, "hard-talks", published.modules[1].id)
    with pytest.raises(NotFound):
        queries.open_module(session, "soft-talks", published.modules[0].id)
    with pytest.raises(NotFound):
        queries.public_course(session, "soft-talks")


def test_several_courses_take_no_more_statements_than_one(session, published):
    with Statements(session) as sent:
        queries.outlines(session, LEARNER, [published.id, published.id + 1, published.id + 2])

    assert len(sent) == 2
