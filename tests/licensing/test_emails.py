from email.message import EmailMessage

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.core.i18n import LANGUAGES
from elearn.licensing.services import invite
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from tests.licensing.helpers import Field

TEXT = """\
Hello Lise

Favrskov Kommune has given you a seat in a video course. It takes 18 min in all. \
You can stop whenever you like and carry on at the same place on another screen.

> Do use working hours for it.
> Owner ours, House ours

Open the invitation:
http://localhost/invitations/{token}

The link is only for you. It works until 7 December.

Your employer sees when you started and when you finished. Not what you watch, or when you watch it.

The course is about a difficult subject. Each module first tells what you will meet.

Not you? Say no thanks, and the seat goes back. The button for it is on the same page.

You get this email because Owner ours from House ours has put you on the list of Favrskov Kommune.

House ours
"""


def newest(field: Field) -> EmailMessage:
    field.session.flush()
    letter = field.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    return render(field.installation, letter)


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_invitation_reads_like_this(field: Field) -> None:
    field.invite("Lise", message="Do use working hours for it.")

    message = newest(field)

    assert message["Subject"] == "Your course is ready"
    assert text(message).strip() == TEXT.format(token=field.token()).strip()


def test_a_buyer_invites_in_the_municipalitys_name(field: Field) -> None:
    buyer = field.world.ours.buyer
    invite(
        field.session,
        field.tokens,
        licence=field.licence,
        address="lise@work.example",
        name="Lise",
        language="en",
        message="See you on Monday.",
        by_id=buyer.id,
    )

    said = text(newest(field))

    assert "> Buyer ours, Favrskov Kommune" in said
    assert "You get this email because Buyer ours has put you on the list of Favrskov Kommune." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_invitation_names_no_topic_in_any_language(field: Field, language: str) -> None:
    seat = field.invite("Lise")
    field.session.get_one(Person, seat.person_id).language = language
    field.session.flush()
    letter = field.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    letter.language = language

    message = newest(field)

    for part in (message["Subject"], text(message), text(message, "html")):
        for word in ("Svære samtaler", "Hard talks", "hard-talks"):
            assert word not in part
    assert f'lang="{language}"' in text(message, "html")


def test_what_the_inviter_writes_is_text_and_nothing_else(field: Field) -> None:
    field.invite("Lise", message="<b>{{7*7}}</b> </script>")

    message = newest(field)

    assert "<b>{{7*7}}</b>" in text(message)
    assert "<b>" not in text(message, "html")
    assert "49" not in text(message, "html").replace(field.token(), "")


def test_the_outbox_keeps_no_token(field: Field) -> None:
    field.invite("Lise")

    letter = field.session.scalars(select(Letter).order_by(Letter.id.desc())).first()

    assert letter is not None
    assert field.token() not in str(letter.context) + str(letter.token_nonce)
