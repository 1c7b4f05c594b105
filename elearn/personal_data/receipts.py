"""The receipt of a departure: what was deleted and what was kept, in numbers, as page and PDF."""

from elearn.core import clock, i18n
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.core.paper import Section, document, items, pairs, text
from elearn.personal_data.models import Departure

DELETED = {
    "people": _l("People"),
    "seats": _l("Seats taken from people"),
    "memberships": _l("Who works where, and as what"),
    "departments": _l("Departments"),
    "requests": _l("Requests for seats"),
    "join_links": _l("Join links"),
    "lists": _l("Uploaded lists"),
    "rules": _l("Rules for new hires and refreshers, with what was due"),
    "tokens": _l("Tokens for other systems"),
    "numbers": _l("GLN (EAN) numbers"),
    "quotes": _l("Quotes"),
    "applications": _l("Applications to be a test municipality"),
    "answered": _l("Notes of who has answered a feedback form, with answers that still had a name or waited"),
    "occasions": _l("Occasions for feedback"),
}
KEPT = [
    _l("What people have watched, their notes and their certificates: these are their own."),
    _l("The licences with their dates, and their seats' history in numbers, without names."),
    _l("The trail of events in numbers, until its months are over."),
    _l("Anonymous feedback that was released: it stands without names."),
    _l("Orders, without the names of those who ordered; invoices as they are, as the law asks."),
]


def lines(counted: dict[str, int]) -> list[tuple[str, int]]:
    """Return what is, or was, deleted: words and numbers, in the language spoken now."""
    return [(str(label), counted.get(key, 0)) for key, label in DELETED.items()]


def render(departure: Departure, *, language: str, house: str) -> bytes:
    """Return the receipt of a departure that is done, as a PDF/UA."""
    assert departure.done_at is not None
    municipality = departure.municipality
    with i18n.speaking(language):
        day = i18n.format_day(clock.day_of(departure.done_at, municipality.country))
        asked = i18n.format_day(clock.day_of(departure.asked_at, municipality.country))
        return document(
            language=language,
            house=house,
            title=_("Receipt of deletion"),
            lead=_(
                "%(municipality)s has left. Its data was deleted on %(day)s.",
                municipality=municipality.official_name,
                day=day,
            ),
            foot=f"{municipality.official_name}, {day}",
            sections=[
                Section(_("Which departure"), [pairs([(_("Started"), asked), (_("Reason"), departure.reason)])]),
                Section(
                    _("Deleted"),
                    [pairs([(words, i18n.format_number(number)) for words, number in lines(departure.receipt)])],
                ),
                Section(
                    _("Kept"),
                    [
                        items([str(words) for words in KEPT]),
                        text(_("Backups hold the data for some weeks more, until they are overwritten.")),
                    ],
                ),
            ],
        )
