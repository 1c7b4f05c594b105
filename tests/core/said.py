"""What is said of a problem in a file, held against what was promised of it."""

from elearn.core.file_rules import FileProblem
from elearn.core.i18n import LANGUAGES, speaking


def said_in_four_languages(found: FileProblem) -> None:
    """Check that pages say a problem and its cure in every language, and that commands say them in English."""
    said, lines = {}, set()
    for code in LANGUAGES:
        with speaking(code):
            said[code] = found.said
            lines.add(str(found))
    assert all(problem and cure for problem, cure in said.values())
    assert not [words for pair in said.values() for words in pair if "%(" in words]
    assert said["en"] not in [said[code] for code in LANGUAGES if code != "en"]
    (line,) = lines
    assert line.endswith(" ".join(said["en"])[1:])
