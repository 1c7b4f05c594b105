"""Forms are published from their files in versions; what answers hang on never changes between them."""

import pytest

from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.content_files import FileProblems
from elearn.feedback.errors import ComparedTooLate, FormChanged, QuestionChanged
from elearn.feedback.form_checks import check_forms
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_sentences import FormFileRule
from elearn.feedback.models import FeedbackForm, FeedbackReceipt, VersionSource
from elearn.feedback.services.publishing import open_round, publish_form, publish_forms, retire_form
from tests.core.said import said_in_four_languages
from tests.feedback.form_files import AFTER, write_forms
from tests.feedback.forms import ask, form_file, scale


@pytest.fixture
def course(world) -> Course:
    return world.ours.course


@pytest.fixture
def forms(tmp_path):
    return write_forms(tmp_path)


@pytest.fixture
def publish(session, course, forms):
    """Publish the files and return what each form came to."""

    def run() -> dict:
        done = publish_forms(session, course=course, checked=check_forms(forms.parent, ["da"]), by=None)
        return {form.key: form for form in done}

    return run


def form_row(session, course, key) -> FeedbackForm:
    session.flush()
    return session.query(FeedbackForm).filter_by(course_id=course.id, key=key).one()


def edit(forms, key, old, new):
    path = forms / f"{key}.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def in_browser(session, course, key, **changed):
    form = FormFile.model_validate(form_row(session, course, key).current_version.content)
    return publish_form(
        session, course=course, form=form.model_copy(update=changed), source=VersionSource.BROWSER, by=None
    )


def test_the_same_files_again_make_no_version(publish):
    assert all(form.is_new for form in publish().values())
    again = publish()
    assert {key: (form.version, form.is_new) for key, form in again.items()} == {
        "after": (1, False),
        "before": (1, False),
    }


def test_the_first_form_opens_the_courses_first_round(session, course, publish):
    assert open_round(session, course) is None
    publish()
    assert open_round(session, course).number == 1


def test_a_changed_file_makes_a_version(publish, forms):
    publish()
    edit(forms, "before", "Hvilken tvivl?", "Hvad er du i tvivl om?")
    assert publish()["before"].version == 2


def test_an_edit_in_the_browser_outlives_the_same_file_but_not_a_changed_one(session, course, publish, forms):
    publish()
    in_browser(session, course, "before", title={"da": "Først"})
    assert (publish()["before"].version, publish()["before"].is_new) == (2, False)
    assert form_row(session, course, "before").current_version.content["title"] == {"da": "Først"}
    edit(forms, "before", "Hvilken tvivl?", "Hvad er du i tvivl om?")
    assert publish()["before"].version == 3
    assert form_row(session, course, "before").current_version.content["title"]["da"] == "Før"


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("moment", {"moment": "later"}),
        ("audience", {"audience": ["leader"]}),
        ("anonymous", {"anonymous": False}),
        ("compares_with", {"compares_with": None}),
    ],
)
def test_no_version_changes_who_is_asked_when_or_how_openly(session, course, publish, what, changed):
    publish()
    form = form_row(session, course, "after").current_version.content
    with pytest.raises(FormChanged) as refused:
        publish_form(
            session,
            course=course,
            form=FormFile.model_validate(form | changed),
            source=VersionSource.BROWSER,
            by=None,
        )
    assert refused.value.what == what


def test_a_questions_answers_stay_countable_together_in_all_versions(session, course, publish, forms):
    publish()
    (forms / "after.yaml").unlink()  # it would have to change alike
    edit(forms, "before", "type: single", "type: multiple")

    with pytest.raises(FileProblems) as refused:
        publish()

    (problem,) = refused.value.problems
    assert (problem.line, problem.field) == (15, "sections[0].questions[1].id")
    assert "took other answers in version 1" in problem.problem
    said_in_four_languages(problem)


