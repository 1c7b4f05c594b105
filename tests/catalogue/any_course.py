"""Any course that the schema takes, as the plain content of its files, and any change that the editor can make."""

from typing import Any

from hypothesis import strategies as st

from elearn.catalogue import editing
from elearn.catalogue.course_files import expected_texts
from elearn.catalogue.editing import Draft, ModuleSaid, Notice, Question, Resource
from elearn.core.content_files import CONTROL_CHARACTERS
from elearn.core.i18n import LANGUAGES
from elearn.organisations.sectors import SECTORS

IDS = st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,3}){0,2}", fullmatch=True)
AWKWARD = st.sampled_from(
    ["no", "007", "12:30", "# not a comment", "- a", "{", "a: b", "'", '"', "null", "~", "æøå", "🎬"]
)
LETTERS = st.characters(exclude_categories=["Cs"]).filter(lambda c: not CONTROL_CHARACTERS.search(c))
LINES = (st.text(LETTERS, max_size=60) | AWKWARD).filter(lambda text: "\n" not in text and text.strip())
TITLES = LINES
MARKDOWN = st.lists(st.text(LETTERS, max_size=30) | AWKWARD, min_size=1, max_size=6).map("\n".join).filter(str.strip)
URLS = IDS.map(lambda name: f"https://{name}.example/")


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=3, unique=True)


@st.composite
def modules(draw: st.DrawFn, key: str) -> dict[str, Any]:
    lessons = [
        {"id": each, "videos": draw(st.dictionaries(st.sampled_from([*LANGUAGES]), IDS, min_size=1, max_size=2))}
        for each in draw(_some(IDS))
    ]
    module: dict[str, Any] = {"id": key, "minutes": str(draw(st.integers(1, 600))), "lessons": lessons}
    if draw(st.booleans()):
        module["open"] = draw(st.sampled_from(["true", "false"]))
    if draw(st.booleans()):
        module["questions"] = draw(_some(IDS))
    if draw(st.booleans()):
        module["resources"] = [{"id": each, "url": draw(URLS)} for each in draw(_some(IDS))]
    if lessons and draw(st.booleans()):
        module["notices"] = [
            {"passage": each, "lesson": lessons[0]["id"], "closeness": "told"} for each in draw(_some(IDS))
        ]
    if draw(st.booleans()):
        module["practice"] = draw(st.sampled_from(["true", "false"]))
    return module


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    languages = draw(st.lists(st.sampled_from([*LANGUAGES]), min_size=1, max_size=3, unique=True))
    course: dict[str, Any] = {
        "id": draw(IDS),
        "languages": languages,
        "audience": draw(st.lists(st.sampled_from([*SECTORS]), min_size=1, max_size=3, unique=True)),
        "modules": [draw(modules(key)) for key in draw(_some(IDS))],
    }
    if draw(st.booleans()):
        course["completion"] = {"share": str(draw(st.integers(50, 100)))}
    empty = Draft(course, {code: {} for code in languages})
    return Draft(course, {code: draw(texts(empty, code)) for code in languages})


@st.composite
def texts(draw: st.DrawFn, draft: Draft, code: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in expected_texts(draft.structure):
        if draw(st.booleans()):
            row = found
            for part in place[:-1]:
                row = row.setdefault(part, {})
            is_long = place[-1] in ("description", "text", "practice") and len(place) in (1, 3)
            row[place[-1]] = draw(MARKDOWN if is_long else TITLES)
    return found


@st.composite
def changed(draw: st.DrawFn, draft: Draft) -> Draft:
    """A change such as the pages make one."""
    keys = [module["id"] for module in editing.modules(draft)]
    kinds = ["texts", "facts", "add", *(["write", "move", "remove", "film"] if keys else [])]
    kind = draw(st.sampled_from(kinds))
    key = draw(st.sampled_from(keys)) if keys else ""
    words = TITLES.map(str.strip)
    if kind == "texts":
        places = draw(st.lists(st.sampled_from(expected_texts(draft.structure)), min_size=1, unique=True))
        return editing.with_texts(
            draft, draw(st.sampled_from(draft.languages)), {place: draw(words | st.just("")) for place in places}
        )
    if kind == "facts":
        return editing.with_facts(
            draft,
            added_languages=[code for code in LANGUAGES if code not in draft.languages][:1],
            audience=["school"],
            share=draw(st.integers(50, 100)),
            own_word=draw(st.booleans()),
        )
    if kind == "add":
        return editing.with_new_module(
            draft, title=draw(words), summary=draw(words | st.just("")), minutes=7, videos={"da": draw(IDS)}, taken=()
        )[0]
    if kind == "move":
        return editing.moved(draft, key, up=draw(st.booleans()))
    if kind == "remove":
        return editing.without_module(draft, key)
    if kind == "film":
        return editing.with_lesson(
            draft,
            key,
            None,
            titles={code: draw(words) for code in draft.languages},
            videos={"nb": draw(IDS)},
        )[0]
    return editing.with_module(draft, key, draw(said(draft, key)))


@st.composite
def said(draw: st.DrawFn, draft: Draft, key: str) -> ModuleSaid:
    words = TITLES.map(str.strip)
    module = next(each for each in draft.structure.modules if each.id == key)
    kept = draw(st.permutations(module.questions))
    return ModuleSaid(
        title=draw(words),
        summary=draw(words),
        text=draw(MARKDOWN).strip(),
        practice=draw(MARKDOWN | st.just("")).strip(),
        minutes=draw(st.integers(1, 600)),
        is_open=draw(st.booleans()),
        questions=[Question(each, draw(words)) for each in [*kept, None]],
        resources=[Resource(each.id, each.url, draw(words)) for each in module.resources[1:]]
        + [Resource(None, draw(URLS), draw(words))],
        notices=[Notice(each.passage, each.lesson, "seen", draw(words)) for each in module.notices[:1]],
    )
