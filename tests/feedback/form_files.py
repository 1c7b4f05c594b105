"""Two small forms that are compared, in files, to be published, edited and broken."""

from pathlib import Path

BEFORE = """\
id: before
title: {da: Før, en: Before}
audience: [staff]
moment: before-start
sections:
  - id: today
    level: learning
    title: {da: I dag, en: Today}
    questions:
      - id: notice
        type: scale
        text: {da: Lægger du mærke til det?, en: Do you notice?}
        labels: [{da: Aldrig, en: Never}, {da: Sjældent, en: Seldom}, {da: Af og til, en: At times},
          {da: Tit, en: Often}, {da: Altid, en: Always}]
      - id: held-back
        type: single
        text: {da: Hvad holder dig tilbage?, en: What holds you back?}
        options:
          - {id: time, text: {da: Tiden, en: Time}}
          - {id: doubt, text: {da: Tvivlen, en: Doubt}}
      - id: which-doubt
        type: long_text
        text: {da: Hvilken tvivl?, en: Which doubt?}
        show_if: {question: held-back, answer: [doubt]}
"""

AFTER = """\
id: after
title: {da: Efter, en: After}
audience: [staff]
moment: completion
compares_with: before
sections:
  - id: today
    level: learning
    title: {da: I dag, en: Today}
    questions:
      - id: notice
        type: scale
        text: {da: Lægger du mærke til det?, en: Do you notice?}
        labels: [{da: Aldrig, en: Never}, {da: Sjældent, en: Seldom}, {da: Af og til, en: At times},
          {da: Tit, en: Often}, {da: Altid, en: Always}]
"""


def write_forms(course_folder: Path) -> Path:
    """Write both forms into a course's folder and return where they lie."""
    folder = course_folder / "forms"
    folder.mkdir(exist_ok=True)
    (folder / "before.yaml").write_text(BEFORE)
    (folder / "after.yaml").write_text(AFTER)
    return folder