def test_a_file_that_asks_at_another_moment_is_refused_in_words(publish, forms):
    publish()
    edit(forms, "before", "before-start", "later")

    with pytest.raises(FileProblems) as refused:
        publish()

    (problem,) = refused.value.problems
    assert (problem.rule, problem.line, problem.field) == (FormFileRule.CHANGED, 4, "moment")
    said_in_four_languages(problem)


def test_a_file_that_compares_what_was_answered_without_is_refused_in_words(session, course, world, publish, forms):
    talk = AFTER[AFTER.index("      - id: notice") :].replace("notice", "talk")
    edit(forms, "before", "      - id: held-back", f"{talk}      - id: held-back")
    publish()
    session.add(
        FeedbackReceipt(
            round_id=open_round(session, course).id,
            form_id=form_row(session, course, "before").id,
            about="",
            person_id=world.ours.learner.id,
            audience="staff",
        )
    )
    (forms / "after.yaml").write_text(AFTER + talk)

    with pytest.raises(FileProblems) as refused:
        publish()

    (problem,) = refused.value.problems
    assert (problem.rule, problem.line) == (FormFileRule.COMPARED_TOO_LATE, 16)
    said_in_four_languages(problem)


def test_a_question_that_was_left_out_does_not_come_back_as_another(session, course, publish, forms):
    publish()
    before = FormFile.model_validate(form_row(session, course, "before").current_version.content)
    kept = before.sections[0].questions[:1]
    in_browser(session, course, "before", sections=[before.sections[0].model_copy(update={"questions": kept})])
    scale = kept[0].model_copy(update={"id": "held-back"})
    with pytest.raises(QuestionChanged):
        in_browser(
            session,
            course,
            "before",
            sections=[before.sections[0].model_copy(update={"questions": [*kept, scale]})],
        )


def test_what_was_answered_while_one_form_asked_it_is_not_compared_later(session, course, world) -> None:
    before, round_ = ask(session, course, form_file("before", questions=[scale("notice"), scale("talk")]))
    ask(session, course, form_file("after", questions=[scale("notice")], compares_with="before"))
    with_talk = form_file("after", questions=[scale("notice"), scale("talk")], compares_with="before")
    session.add(
        FeedbackReceipt(
            round_id=round_.id, form_id=before.id, about="", person_id=world.ours.learner.id, audience="staff"
        )
    )
    with pytest.raises(ComparedTooLate), session.begin_nested():
        ask(session, course, with_talk)
    ask(session, course, form_file("after", questions=[scale("notice"), scale("own")], compares_with="before"))

    round_.closed_at = clock.now()
    _after, next_ = ask(session, course, with_talk)
    assert next_.number == 2


def test_an_option_may_be_added(publish, forms):
    publish()
    edit(forms, "before", "        options:\n", "        options:\n          - {id: place, text: {da: Stedet}}\n")
    assert publish()["before"].version == 2


def test_a_form_goes_with_its_file_and_comes_back_with_it(session, course, publish, forms):
    publish()
    text = (forms / "after.yaml").read_text()
    (forms / "after.yaml").unlink()
    assert publish()["after"].is_retired
    assert form_row(session, course, "after").retired_at is not None
    assert "after" not in publish()  # gone is gone: nothing to say a second time
    (forms / "after.yaml").write_text(text)
    assert not publish()["after"].is_retired
    assert form_row(session, course, "after").retired_at is None


def test_a_form_made_in_the_browser_has_no_file_to_lose(session, course, publish, forms):
    publish()
    own = FormFile.model_validate(form_row(session, course, "before").current_version.content | {"id": "own"})
    publish_form(session, course=course, form=own, source=VersionSource.BROWSER, by=None)
    assert "own" not in publish()
    assert form_row(session, course, "own").retired_at is None


def test_what_the_owner_retired_stays_so_whatever_the_file_says(session, course, publish, forms):
    publish()
    retire_form(session, form=form_row(session, course, "before"), by=None)
    edit(forms, "before", "Hvilken tvivl?", "Hvad er du i tvivl om?")
    assert publish()["before"].is_retired
    in_browser(session, course, "before", title={"da": "Først"})
    assert form_row(session, course, "before").retired_at is None
