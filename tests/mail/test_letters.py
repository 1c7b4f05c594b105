"""What letters say, whole, as files beside this test; the invitation's are in tests/licensing.

After a change that is meant: UPDATE_LETTERS=1 pytest tests/mail/test_letters.py, then read the difference.
"""

import os
import re
from pathlib import Path

import pytest

from elearn.core.i18n import LANGUAGES
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from tests.conftest import NOW

pytestmark = pytest.mark.looks

STORED = Path(__file__).parent / "letters"
ORDER = {
    "name": "Bo",
    "municipality": "Horsens Kommune",
    "house": "Kursushuset",
    "number": 12,
    "seats": 100,
    "total": "74.968,75 DKK",
}
LETTERS = {
    "billing/e_invoice": {
        "house": "Kursushuset",
        "buyer": "Favrskov Kommune",
        "invoice": "K-1001",
        "day": "26. november 2026",
        "total": "74.968,75 DKK",
        "is_credit": False,
    },
    "billing/invoice_overdue": {
        "name": "Karin",
        "house": "Kursushuset",
        "buyer": "Favrskov Kommune",
        "invoice": "K-1001",
        "day": "26. november 2026",
        "due": "26. december 2026",
        "left": "74.968,75 DKK",
        "account": {"bank_registration": "1234", "bank_account": "0012345678", "bic": ""},
        "contact": ["Ida Holm", "ida@house.example"],
        "is_last": True,
        "path": "/orders/7",
    },
    "billing/invoice_not_sent": {
        "name": "Ida",
        "house": "Kursushuset",
        "buyer": "Favrskov Kommune",
        "invoice": "K-1001",
        "day": "26. november 2026",
        "target": "faktura@regnskab.example",
        "problem": "550 no such mailbox",
        "path": "/owner/orders/7",
    },
    "billing/invoice_problem": {
        "name": "Ida",
        "house": "Kursushuset",
        "municipality": "Favrskov Kommune",
        "number": 7,
        "lines": ["PEPPOL-COMMON-R040: GLN must have a valid format according to GS1 rules."],
        "path": "/owner/orders/7",
    },
    "billing/application_accepted": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "code": "K7MPQ2XWRB4D",
        "last_day": "30. april 2027",
        "path": "/campaigns/testkommuner",
    },
    "billing/application_declined": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "lines": ["Regionens plads er givet.", "Skriv gerne igen til foråret."],
    },
    "accounts/sign_in": {"name": "Mette", "minutes": 30, "house": "Kursushuset"},
    "accounts/sign_in_changed": {"name": "Mette", "change": "passkey_added", "house": "Kursushuset"},
    "feedback/reminder": {
        "name": "Mette",
        "house": "Kursushuset",
        "is_anonymous": True,
        "path": "/feedback/3",
        "decline_path": "/feedback/3/reminders",
    },
    "learning/completed": {"name": "Mette", "house": "Kursushuset"},
    "learning/nudge": {"name": "Mette", "house": "Kursushuset"},
    "billing/confirm_order": ORDER,
    "billing/order_waits": ORDER,
    "billing/order_to_confirm": {**ORDER, "name": "Ida", "path": "/owner/orders/12"},
    "billing/order_accepted": {**ORDER, "path": "/orders/12", "by_card": True},
    "billing/order_refused": {**ORDER, "lines": ["Vi kender jer ikke."]},
    "billing/order_cancelled": {**ORDER, "lines": ["Vi venter et år."]},
    "billing/seats_ready": {**ORDER, "path": "/orders/12", "first": "26. november 2026", "last": "25. november 2027"},
    "licensing/in_line": {"name": "Lise", "municipality": "Favrskov Kommune", "house": "Kursushuset", "number": 3},
    "licensing/joining": {
        "name": "Lise",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "minutes": 76,
        "works_until": "7. december",
        "needs_approval": False,
    },
    "licensing/request_declined": {
        "name": "Lise",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "by": "Karin Kompetence",
        "reason": "Vi tager flere med til foråret.",
    },
    "licensing/requests_waiting": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "number": 4,
        "path": "/municipalities/7/licences/9/waiting",
    },
    "licensing/ends_soon": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "day": "12. marts 2027",
        "days": 30,
        "claimed": 63,
        "seats": 100,
        "path": "/municipalities/7/licences/9/renewal",
    },
    "licensing/seat_ends": {
        "name": "Mette",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "day": "12. marts 2027",
        "days": 30,
        "ask": ["Karin Køber", "Kai Køber"],
    },
    "licensing/fills_up": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "claimed": 90,
        "seats": 100,
        "free": 6,
        "invited": 4,
        "path": "/municipalities/7/licences/9",
    },
    "licensing/message": {
        "name": "Mette",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "lines": ["Vi mødes på torsdag.", "", "Tag gerne en kollega med."],
        "by": "Karin Kompetence",
    },
    "licensing/nobody_buys": {
        "name": "Ida",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "path": "/owner/licences/9",
    },
    "media/film_ready": {
        "name": "Ida",
        "house": "Kursushuset",
        "film": "foerste-dag",
        "path": "/owner/films/foerste-dag",
    },
    "media/film_failed": {
        "name": "Ida",
        "house": "Kursushuset",
        "film": "foerste-dag",
        "fault": "Filen er ikke en film. Upload en som MP4, MOV, WebM, MKV, AVI eller MPEG.",
        "path": "/owner/films/foerste-dag",
    },
    "operations/trouble": {
        "house": "Kursushuset",
        "what": "disken er næsten fuld",
        "cure": "Skaf plads, eller flyt data til en større disk.",
        "path": "/owner/status",
    },
    "operations/trouble_over": {
        "house": "Kursushuset",
        "what": "der er plads på disken igen",
        "path": "/owner/status",
    },
    "organisations/role_given": {
        "name": "Mette",
        "municipality": "Favrskov Kommune",
        "by": "Karin Køber",
        "house": "Kursushuset",
        "is_buyer": True,
        "sign_in_path": "/sign-in?next=/municipalities/7",
    },
    "licensing/invitation": {
        "name": "Mette",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "inviter": "Ida Kursus",
        "message": "Brug gerne arbejdstiden.",
        "minutes": 76,
        "works_until": "7. december",
        "held_until": "4. januar",
        "reminds": False,
    },
    "personal_data/leaving": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "house_email": "hej@kursushuset.example",
        "day": "12. marts 2027",
        "sign_in_path": "/sign-in?next=/municipalities/7/data",
    },
    "personal_data/stays": {
        "name": "Karin",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "house_email": "hej@kursushuset.example",
        "day": "12. marts 2027",
        "sign_in_path": "/sign-in?next=/municipalities/7/data",
    },
    "training/reminder": {
        "name": "Mette",
        "municipality": "Favrskov Kommune",
        "house": "Kursushuset",
        "day": "7. december",
        "is_late": False,
        "is_refresher": False,
        "path": "/learn",
    },
}
TOPIC = re.compile(r"vold|violence|overgreb|abuse|børn|barn|child", re.IGNORECASE)


