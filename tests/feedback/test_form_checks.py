"""Everything wrong in a course's forms is named: file, line, field, what is wrong and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.core.content_files import FileProblems
from elearn.feedback.form_checks import check_forms
from tests.feedback.form_files import AFTER, BEFORE, write_forms

TYPES = {"scale", "rating", "recommendation", "single", "multiple", "number", "matrix", "short_text", "long_text"}
COURSES = Path(__file__).parents[2] / "courses"


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    return write_forms(tmp_path)


def test_the_sample_courses_forms_are_in_order_and_written_in_all_its_languages():
    checked = check_forms(COURSES / "tid-til-at-svare", ["da", "nb", "nn", "en"])

    assert set(checked.files) >= {"before", "module", "after", "practice", "leader-before", "leader-after", "evening"}
    assert checked.warnings == []


def test_a_course_without_forms_has_none(tmp_path):
    assert check_forms(tmp_path, ["da"]).forms == []


SCALE = "type: scale\n        text: {da: Lægger"
QUESTION = "sections[0].questions"
WRONG = [
    # file, what stands, what is written instead, line, field, words of the problem, words of the cure
    ("before", "id: before", "id: first", 1, "id", "called 'before.yaml'", "id: before"),
    ("before", "audience: [staff]", "audience: [staf]", 3, "audience[0]", "'staf'", "'staff', 'leader'"),
    ("before", "[staff]", "[staff, staff]", 3, "audience", "twice", "Remove"),
    ("before", "[staff]", "[guest]", 3, "audience", "guests answer at an occasion", "moment: on-request"),
    ("before", "before-start", "at-start", 4, "moment", "'at-start'", "before-start, after-module"),
    ("before", "before-start", "after-module", 5, "sections", "at most 2 questions", "Remove some"),
    ("before", "sections:", "asks-first: true\nsections:", 5, "asks-first", "not known", "asks_first"),
    ("after", "sections:", "asks_first: true\nsections:", 6, "asks_first", "asked first", "before-start"),
    ("after", "with: before", "with: befor", 5, "compares_with", "no form 'befor'", "did you mean 'before'"),
    ("after", "with: before", "with: after", 5, "compares_with", "itself", "comes before"),
    ("after", "[staff]", "[leader]", 5, "compares_with", "asks others (staff)", "same audience"),
    ("after", "[staff]", "[staff]\nanonymous: false", 6, "compares_with", "not anonymous", "anonymous: true"),
    ("after", "completion", "after-module", 5, "compares_with", "several times", "Remove compares_with"),
    ("after", "id: notice", "id: noticed", 5, "compares_with", "no question stands in both", "same id"),
    (
        "after",
        ", {da: Altid, en: Always}]",
        ", {da: x}, {da: y}, {da: z}]",
        11,
        f"{QUESTION}[0].id",
        "'before'",
        "anot",
    ),
    ("after", "id: today", "id: Today", 7, "sections[0].id", "not an id", "small letters"),
    ("after", "level: learning", "level: learnt", 8, "sections[0].level", "'learnt'", "reaction, learning"),
    ("before", "id: held-back", "id: notice", 15, f"{QUESTION}[1].id", "'notice' already", "answers hang on ids"),
    (
        "before",
        "question: held-back",
        "question: held",
        24,
        f"{QUESTION}[2].show_if.question",
        "no question",
        "held-back",
    ),
    ("before", "[doubt]", "[doubts]", 24, f"{QUESTION}[2].show_if.answer", "no answer 'doubts'", "time, doubt"),
    (
        "before",
        SCALE,
        SCALE.replace("\n", "\n        show_if: {question: held-back, answer: [time]}\n", 1),
        12,
        f"{QUESTION}[0].show_if.question",
        "does not come before",
        "Move it up",
    ),
    (
        "before",
        "type: scale\n",
        "type: number\n",
        13,
        f"{QUESTION}[0].labels",
        "not known",
        "Known keys are help, id, least",
    ),
    ("before", "id: doubt,", "id: time,", 18, f"{QUESTION}[1].options", "'time' already", "another id"),
    ("before", "type: scale", "type: scael", 11, f"{QUESTION}[0].type", "'scael'", "Did you mean 'scale'"),
    ("before", "        type: scale\n", "", 10, f"{QUESTION}[0].type", "missing", "Write type: and one of long_text"),
    ("before", "type: scale", "type:", 11, f"{QUESTION}[0].type", "missing", "one of long_text"),
    ("before", "        labels", "        label", 13, f"{QUESTION}[0].label", "not known", "'labels'"),
    ("before", "        labels", "        label", 10, f"{QUESTION}[0].labels", "missing", "5 or 7 labels"),
    ("before", "{da: Aldrig, en: Never}, ", "", 13, f"{QUESTION}[0].labels", "4 labels", "5 or 7"),
    ("before", "{da: Aldrig, en", "{dk: Aldrig, en", 13, f"{QUESTION}[0].labels[0].dk", "'dk'", "da, nb, nn, en"),
    ("before", "{da: Aldrig, en", "{nb: Aldrig, en", 13, f"{QUESTION}[0].labels[0]", "first language", "Add da"),
    ("before", "{da: Før, en: Before}", "Før", 2, "title", "not a group", "by language, such as {da"),
    ("before", "{da: Tiden, en: Time}", "{da: Tiden, en: }", 19, f"{QUESTION}[1].options[0].text.en", "", "Write"),
    ("before", "answer: [doubt]}", "answers: [doubt]}", 24, f"{QUESTION}[2].show_if.answers", "not known", "'answer'"),
    ("before", "- id: which-doubt", "- which-doubt\n      - id: w", 21, f"{QUESTION}[2]", "not a group", "indented"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "field", "problem", "cure"), WRONG)
def test_each_problem_is_named_with_its_line_and_its_cure(forms, file, old, new, line, field, problem, cure):
    path = forms / f"{file}.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(FileProblems) as refused:
        check_forms(forms.parent, ["da", "en"])

    named = [each for each in refused.value.problems if each.field == field]
    assert named, str(refused.value)
    assert named[0].line == line
    assert problem in named[0].problem
    assert cure in named[0].cure


def test_what_is_not_translated_is_told_but_stops_nobody(forms):
    path = forms / "after.yaml"
    path.write_text(path.read_text().replace("{da: Efter, en: After}", "{da: Efter}"))

    (note,) = check_forms(forms.parent, ["da", "en"]).warnings

    assert (note.line, note.field) == (2, "title")
    assert "not written in English: shown in Dansk" in note.problem


def test_a_file_that_is_no_form_is_named(forms):
    (forms / "notes.txt").write_text("remember")

    with pytest.raises(FileProblems, match=r"notes\.txt: this file is not a form"):
        check_forms(forms.parent, ["da"])


def test_a_form_that_cannot_be_read_is_not_also_called_missing_by_the_one_that_compares(forms):
    (forms / "before.yaml").write_text(BEFORE.replace("type: scale", "type: scal"))

    with pytest.raises(FileProblems) as refused:
        check_forms(forms.parent, ["da"])

    assert [each.file.endswith("before.yaml") for each in refused.value.problems] == [True]


@settings(max_examples=25)
@given(st.data())
def test_whatever_is_done_to_a_file_it_is_taken_or_every_problem_has_a_cure(tmp_path_factory, data):
    text = data.draw(st.sampled_from([BEFORE, AFTER]))
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 30)))
    put = data.draw(st.sampled_from(["", ": ", "[", "{a: b}", "- ", "\n", "type: matrix", text[start:end] * 2]))
    folder = tmp_path_factory.mktemp("broken") / "forms"
    folder.mkdir()
    (folder / "x.yaml").write_text(text[:start] + put + text[end:])
    try:
        check_forms(folder.parent, ["da", "en"])
        problems = None
    except FileProblems as refused:
        problems = refused.problems
    assert problems != []
    assert all(each.problem and each.cure for each in problems or ())


def test_the_example_in_the_documentation_shows_every_type_and_is_in_order(tmp_path):
    text = (COURSES.parent / "docs" / "feedback-forms.md").read_text()
    forms = write_forms(tmp_path)
    (forms / "after.yaml").write_text(text.split("```yaml\n")[1].split("```")[0])

    checked = check_forms(tmp_path, ["da", "en"])

    assert {question.type for question in checked.files["after"].value.questions()} == TYPES
    assert checked.warnings == []
