"""Course texts become safe HTML, whatever is in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.catalogue.markdown import TAGS, findings, render


def test_a_text_keeps_its_shape():
    html = render("It *begins* with **noticing**.\n\n- one\n- two\n\n> somebody said")

    assert "<em>begins</em> with <strong>noticing</strong>" in html
    assert "<li>one</li>" in html
    assert "<blockquote>" in html


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src='https://evil.example'></iframe>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        '[x](https://a.example "onmouseover=alert(1)")',
        "[x]: javascript:alert(1)\n\n[x]",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>body{display:none}</style>",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
    ],
)
def test_hostile_text_stays_dead(source):
    html = render(source)

    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html))
    assert tags <= TAGS
    assert not re.search(r"""<[^>]*(href|src)\s*=\s*["']?\s*(javascript|data|vbscript)""", html, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son\w+\s*=\s*[\"']", html)


@given(st.text(alphabet="<>/\"'=()[]!:# `*_-&;\nabhefjlnoprstcipv{}7"))
def test_no_text_lets_a_foreign_tag_through(source):
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", render(source))) <= TAGS


def test_braces_are_only_braces():
    html = render("{{7*7}} and `{{7*7}}` and {{ config }}")

    assert "<code>{{7*7}}</code>" in html
    assert "{{ config }}" in html
    assert "49" not in html


def test_links_say_nothing_of_where_they_were_found():
    assert 'rel="noopener noreferrer"' in render("[a](https://a.example/)")


def test_images_are_left_out():
    assert "<img" not in render("![a](https://a.example/spy.png)")


@pytest.mark.parametrize(
    ("source", "top", "headings"),
    [
        ("# A\n\n## B", 3, ["h3", "h4"]),
        ("### A\n\n##### B\n\n### C", 3, ["h3", "h4", "h3"]),
        ("### A", 2, ["h2"]),
        ("# A\n\n## B\n\n### C\n\n#### D\n\n##### E", 3, ["h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_headings_fit_into_the_page(source, top, headings):
    assert re.findall(r"<(h\d)", render(source, top)) == headings


def test_what_does_not_work_in_a_text_is_found_with_its_line():
    found = list(
        findings("fine\n\n![a](https://a.example/a.png)\n\n[b](/learn) [c](https://c.example) [d](//d.example)")
    )

    assert [line for line, _, _ in found] == [2, 4, 4]


def test_links_to_people_are_links():
    assert not list(findings("[post](mailto:a@b.example) [ring](tel:+4511111111)"))
