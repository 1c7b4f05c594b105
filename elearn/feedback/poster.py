"""The poster of an occasion: the page of join links, with other words. It never names the course's topic."""

from urllib.parse import urlsplit

from elearn.core import i18n, paper
from elearn.core.i18n import format_day
from elearn.core.i18n import gettext as _
from elearn.feedback.models import FeedbackOccasion
from elearn.licensing.join_codes import written_code
from elearn.licensing.poster import TEMPLATE, languages_of, qr_code

__all__ = ["languages_of", "render"]


def render(occasion: FeedbackOccasion, *, language: str, public_url: str) -> bytes:
    """Return the poster as a PDF/UA-1. `public_url` is where the code is typed."""
    with i18n.speaking(language):
        return paper.draw(TEMPLATE, words(occasion, public_url=public_url))


def words(occasion: FeedbackOccasion, *, public_url: str) -> dict[str, object]:
    """Return everything the poster says, in the language spoken now."""
    address = f"{public_url}/feedback/at/{occasion.code}"
    return {
        "language": i18n.language(),
        "house": occasion.form.course.course_house.name,
        "title": _("Tell us what you thought"),
        "offer": occasion.title,
        "department": "",
        "extent": _("It takes about two minutes. You need no account, and nobody notes who you are."),
        "steps": [
            _("Point your phone’s camera at the square, or write the address in a browser."),
            _("Answer as many questions as you like."),
            _("Press “Send answers”."),
        ],
        "qr": qr_code(address),
        "qr_alt": _("Square code that leads to %(address)s", address=address),
        "address": f"{urlsplit(public_url).netloc}/feedback/at",
        "address_label": _("Address"),
        "code_label": _("Code"),
        "code": written_code(occasion.code),
        "until": format_day(occasion.held_on),
        "who_sees": _("Who sees what?"),
        "privacy": _("Answers are released without names, at least five at a time.")
        + " "
        + _("Do not write names of children or colleagues."),
    }
