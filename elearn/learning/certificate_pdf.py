"""A certificate as a PDF/UA-1: drawn by typst, the same bytes for the same certificate.

It says what the version of the course said on which the completion was made, in the person's language, and never
names the municipality: the certificate is the person's own.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import dates

from elearn.catalogue.content import Content, Text
from elearn.core import clock, i18n
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.core.paper import draw
from elearn.learning.models import Certificate
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import written_number

TEMPLATE = Path(__file__).with_name("certificate.typ")
HOLE = "\0"
"""Stands in a translated sentence where a word comes that is set in bold; no text of ours holds it."""


def render(certificate: Certificate, *, public_url: str) -> bytes:
    """Return the certificate's PDF in its person's language. `public_url` is where its code is checked."""
    with i18n.speaking(certificate.completion.person.language):
        return draw(TEMPLATE, _words(certificate, public_url))


def _words(certificate: Certificate, public_url: str) -> dict[str, Any]:
    """Return everything the page says, ready to be set."""
    completion, language = certificate.completion, i18n.language()
    content, house = Content(completion.course_version.content), completion.course.course_house
    done = _("has completed the video course %(title)s.", title=HOLE).partition(HOLE)
    genuine = _("The certificate is genuine if it is found at %(address)s with this code:", address=HOLE)
    genuine_before, _hole, genuine_after = genuine.partition(HOLE)
    count = len(content.modules)
    return {
        "language": language,
        "kind": _("Course certificate"),
        "house": house.name,
        "name": certificate.name,
        "done_before": done[0],
        "title": _text(content.title(language)),
        "done_after": done[2],
        "summary": _text(content.summary(language)),
        "line": ngettext("%(num)d module, completed", "%(num)d modules, all completed", count),
        "modules": [
            {
                "title": str(module.title(language)),
                "language": module.title(language).language,
                "minutes": module.minutes,
                "length": i18n.format_minutes(module.minutes * 60),
            }
            for module in content.modules
        ],
        "facts": [
            (_("Completed"), i18n.format_day(clock.day_of(completion.completed_at, house.country))),
            (_("Extent"), _extent(content)),
            (_("Version of the course"), _version(certificate)),
        ],
        "notes": [_how_completed(content), _issuer(house)],
        "genuine_before": genuine_before,
        "genuine_after": genuine_after,
        "check_address": f"{urlsplit(public_url).netloc}/certificates",
        "check_url": f"{public_url}/certificates/{certificate.code}",
        "code": certificate.code,
    }


def _text(text: Text) -> dict[str, str]:
    return {"value": text.value, "language": text.language}


def _extent(content: Content) -> str:
    modules = ngettext("%(num)d module", "%(num)d modules", len(content.modules))
    return f"{modules}, {i18n.format_minutes(content.minutes * 60)}"


def _version(certificate: Certificate) -> str:
    version = certificate.completion.course_version
    published_on = clock.day_of(version.published_at, certificate.completion.course.course_house.country)
    return f"{version.number}, {dates.format_skeleton('yMMMM', published_on, locale=i18n.locale())}"


def _how_completed(content: Content) -> str:
    share = i18n.format_percent(content.share)
    if content.own_word:
        return _("Each module has been watched or read to its end (at least %(share)s).", share=share)
    return _("Each module has been watched to its end (at least %(share)s).", share=share)


def _issuer(house: CourseHouse) -> str:
    number = written_number(house)
    if not number:
        return _("Issued by %(house)s.", house=house.name)
    return _("Issued by %(house)s, %(number)s.", house=house.name, number=number)
