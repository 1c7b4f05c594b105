"""Every rule of a form's file can be broken, and a breach is said in every language."""

import pytest

from elearn.core.content_files import FileProblems
from elearn.feedback.form_checks import check_forms
from elearn.feedback.form_sentences import FormFileRule, FormRule
from elearn.home.owner.forms.words import SENTENCES
from tests.core.said import said_in_four_languages
from tests.feedback.form_files import write_forms

SCALE = "type: scale\n        text: {da: Lægger"
SHOWN = "\n        show_if: {question: %s, answer: [time]}\n"
NUMBER = "- {id: n, type: number, least: 3, most: 2, text: {da: A, en: B}}\n      - id: held-back"
BREAKS = {
    # rule: file, what stands, what is written instead
    FormRule.SECTION_TWICE: ("before", "sections:\n", "sections:\n  - {id: today, title: {da: A}, questions: [%s]}\n"),
    FormRule.QUESTION_TWICE: ("before", "id: held-back", "id: notice"),
    FormRule.SHOW_IF_UNKNOWN: ("before", "question: held-back", "question: held"),
    FormRule.SHOW_IF_LATER: ("before", SCALE, SCALE.replace("\n", SHOWN % "held-back", 1)),
    FormRule.SHOW_IF_NOT_OFFERED: ("before", "[doubt]", "[doubts]"),
    FormRule.SHOW_IF_UNCOUNTABLE: (
        "before",
        "- id: held-back\n",
        "- {id: told, type: long_text, text: {da: A, en: B}}\n      - id: held-back"
        "\n        show_if: {question: told, answer: [x]}\n",
    ),
    FormRule.TOO_MANY_AFTER_MODULE: ("before", "before-start", "after-module"),
    FormRule.GUESTS_ON_REQUEST: ("before", "[staff]", "[guest]"),
    FormRule.ASKS_FIRST_BEFORE_START: ("after", "sections:", "asks_first: true\nsections:"),
    FormRule.COMPARES_WITH_UNKNOWN: ("after", "with: before", "with: befor"),
    FormRule.COMPARES_WITH_ITSELF: ("after", "with: before", "with: after"),
    FormRule.COMPARES_AUDIENCES: ("after", "[staff]", "[leader]"),
    FormRule.COMPARES_NAMED: ("after", "[staff]", "[staff]\nanonymous: false"),
    FormRule.COMPARES_AFTER_MODULE: ("after", "completion", "after-module"),
    FormRule.COMPARES_NOTHING: ("after", "id: notice", "id: noticed"),
    FormRule.OTHER_MEANING: ("after", ", {da: Altid, en: Always}]", ", {da: x}, {da: y}, {da: z}]"),
    FormRule.SOURCE_TEXT_MISSING: ("before", "{da: Aldrig, en", "{nb: Aldrig, en"),
    FormFileRule.STRAY_FILE: ("before", "id: before", None),
    FormFileRule.ID_NOT_FILE: ("before", "id: before", "id: first"),
    FormFileRule.CHOICE_TWICE: ("before", "id: doubt,", "id: time,"),
    FormFileRule.AUDIENCE_TWICE: ("before", "[staff]", "[staff, staff]"),
    FormFileRule.LEAST_OVER_MOST: ("before", "- id: held-back", NUMBER),
    FormFileRule.LABELS: ("before", "{da: Aldrig, en: Never}, ", ""),
    FormFileRule.NOT_TRANSLATED: ("after", "{da: Efter, en: After}", "{da: Efter}"),
}
"""How each rule is broken."""
BY_DRAFTS = {FormRule.SECTION_EMPTY}
BY_NEW_VERSIONS = {FormFileRule.CHANGED, FormFileRule.QUESTION_CHANGED, FormFileRule.COMPARED_TOO_LATE}
"""`test_publishing` breaks them."""


def test_every_rule_has_a_file_that_breaks_it_and_words_in_the_browser_where_drafts_can_break_it() -> None:
    assert {*BREAKS, *BY_DRAFTS, *BY_NEW_VERSIONS} == {*FormRule, *FormFileRule}
    assert set(SENTENCES) == set(FormRule)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_breach_is_found_and_said_in_every_language(tmp_path, rule):
    folder = write_forms(tmp_path)
    name, old, new = BREAKS[rule]
    if new is None:
        (folder / "notes.txt").write_text("remember")
    else:
        path = folder / f"{name}.yaml"
        assert old in path.read_text()
        question = "{id: q, type: rating, text: {da: A, en: B}}"
        path.write_text(path.read_text().replace(old, new.replace("[%s]", f"[{question}]"), 1))

    try:
        problems = check_forms(tmp_path, ["da", "en"]).warnings
    except FileProblems as refused:
        problems = refused.problems

    (found, *_) = [each for each in problems if each.rule is rule]
    said_in_four_languages(found)
