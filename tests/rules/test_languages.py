"""Four languages, complete at all times; every template compiles."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import TemplateSyntaxError

from elearn.app import Elearn
from elearn.core import i18n
from elearn.mail.rendering import _environment

ROOT = Path(i18n.CATALOGUES).parent.parent
TRANSLATED = [code for code in i18n.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
WORD = re.compile(r"[a-zA-Z]{3,}")
OTHER_LANGUAGE = {
    "da": r"ikkje|kva|frå|etter|hva|noen|uke|bare|lenke|e-post|venteliste"
    r"|ordren|ordrer|feedback|kursist\w*",
    "nb": r"ikkje|kva|frå|nu|efter|af|blev|kun|uge|hvad|kommunen si|link|mail|skifte[rt]? hender"
    r"|frem|avbestil\w*|snudde?|bestillingsnummer",
    "nn": r"ikke|jeg|hva|hvor|hvem|hvordan|hvis|fra|dere|noen|noe|også|være|mye|bare|begynn\w+|vart|vorte|link|mail"
    r"|viss|gje|avbestil\w*|snudde?|bestillingsnummer|administrer\w*",
}
"""Words that belong to a neighbour, or that docs/words.md has another one for."""
OTHER_QUOTES = {"da": "“«»", "nb": "“”", "nn": "“”"}
"""Danish quotes ”so”, Norwegian «so»."""
UNESCAPED = {
    "elearn/home/owner/forms/shown.py",  # a template of its own, drawn in the language of the form
    "elearn/catalogue/markdown.py",  # cleaned in the same line
    "elearn/learning/templates/learning/module/progress.html",  # an attribute's name, written there
    "elearn/home/security/apps.py",  # squares that we draw
    "elearn/learning/views/module_page.py",  # every part is escaped before
    "elearn/templates/components/icons.html",  # drawings of ours
}
"""Where markup is trusted, each with its reason."""


def catalogue(code: str) -> Catalog:
    with (i18n.CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def messages(code: str) -> list[Message]:
    return [message for message in catalogue(code) if message.id]


@pytest.fixture(scope="session")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every sentence in code and templates, as `make messages` finds them."""
    found = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = ["extract", "-F", "elearn/translations/babel.cfg", "-k", "_l", "-o", str(found), "."]
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "-q", *command], cwd=ROOT, check=True)
    with found.open("rb") as file:
        return {_forms(message.id)[0] for message in read_po(file) if message.id}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str, sentences: set[str]) -> None:
    known = {_forms(message.id)[0] for message in messages(code)}

    assert len(sentences) > 300, "the scan sees them"
    assert not sorted(sentences - known), "run `make messages`, then translate"


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_left_empty_or_unsure(code: str) -> None:
    empty = [message.id for message in messages(code) if not all(_forms(message.string))]

    assert not empty
    assert not [message.id for message in messages(code) if message.fuzzy]


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_filled_in_is_the_same_in_every_language(code: str) -> None:
    wrong = []
    for message in messages(code):
        ids, strings = _forms(message.id), _forms(message.string)
        for number, string in enumerate(strings):
            source = ids[min(number, len(ids) - 1)]
            if sorted(PLACEHOLDER.findall(string)) != sorted(PLACEHOLDER.findall(source)):
                wrong.append((source, string))
    assert not wrong


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(code: str) -> None:
    stale = [
        message.id
        for message in messages(code)
        if isinstance(message.id, str) and i18n.catalogue(code).gettext(message.id) != message.string
    ]

    assert not stale, "compile the catalogues: `make translations`"


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_are_not_the_english_sentences(code: str) -> None:
    """Words that are the same in both languages exist; whole sentences do not."""
    same = [
        message.id
        for message in messages(code)
        if isinstance(message.id, str)
        and message.string == message.id
        and len(WORD.findall(PLACEHOLDER.sub("", message.id))) > 3
    ]

    assert not same


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_word_is_a_neighbours(code: str) -> None:
    foreign = re.compile(rf"\b(?:{OTHER_LANGUAGE[code]})\b", re.IGNORECASE)
    texts = [PLACEHOLDER.sub("", string) for message in messages(code) for string in _forms(message.string)]

    assert not [text for text in texts if foreign.search(text)]


@pytest.mark.parametrize("code", TRANSLATED)
def test_quotes_are_those_of_the_language(code: str) -> None:
    texts = [string for message in messages(code) for string in _forms(message.string)]

    assert not [text for text in texts if set(text) & set(OTHER_QUOTES[code])]


def test_every_template_compiles(app: Elearn) -> None:
    broken = {}
    for environment in (app.jinja_env, _environment()):
        names = [name for name in environment.list_templates() if name.endswith((".html", ".txt"))]
        assert names
        for name in names:
            try:
                environment.get_template(name)
            except TemplateSyntaxError as error:
                broken[name] = str(error)
    assert not broken


def test_markup_is_trusted_in_the_listed_places_alone() -> None:
    loose = re.compile(r"\|\s*safe\b|autoescape false|\bMarkup\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "elearn").rglob("*")
        if path.suffix in (".html", ".py") and "node_modules" not in path.parts and loose.search(path.read_text())
    }

    assert found == UNESCAPED


def test_no_page_asks_another_site_for_anything() -> None:
    foreign = re.compile(r"<(?:script|link|img|iframe|video|audio|source)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//")
    found = [path for path in (ROOT / "elearn").rglob("*.html") if foreign.search(path.read_text())]

    assert not found


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)
