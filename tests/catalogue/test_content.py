"""A version's content in the reader's language, text by text."""

import json

import pytest

from elearn.catalogue.content import Content, Text
from elearn.core.errors import NotFound


@pytest.fixture
def content(files) -> Content:
    return Content(json.loads(json.dumps(files.check().stored())))


def test_a_text_is_given_in_the_language_asked_for(content):
    assert content.title("en") == Text("Hard talks", "en")
    assert content.module("why-we-ask").title("en") == Text("Why we ask", "en")
    assert content.module("why-we-ask").lesson("film").title("en") == Text("The silence", "en")


@pytest.mark.parametrize("language", ["en", "nb", "nn", "de"])
def test_what_is_missing_is_given_in_the_source_language_and_says_so(content, language):
    module = content.module("why-we-ask")

    assert content.summary(language) == Text("Et kort kursus.", "da")
    assert module.text(language).language == "da"
    assert module.notices[0].text(language) == Text("En voksen fortæller om vold.", "da")
    assert module.questions[1].text(language) == Text("Hvilken sætning?", "da")
    assert module.resources[0].title(language) == Text("Jeg vet", "da")
    assert content.module("listening").title(language) == Text("At lytte", "da")


def test_a_module_without_a_practice_task_has_none(content):
    assert content.module("listening").practice("da") is None
    assert str(content.module("why-we-ask").practice("da")) == "Skriv én sætning.\n"


def test_texts_in_markdown_become_html(content):
    html = content.module("why-we-ask").text("da").html()

    assert "<em>lægger mærke</em>" in html
    assert "<h3>Et roligt sted</h3>" in html
    assert "<h2>Et roligt sted</h2>" in content.module("why-we-ask").text("da").html(top=2)


def test_the_structure_is_there(content):
    module = content.module("why-we-ask")

    assert (content.slug, content.share, content.own_word, content.minutes) == ("hard-talks", 90, True, 18)
    assert (module.is_open, module.minutes, module.resources[0].url) == (True, 8, "https://www.jegvet.no/")
    assert (module.lesson("film").films["da"].key, list(module.lesson("film").films)) == ("why-we-ask", ["da"])
    assert [(notice.closeness, notice.place("da")) for notice in module.notices_of("film")] == [("told", (20.0, 31.0))]


def test_what_a_version_does_not_hold_is_not_found(content):
    with pytest.raises(NotFound):
        content.module("gone")
    with pytest.raises(NotFound):
        content.module("listening").lesson("gone")
