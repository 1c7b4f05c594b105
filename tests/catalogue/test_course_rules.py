"""Every rule of a course's files can be broken, and a breach is said in every language."""

import pytest

from elearn.catalogue.course_rules import CourseRule
from tests.core.said import said_in_four_languages

COURSE, DANISH, ENGLISH, MANIFEST = "course.yaml", "da.yaml", "en.yaml", "why-we-ask.yaml"
LINK = '"https://www.jegvet.no/"'
BREAKS = {
    # rule: file, what stands, what is written instead
    CourseRule.NO_ID: (COURSE, "id: hard-talks", "id: Hard Talks"),
    CourseRule.NO_LANGUAGE: (COURSE, "[da, en]", "[da, dk]"),
    CourseRule.NO_SECTOR: (COURSE, "[school, daycare]", "[cinema]"),
    CourseRule.NO_ADDRESS: (COURSE, LINK, '"https://[x/"'),
    CourseRule.NOT_HTTP: (COURSE, LINK, '"javascript:alert(1)"'),
    CourseRule.CANNOT_BE_OPENED: (COURSE, LINK, '"https://"'),
    CourseRule.NO_CHARACTER: (DANISH, "title: Svære samtaler", 'title: "a\\0b"'),
    CourseRule.SEVERAL_LINES: (DANISH, "title: Svære samtaler", 'title: "a\\nb"'),
    CourseRule.TWICE: (COURSE, "[da, en]", "[da, en, da]"),
    CourseRule.IMAGE: (DANISH, "[Jeg vet]", "![Jeg vet]"),
    CourseRule.LINK: (DANISH, "(https://www.jegvet.no/)", "(/learn)"),
    CourseRule.ID_NOT_FOLDER: (COURSE, "id: hard-talks", "id: soft-talks"),
    CourseRule.MODULE_TWICE: (COURSE, "id: listening\n", "id: why-we-ask\n"),
    CourseRule.LESSON_TWICE: (
        COURSE,
        "    minutes: 10\n    lessons:\n",
        "    minutes: 10\n    lessons:\n      - {id: film, videos: {da: listening}}\n",
    ),
    CourseRule.NOTICE_TWICE: (
        COURSE,
        "closeness: told}",
        "closeness: told}\n      - {passage: memory, lesson: film, closeness: told}",
    ),
    CourseRule.RESOURCE_TWICE: (COURSE, f"url: {LINK}}}", f"url: {LINK}}}\n      - {{id: jeg-vet, url: {LINK}}}"),
    CourseRule.LANGUAGE_NOT_NAMED: (COURSE, "[da, en]", "[da]"),
    CourseRule.STRAY_FILE: ("dansk.yaml", None, "title: x\n"),
    CourseRule.FILM_UNKNOWN: (COURSE, "{da: why-we-ask}", "{da: why-ask}"),
    CourseRule.FILM_SPEAKS_OTHERWISE: (COURSE, "{da: why-we-ask}", "{nb: why-we-ask}"),
    CourseRule.FILM_HALF_WRITTEN: (MANIFEST, "source:", "#"),
    CourseRule.LESSON_UNKNOWN: (COURSE, "lesson: film, cl", "lesson: flim, cl"),
    CourseRule.PASSAGE_UNKNOWN: (COURSE, "passage: memory", "passage: memroy"),
    CourseRule.MODULE_UNKNOWN: (DANISH, "  why-we-ask:\n", "  why-ask:\n"),
    CourseRule.TEXT_OF_NO_LESSON: (DANISH, "{film: Stilheden}", "{flim: Stilheden}"),
    CourseRule.TEXT_OF_NO_NOTICE: (DANISH, "{memory:", "{memories:"),
    CourseRule.TEXT_OF_NO_QUESTION: (DANISH, "a-sentence:", "a-word:"),
    CourseRule.TEXT_OF_NO_RESOURCE: (DANISH, "{jeg-vet:", "{jegvet:"),
    CourseRule.TEXT_OF_NO_PRACTICE: (DANISH, "text: Vent.", "text: Vent.\n    practice: Øv."),
    CourseRule.MODULE_WITHOUT_TEXTS: (DANISH, "  why-we-ask:\n", "  why-ask:\n"),
    CourseRule.TEXT_MISSING: (DANISH, "title: Svære samtaler\n", ""),
    CourseRule.TEXT_MISSING_BELOW: (DANISH, "{film: Stilheden}", "{}"),
    CourseRule.NOT_TRANSLATED: (ENGLISH, "title: Hard talks\n", ""),
    CourseRule.NO_CAPTIONS: (MANIFEST, ", en: why-we-ask.en.vtt", ""),
}
"""How each rule is broken."""


def test_every_rule_has_files_that_break_it():
    assert set(BREAKS) == set(CourseRule)


@pytest.mark.parametrize("rule", BREAKS)
def test_a_breach_is_found_and_said_in_every_language(files, rule):
    name, old, new = BREAKS[rule]
    if old is None:
        files.write(name, new)
    else:
        files.edit(name, old, new)

    (found, *_) = [each for each in files.problems() or files.check().warnings if each.rule is rule]
    said_in_four_languages(found)
