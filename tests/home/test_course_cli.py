"""`elearn course …` as it is typed."""

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from elearn.catalogue.models import Base
from elearn.core.db import Database
from elearn.home.course_cli import course
from tests.catalogue.conftest import a_house
from tests.catalogue.course_folder import CourseFolder
from tests.feedback.form_files import write_forms


@pytest.fixture
def files(tmp_path):
    return CourseFolder(tmp_path)


@pytest.fixture
def typed(files, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'typed.sqlite'}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        a_house(session, "barnets-hus")
    folders = {"courses": files.folder.parent, "manifests": files.manifests, "media": files.store.root}
    settings = SimpleNamespace(**folders, has_s3=False)
    installation = SimpleNamespace(settings=settings, database=database)

    def run(*words):
        return CliRunner().invoke(course, words, obj=installation)

    run.database = database
    yield run
    database.dispose()


def test_checking_a_good_course_says_so(typed):
    result = typed("check", "hard-talks")

    assert result.exit_code == 0
    assert "hard-talks: 2 modules, fit to publish." in result.stdout
    assert "shown in Dansk" in result.stderr


def test_checking_a_bad_course_names_every_problem_on_a_line_and_fails(typed, files):
    files.edit("da.yaml", "title: At lytte\n", "\n")
    files.edit("course.yaml", "share: 90", "share: 20")
    result = typed("check", "all")

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "course.yaml, line 4, completion.share: '20' is too small. Write a whole number" in line


def test_publishing_twice_says_what_it_did(typed):
    assert "hard-talks: version 1 is published." in typed("publish", "hard-talks").stdout
    result = typed("publish", "all")
    assert result.exit_code == 0
    assert "version 1 stands; nothing in it has changed" in result.stdout
    assert "hard-talks  barnets-hus  version 1" in typed("list").stdout


def test_an_unknown_course_is_answered_with_those_there_are(typed):
    result = typed("publish", "soft-talks")

    assert result.exit_code == 1
    assert "Courses there: hard-talks." in result.stderr


def test_of_several_houses_one_must_be_named_the_first_time(typed):
    with typed.database.transaction() as session:
        a_house(session, "nabohuset")

    result = typed("publish", "hard-talks")
    assert result.exit_code == 1
    assert "--house SLUG. Course houses: barnets-hus, nabohuset." in result.stderr
    assert typed("publish", "hard-talks", "--house", "nowhere").exit_code == 1
    assert typed("publish", "hard-talks", "--house", "nabohuset").exit_code == 0
    assert typed("publish", "hard-talks").exit_code == 0
    assert "Another course house" in typed("publish", "hard-talks", "--house", "barnets-hus").stderr


def test_a_film_of_another_length_asks_what_becomes_of_the_progress(typed, files):
    typed("publish", "hard-talks")
    files.write_film("listening", duration=80)

    result = typed("publish", "hard-talks")
    assert result.exit_code == 1
    assert "--film-progress keep or --film-progress start-over" in result.stderr
    assert (
        "'listening=later' is not one of" in typed("publish", "hard-talks", "--film-progress", "listening=later").stderr
    )
    assert typed("publish", "hard-talks", "--film-progress", "why-we-ask=keep").exit_code == 1
    unknown = typed("publish", "hard-talks", "--film-progress", "listen=keep", "--film-progress", "start-over")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "There is no film listen. Films here: listening, why-we-ask" in unknown.stderr
    assert "version 2" in typed("publish", "hard-talks", "--film-progress", "listening=start-over").stdout
    files.write_film("listening", duration=90)
    assert "version 3" in typed("publish", "hard-talks", "--film-progress", "start-over").stdout


def test_an_empty_installation_says_what_to_do(typed, files):
    assert "elearn course publish" in typed("list").stdout


def test_forms_are_published_with_their_course_and_each_is_named(typed, files):
    write_forms(files.folder)

    assert "hard-talks: 2 modules, 2 forms, fit to publish." in typed("check", "hard-talks").stdout
    first = typed("publish", "hard-talks").stdout
    assert "form after: version 1 is published." in first
    assert "form before: version 1 is published." in first
    (files.folder / "forms" / "after.yaml").unlink()
    again = typed("publish", "hard-talks").stdout
    assert "form after: retired; nobody is asked." in again
    assert "form before: version 1 stands; nothing in it has changed." in again


def test_a_form_that_cannot_be_published_stops_its_course_too(typed, files):
    typed("publish", "hard-talks")
    write_forms(files.folder)
    typed("publish", "hard-talks")
    files.edit("da.yaml", "title: Svære samtaler", "title: Rolige samtaler")
    path = files.folder / "forms" / "after.yaml"
    path.write_text(path.read_text().replace("moment: completion", "moment: later"))

    result = typed("publish", "hard-talks")

    assert result.exit_code == 1
    assert "after.yaml, line 4, moment: no new version may change moment. Write what stood there" in result.stderr
    assert "hard-talks  barnets-hus  version 1" in typed("list").stdout
