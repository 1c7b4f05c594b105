"""The demo's people: invented, at addresses that cannot exist, in two course houses and two municipalities."""

from dataclasses import dataclass

from elearn.core.i18n import lazy_gettext as _l
from elearn.organisations.models import Role


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as."""

    key: str
    name: str
    address: str
    what: str
    """Who they are, one sentence."""
    language: str = "da"
    seen_share: float | None = None
    """How much of the sample course they have watched, 0 to 1; None when they hold no seat."""
    sector: str | None = None
    department: str | None = None
    """Where they work; a leader leads it, with what lies below."""
    role: Role | None = None
    """Buyer or leader, beside being a learner."""


PEOPLE = [
    DemoPerson(
        "mette",
        "Mette Eksempel",
        "mette@favrskov.example",
        _l("Health visitor, in the middle of the course"),
        seen_share=0.42,
        department="Sundhedsplejen",
    ),
    DemoPerson(
        "hassan",
        "Hassan Eksempel",
        "hassan@favrskov.example",
        _l("Family therapist, has just accepted the invitation"),
        seen_share=0.0,
        department="Familiehuset",
    ),
    DemoPerson(
        "amina",
        "Amina Eksempel",
        "amina@favrskov.example",
        _l("Teacher, has finished and holds a certificate"),
        seen_share=1.0,
        department="Strandskolen",
    ),
    DemoPerson(
        "sigrid",
        "Sigrid Døme",
        "sigrid@voss.example",
        _l("School psychologist in Norway, reads Nynorsk"),
        language="nn",
        seen_share=0.2,
        sector="ppr",
    ),
    DemoPerson(
        "karin",
        "Karin Eksempel",
        "karin@favrskov.example",
        _l("Competence coordinator, manages the municipality’s seats"),
        role=Role.BUYER,
    ),
    DemoPerson(
        "lars",
        "Lars Eksempel",
        "lars@favrskov.example",
        _l("Leads the schools, follows how they get through"),
        department="Skoler",
        role=Role.LEADER,
    ),
    DemoPerson("owner", "Ida Kursus", "ida@kursushuset.example", _l("Owns the course house Kursushuset")),
    DemoPerson("other-owner", "Nils Kurs", "nils@nordlys.example", _l("Owns another course house, Nordlys kurs"), "nb"),
]
INVITED = [
    ("Carsten Eksempel", "carsten@favrskov.example", "PPR"),
    ("Gitte Eksempel", "gitte@favrskov.example", "Strandskolens SFO"),
    ("Birgit Eksempel", "birgit@favrskov.example", "Strandskolen"),
]
"""Invited, but have not answered: their letters lie in the demo's mail."""
DEPARTMENTS = [
    ("Børn og Familie", None, None),
    ("Sundhedsplejen", "Børn og Familie", "health_visitor"),
    ("Familiehuset", "Børn og Familie", "family_services"),
    ("PPR", "Børn og Familie", "ppr"),
    ("Skoler", None, "school"),
    ("Strandskolen", "Skoler", "school"),
    ("Strandskolens SFO", "Skoler", "after_school"),
]
"""The Danish municipality's departments: name, the one above, sector."""
