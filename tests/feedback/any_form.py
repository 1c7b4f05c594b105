"""Any form that the schema takes, and answers to it that a person could give."""

from typing import Any

from hypothesis import strategies as st

from elearn.feedback.form_files import FormFile
from elearn.feedback.questions import QuestionFile

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
TEXTS = st.text(LETTERS, min_size=1, max_size=30).filter(lambda text: text.strip() != "")
IDS = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
WORDS = st.fixed_dictionaries({"da": TEXTS}, optional=dict.fromkeys(("nb", "nn", "en"), TEXTS))
LABELS = st.sampled_from([5, 7]).flatmap(lambda points: st.lists(WORDS, min_size=points, max_size=points))
SOME_IDS = st.lists(IDS, min_size=2, max_size=5, unique=True)
OWN_WORDS = st.text(st.sampled_from("abc æøå <>&\"'{}\n"), max_size=40)


@st.composite
def choices(draw: Any) -> list[dict[str, Any]]:
    return [{"id": key, "text": draw(WORDS)} for key in draw(SOME_IDS)]


@st.composite
def questions(draw: Any, key: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "scale": {"labels": LABELS},
        "rating": {},
        "recommendation": {},
        "single": {"options": choices()},
        "multiple": {"options": choices(), "at_most": st.none() | st.integers(1, 5)},
        "number": {"least": st.integers(-1_000_000, 0), "most": st.integers(0, 1_000_000)},
        "matrix": {"rows": choices(), "labels": LABELS},
        "short_text": {},
        "long_text": {},
    }
    kind = draw(st.sampled_from(sorted(kinds)))
    made = {
        "id": key,
        "type": kind,
        "text": draw(WORDS),
        "help": draw(st.none() | WORDS),
        "required": draw(st.booleans()),
    }
    made |= {name: draw(strategy) for name, strategy in kinds[kind].items()}
    offering = [each for each in earlier if each["type"] == "single"]
    if offering and draw(st.booleans()):
        asked = draw(st.sampled_from(offering))
        answers = draw(st.lists(st.sampled_from([each["id"] for each in asked["options"]]), min_size=1, unique=True))
        made["show_if"] = {"question": asked["id"], "answer": answers}
    return made


@st.composite
def forms(draw: Any) -> FormFile:
    """Draw a form that keeps the rules."""
    keys = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    earlier: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    for place, key in enumerate(keys):
        if place == 0 or draw(st.integers(0, 3)) == 0:
            level = draw(st.sampled_from(["reaction", "learning", "behaviour", "results"]))
            head = {"id": f"s{place}", "title": draw(WORDS), "intro": draw(st.none() | WORDS), "level": level}
            sections.append(head | {"questions": []})
        earlier.append(draw(questions(key, earlier)))
        sections[-1]["questions"].append(earlier[-1])
    fields = {
        "id": draw(IDS),
        "title": draw(WORDS),
        "intro": draw(st.none() | WORDS),
        "audience": ["staff"],
        "moment": draw(st.sampled_from(["before-start", "completion", "later", "on-request"])),
        "anonymous": draw(st.booleans()),
        "sections": sections,
    }
    return FormFile.model_validate(fields)


@st.composite
def answers(draw: Any, form: FormFile) -> dict[str, Any]:
    """Draw what somebody may answer, hidden questions too; required ones are never left out."""
    given = {}
    for question in form.questions():
        if question.required or draw(st.booleans()):
            given[question.id] = draw(_answer(question))
    return given


def _answer(question: QuestionFile) -> st.SearchStrategy[Any]:
    match question.type:
        case "number":
            return st.integers(question.least, question.most)
        case "multiple":
            most = question.at_most or len(question.options)
            return st.lists(st.sampled_from(question.items()), min_size=1, max_size=most, unique=True)
        case "matrix":
            return st.fixed_dictionaries(dict.fromkeys(question.items(), st.sampled_from(question.values())))
        case "short_text" | "long_text":
            return OWN_WORDS.map(lambda text: f"x{text}x")
    return st.sampled_from(question.values())
