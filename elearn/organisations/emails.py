"""The letters about who manages a municipality's seats. Subjects never name what a course is about."""

from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.mail.services import queue
from elearn.organisations.models import Municipality, Role


def role_given(
    session: Session, *, to: EmailAddress, municipality: Municipality, role: Role, by: Person, house: str
) -> None:
    """Tell somebody of their new role and where to sign in.

    The letter holds no secret: it may lie in a mailbox for long, and the link that signs in lives for minutes.
    """
    path = f"/municipalities/{municipality.id}"
    queue(
        session,
        "organisations/role_given",
        to=to.address,
        language=to.person.language,
        context={
            "name": to.person.first_name,
            "municipality": municipality.official_name,
            "by": by.name,
            "house": house,
            "is_buyer": role is Role.BUYER,
            "sign_in_path": f"/sign-in?next={path if role is Role.BUYER else path + '/department'}",
        },
    )
