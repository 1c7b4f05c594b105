"""The poster of a join link: an A4 page with a QR code and a code to type. It never names the course's topic."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import segno

from elearn.core import i18n, paper
from elearn.core.i18n import format_day
from elearn.core.i18n import gettext as _
from elearn.licensing.join_codes import written_code
from elearn.licensing.models import JoinLink

TEMPLATE = Path(__file__).with_name("poster.typ")


def languages_of(country: str) -> tuple[str, ...]:
    """Return the languages a municipality's poster is printed in, the usual one first."""
    return ("da", "en") if country == "DK" else ("nb", "nn", "en")


def render(link: JoinLink, *, language: str, minutes: int, public_url: str) -> bytes:
    """Return the poster as a PDF/UA-1. `public_url` is where the code is typed."""
    with i18n.speaking(language):
        return paper.draw(TEMPLATE, words(link, minutes=minutes, public_url=public_url))


def words(link: JoinLink, *, minutes: int, public_url: str) -> dict[str, object]:
    """Return everything the poster says, in the language spoken now."""
    licence = link.licence
    municipality = licence.municipality.official_name
    address = f"{public_url}/join/{link.code}"
    if link.needs_approval:
        outcome = _("Press the button: %(municipality)s is asked for a seat for you.", municipality=municipality)
    elif licence.has_waiting_line:
        outcome = _("Press the button: the seat is yours while there is one. Otherwise you stand in the queue.")
    else:
        outcome = _("Press the button: the seat is yours while there is one.")
    return {
        "language": i18n.language(),
        "house": licence.course.course_house.name,
        "title": _("A seat in a video course for you"),
        "offer": _("%(municipality)s offers its staff a seat in a video course.", municipality=municipality),
        "department": _("For %(department)s.", department=link.department.name) if link.department else "",
        "extent": _(
            "It takes %(time)s in all. You can stop whenever you like and carry on at the same place on another"
            " screen.",
            time=i18n.format_minutes(minutes * 60),
        ),
        "steps": [
            _("Point your phone’s camera at the square, or write the address in a browser."),
            _("Write your name and your work email. You get an email with a link."),
            outcome,
        ],
        "qr": qr_code(address),
        "qr_alt": _("Square code that leads to %(address)s", address=address),
        "address": f"{urlsplit(public_url).netloc}/join",
        "address_label": _("Address"),
        "code_label": _("Code"),
        "code": written_code(link.code),
        "until": _("You can join until %(day)s.", day=format_day(link.ends_on)),
        "who_sees": _("Who sees what?"),
        "privacy": _(
            "Your employer sees when you started and when you finished. Not what you watch, or when you watch it."
        ),
    }


def qr_code(address: str) -> str:
    """Return the square as SVG; a quarter of it may be torn or dirty."""
    drawn = BytesIO()
    segno.make(address, error="q", micro=False).save(drawn, kind="svg", border=2, xmldecl=False, dark="#1d2a2d")
    return drawn.getvalue().decode()