def letter(kind: str, language: str) -> Letter:
    return Letter(
        id=1,
        kind=kind,
        recipient="mette@x.example",
        language=language,
        context=LETTERS[kind],
        token_purpose="test",
        token_nonce="nonce",
        queued_at=NOW,
    )


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_says_what_is_stored(installation, kind: str, language: str) -> None:
    message = render(installation, letter(kind, language))
    text = message.get_body(("plain",)).get_content()
    said = f"Subject: {message['Subject']}\n\n{text}".replace(installation.tokens.reveal("test", "nonce"), "TOKEN")
    file = STORED / f"{kind.replace('/', '-')}.{language}.txt"
    if os.environ.get("UPDATE_LETTERS"):
        file.write_text(said)

    assert said == file.read_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_letters_are_written_in_every_language(installation, kind: str, language: str) -> None:
    message = render(installation, letter(kind, language))
    html, text = (message.get_body((part,)).get_content() for part in ("html", "plain"))

    assert f'<html lang="{language}"' in html
    assert "%(" not in html + text
    assert "{{" not in html + text
    for address in re.findall(r"https?://[^\s\"<>]+", text):
        assert address in html, "both parts lead to the same places"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_a_subject_never_names_a_topic(installation, kind: str, language: str) -> None:
    subject = str(render(installation, letter(kind, language))["Subject"])

    assert subject.strip()
    assert not TOPIC.search(subject)


def test_every_letter_that_exists_is_tested() -> None:
    package = Path(__file__).parent.parent.parent / "elearn"
    written = {f"{folder.parts[-4]}/{folder.name}" for folder in package.glob("*/templates/emails/*/")}

    assert written == set(LETTERS)
