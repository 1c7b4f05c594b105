"""The letters of licences and seats. Subjects never name what a course is about."""

from sqlalchemy.orm import Session

from elearn.catalogue.queries import outline
from elearn.core.clock import day_of
from elearn.core.i18n import format_day, speaking
from elearn.core.scope import PersonScope
from elearn.core.tokens import Minted
from elearn.licensing.models import Invitation, Licence
from elearn.mail.models import Letter
from elearn.mail.services import queue

INVITATION_PURPOSE = "invitation"


def invitation(
    session: Session, *, invitation: Invitation, licence: Licence, token: Minted, reminds: bool = False
) -> Letter:
    """Queue the letter that offers a seat, or reminds of it, in the invited person's language."""
    person, inviter = invitation.person, invitation.invited_by
    country = licence.municipality.country
    with speaking(person.language):
        works_until = format_day(day_of(invitation.expires_at, country), short=True)
    course = outline(session, PersonScope(person.id), licence.course_id)
    return queue(
        session,
        "licensing/invitation",
        to=invitation.email.address,
        language=person.language,
        context={
            "name": person.first_name,
            "municipality": licence.municipality.official_name,
            "house": licence.course.course_house.name,
            "inviter": inviter.name if inviter else None,
            "message": invitation.message,
            "minutes": course.content.minutes,
            "works_until": works_until,
            "reminds": reminds,
        },
        token_purpose=INVITATION_PURPOSE,
        token=token,
    )
