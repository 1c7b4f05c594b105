"""Everything wrong in a course's files is named: file, line, field, what is wrong and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.catalogue.course_checks import check_course
from elearn.catalogue.errors import CourseNotReady
from elearn.media.stores.local_store import LocalStore
from tests.catalogue.course_folder import CourseFolder


def test_a_good_course_has_no_problem(files):
    checked = files.check()

    assert checked.course.source_language == "da"
    assert set(checked.films) == {"why-we-ask", "listening"}


WRONG = [
    # file, what stands, what is written instead, line, field, words of the problem, words of the cure
    ("course.yaml", "id: hard-talks", "id: Hard Talks", 1, "id", "not an id", "small letters"),
    ("course.yaml", "id: hard-talks", "id: soft-talks", 1, "id", "folder is called 'hard-talks'", "id: hard-talks"),
    ("course.yaml", "[da, en]", "[da, dk]", 2, "languages[1]", "'dk'", "da, nb, nn, en"),
    ("course.yaml", "[da, en]", "[da, en, da]", 2, "languages", "twice", "Remove"),
    ("course.yaml", "[da, en]", "[]", 2, "languages", "", "such as [da, en]"),
    ("course.yaml", "[school, daycare]", "[school, cinema]", 3, "audience[1]", "'cinema' is not a sector", "daycare"),
    ("course.yaml", "share: 90", "share: 101", 4, "completion.share", "", "50 to 100"),
    ("course.yaml", "share: 90", "share: 49", 4, "completion.share", "", "50 to 100"),
    ("course.yaml", "share: 90", "share: all", 4, "completion.share", "", "50 to 100"),
    ("course.yaml", "own_word: true", "own_word: maybe", 4, "completion.own_word", "", "true or false"),
    ("course.yaml", "own_word: true", "own_words: true", 4, "completion.own_words", "not known", "own_word"),
    ("course.yaml", "open: true", "open: perhaps", 7, "modules[0].open", "", "true or false"),
    ("course.yaml", "minutes: 8", "minutes: 0", 8, "modules[0].minutes", "", "1 to 600"),
    ("course.yaml", "minutes: 8", "minutes: 601", 8, "modules[0].minutes", "", "1 to 600"),
    ("course.yaml", "minutes: 8", "minutes: 8.5", 8, "modules[0].minutes", "", "1 to 600"),
    ("course.yaml", "minutes: 8\n", "\n", 6, "modules[0].minutes", "missing", "Write minutes"),
    ("course.yaml", "minutes: 8\n", "minutes: 8\n    minute: 8\n", 9, "modules[0].minute", "not known", "minutes"),
    ("course.yaml", "{da: why-we-ask}", "{}", 11, "modules[0].lessons[0].videos", "", "manifest"),
    ("course.yaml", "{da: why-we-ask}", "{sv: why-we-ask}", 11, "modules[0].lessons[0].videos.sv", "'sv'", "da, nb"),
    (
        "course.yaml",
        "{da: why-we-ask}",
        "{da: why-ask}",
        11,
        "modules[0].lessons[0].videos.da",
        "no film",
        "why-we-ask",
    ),
    ("course.yaml", "{da: why-we-ask}", "{da: ../../x}", 11, "modules[0].lessons[0].videos.da", "not an id", "letters"),
    ("course.yaml", "{da: why-we-ask}", "{nb: why-we-ask}", 11, "modules[0].lessons[0].videos.nb", "'da'", "da: why"),
    ("course.yaml", "passage: memory", "passage: memroy", 13, "modules[0].notices[0].passage", "no passage", "memory"),
    ("course.yaml", "lesson: film, cl", "lesson: flim, cl", 13, "modules[0].notices[0].lesson", "no lesson", "film"),
    ("course.yaml", "closeness: told", "closeness: near", 13, "modules[0].notices[0].closeness", "", "heard or seen"),
    ("course.yaml", "[a-child, a-sentence]", "[a-child, a-child]", 14, "modules[0].questions", "twice", "Remove"),
    (
        "course.yaml",
        '"https://www.jegvet.no/"',
        '"javascript:alert(1)"',
        17,
        "modules[0].resources[0].url",
        "https",
        "w",
    ),
    (
        "course.yaml",
        '"https://www.jegvet.no/"',
        '"//evil.example/"',
        17,
        "modules[0].resources[0].url",
        "https",
        "whole",
    ),
    ("course.yaml", '"https://www.jegvet.no/"', '"https://"', 17, "modules[0].resources[0].url", "opened", "whole"),
    ("course.yaml", '"https://www.jegvet.no/"', '"https://[x/"', 17, "modules[0].resources[0].url", "address", "whole"),
    ("course.yaml", '"https://www.jegvet.no/"', '"https://a@b.no/"', 17, "modules[0].resources[0].url", "opened", "w"),
    (
        "course.yaml",
        '"https://www.jegvet.no/"',
        '"https://a.no/\\0"',
        17,
        "modules[0].resources[0].url",
        "not text",
        "R",
    ),
    ("course.yaml", "id: listening", "id: why-we-ask", 18, "modules[1].id", "already", "another id"),
    ("course.yaml", "modules:\n", "modules: {}\nmore:\n", 5, "modules", "list", "at least one module"),
    ("da.yaml", "title: Svære samtaler", "titel: Svære samtaler", 1, "titel", "not known", "title"),
    ("da.yaml", "title: Svære samtaler\n", "", 1, "title", "missing", "Write title"),
    ("da.yaml", "title: Svære samtaler", 'title: ""', 1, "title", "", "title of at most"),
    ("da.yaml", "title: Svære samtaler", "title:", 1, "title", "missing", "Write title"),
    ("da.yaml", "title: Svære samtaler", "title: " + "x" * 121, 1, "title", "", "120"),
    ("da.yaml", "title: Svære samtaler", 'title: "a\\nb"', 1, "title", "several lines", "one line"),
    ("da.yaml", "title: Svære samtaler", 'title: "a\\0b"', 1, "title", "not text", "Remove"),
    ("da.yaml", "title: Svære samtaler", "title: {da: Svære}", 1, "title", "", "title of at most"),
    ("da.yaml", "(https://www.jegvet.no/)", "(/learn)", 6, "description", "leads nowhere", "whole address"),
    ("da.yaml", "[Jeg vet]", "![Jeg vet]", 6, "description", "image", "film"),
    ("da.yaml", "  why-we-ask:\n", "  why-ask:\n", 8, "modules.why-ask", "no module", "why-we-ask"),
    ("da.yaml", "  why-we-ask:\n", "  why-ask:\n", 7, "modules.why-we-ask", "no texts", "Write why-we-ask"),
    (
        "da.yaml",
        "    summary: Et barn siger sjældent noget.\n",
        "",
        8,
        "modules.why-we-ask.summary",
        "missing",
        "summary",
    ),
    ("da.yaml", "{film: Stilheden}", "{flim: Stilheden}", 16, "modules.why-we-ask.lessons.flim", "no lesson", "film"),
    ("da.yaml", "{film: Stilheden}", "{flim: Stilheden}", 16, "modules.why-we-ask.lessons.film", "missing", "film"),
    ("da.yaml", "a-sentence:", "a-word:", 20, "modules.why-we-ask.questions.a-word", "no question", "a-sentence"),
    ("da.yaml", "{memory:", "{memories:", 17, "modules.why-we-ask.notices.memories", "no notice", "memory"),
    ("da.yaml", "{jeg-vet:", "{jegvet:", 23, "modules.why-we-ask.resources.jegvet", "no resource", "jeg-vet"),
    (
        "da.yaml",
        "text: Vent.",
        "text: Vent.\n    practice: Øv.",
        28,
        "modules.listening.practice",
        "task",
        "practice: true",
    ),
    ("en.yaml", "{film: The silence}", "{film: The silence, two: x}", 5, "modules.why-we-ask.lessons.two", "no", "add"),
    ("why-we-ask.yaml", "id: memory", "id: childhood", 0, "", "no passage", "passages in why-we-ask.yaml"),
    ("why-we-ask.yaml", 'to: "00:31"', 'to: "00:51"', 7, "passages[0].to", "after the film's end", "41.5"),
    ("why-we-ask.yaml", "source:", "#", 10, "package", "source or duration is gone", "media add"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "field", "problem", "cure"), WRONG)
def test_a_slip_is_named_with_its_place_and_its_cure(files, name, old, new, line, field, problem, cure):
    files.edit(name, old, new)

    named = [found for found in files.problems() if problem in found.problem and cure in found.cure]
    if line:
        assert [(Path(found.file).name, found.line, found.field) for found in named] == [(name, line, field)]
    else:
        assert len(named) == 1


def test_all_problems_of_all_files_are_named_at_once(files):
    files.edit(
        "course.yaml", "closeness: told}", "closeness: told}\n      - {passage: end, lesson: film, closeness: seen}"
    )
    files.edit("da.yaml", "title: At lytte\n", "\n")
    files.edit("en.yaml", "title: Hard talks", 'title: ""')
    files.edit("listening.yaml", "language: da", "language: xx")

    assert {Path(found.file).name for found in files.problems()} == {
        "course.yaml",
        "da.yaml",
        "en.yaml",
        "listening.yaml",
    }


def test_texts_are_checked_even_when_the_structure_cannot_be_read(files):
    files.write("course.yaml", "modules: [")
    files.edit("da.yaml", "title: Svære samtaler", 'title: ""')

    assert {Path(found.file).name for found in files.problems()} == {"course.yaml", "da.yaml"}


@pytest.mark.parametrize(
    ("name", "problem"), [("nn.yaml", "does not name the language"), ("dansk.yaml", "not part"), ("da.yml", "not part")]
)
def test_a_file_that_nobody_reads_is_named(files, name, problem):
    files.write(name, "title: x\n")

    (found,) = files.problems()
    assert problem in found.problem
    assert name in found.file


def test_a_language_without_its_file_is_a_problem(files):
    files.path("en.yaml").unlink()

    (found,) = files.problems()
    assert found.file.endswith("en.yaml")


def test_an_empty_folder_is_a_problem(tmp_path):
    with pytest.raises(CourseNotReady, match=r"course\.yaml"):
        check_course(tmp_path, tmp_path, LocalStore(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "lack"),
    [
        ("captions: {da: listening.da.vtt, ", "captions: {", "Captions in the spoken language are missing"),
        ("described:\n  statement: {by: Redaktionen, on: 2026-11-01, text: Alt står i teksten.}\n", "", "described:"),
        ("package:", "# package:", "media add FILE --id listening"),
    ],
)
def test_a_film_that_lacks_something_is_named_along_with_what_is_wrong_elsewhere(files, old, new, lack):
    files.edit("listening.yaml", old, new)
    files.edit("da.yaml", "title: At lytte\n", "\n")

    refused = files.refusal()

    assert [problem.field for problem in refused.problems] == ["modules.listening.title"]
    assert lack in str(refused.films[0])
    assert str(refused).splitlines() == refused.sentences()


def test_what_is_not_translated_is_a_note_and_no_problem(files):
    notes = {(Path(note.file).name, note.line, note.field) for note in files.check().warnings}

    assert ("en.yaml", 1, "summary") in notes
    assert ("en.yaml", 3, "modules.why-we-ask.text") in notes
    assert ("en.yaml", 2, "modules.listening") in notes


def test_missing_captions_in_a_language_of_the_course_are_a_note(files):
    files.edit("listening.yaml", ", en: listening.en.vtt", "")

    assert any("English" in note.problem and "captions" in note.field for note in files.check().warnings)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_refused_in_words_or_taken_but_never_falls_over(tmp_path_factory, data):
    """Bytes cut out, doubled or replaced: `check_course` answers with problems that have a cure, or with a course."""
    name = data.draw(st.sampled_from(["course.yaml", "da.yaml", "why-we-ask.yaml"]))
    files = CourseFolder(tmp_path_factory.mktemp("damaged"))
    text = files.path(name).read_bytes()
    at = data.draw(st.integers(0, len(text) - 1))
    width = data.draw(st.integers(0, 30))
    put = data.draw(
        st.sampled_from(
            [b"", b":", b"- ", b"\t", b"{", b"]", b"&a", b"*a", b"!!x ", b"\x00", b"\xff", b"\n", b'"\\ud800"', b"#"]
        )
    )
    files.path(name).write_bytes(text[:at] + put + text[at + width :])

    for problem in files.problems():
        assert problem.file
        assert problem.problem
        assert problem.cure
        assert problem.line <= text.count(b"\n") + 2


def test_the_example_in_the_documentation_is_a_good_course(files):
    """docs/course-files.md is what people copy from."""
    page = (Path(__file__).parents[2] / "docs" / "course-files.md").read_text()
    blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]

    for name, block in zip(("course.yaml", "da.yaml", "en.yaml"), blocks, strict=True):
        files.write(name, block)

    assert files.problems() == []
