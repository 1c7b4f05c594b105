"""Letters about how a person signs in."""

from enum import StrEnum

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.mail.services import queue


class Change(StrEnum):
    """What has changed in how a person signs in."""

    PASSWORD_SET = "password_set"  # noqa: S105 - no password
    PASSWORD_REMOVED = "password_removed"  # noqa: S105 - no password
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RESET = "reset"


def tell_of_change(session: Session, person: Person, change: Change, *, house: str) -> None:
    """Write to a person that how they sign in has changed, so that somebody else's doing does not stay hidden."""
    queue(
        session,
        "accounts/sign_in_changed",
        to=person.address,
        language=person.language,
        context={"name": person.first_name, "change": change.value, "house": house},
    )
