"""Course texts from Markdown to safe HTML: words, lists, quotations and links; no raw HTML, no images.

Two walls: the parser shows HTML as the text it is, and nh3 lets through only what is listed here.
"""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from elearn.catalogue.course_rules import CourseRule

TAGS = {
    "p",
    "br",
    "hr",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "a",
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
LINK_SCHEMES = {"http", "https", "mailto", "tel"}
DEEPEST_HEADING = 6

_parser = MarkdownIt("commonmark", {"html": False})
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes=LINK_SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer",
)


@lru_cache(maxsize=1024)
def render(source: str, top: int = 3) -> Markup:
    """Return Markdown as HTML that may stand on a page.

    The text's highest heading becomes `<h{top}>` and deeper ones follow without a gap, whatever they were written
    as, so that the page's outline stays whole.
    """
    tokens = _parser.parse(source)
    _shift_headings(tokens, top)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(_cleaner.clean(html))  # noqa: S704 - cleaned in this very line


def findings(source: str) -> Iterator[tuple[int, CourseRule, dict[str, object]]]:
    """Yield what does not work in a course text: its line in the text (from 0), and the rule with what it names."""
    for block in _parser.parse(source):
        for token in block.children or []:
            if token.type == "image":
                yield _line(block), CourseRule.IMAGE, {}
            elif token.type == "link_open" and not _is_link_out(str(token.attrs.get("href", ""))):
                yield _line(block), CourseRule.LINK, {"link": token.attrs.get("href")}


def _line(block: Token) -> int:
    return block.map[0] if block.map else 0


def _is_link_out(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in LINK_SCHEMES and bool(parts.netloc or parts.scheme in ("mailto", "tel"))


def _shift_headings(tokens: list[Token], top: int) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(top + levels.index(token.tag), DEEPEST_HEADING)}"
