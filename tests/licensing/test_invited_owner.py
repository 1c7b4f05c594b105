"""An invitation is passed on among colleagues for days: it opens a seat, never a course house."""

from collections.abc import Callable

from elearn.licensing.services import invite
from tests.client import PageClient
from tests.conftest import TestClock
from tests.licensing.helpers import Field


def test_an_owners_invitation_does_not_open_their_house(
    field: Field, browser: Callable[[], PageClient], clock: TestClock
) -> None:
    theirs = field.world.theirs.owner
    invite(
        field.session,
        field.tokens,
        licence=field.licence,
        address=theirs.address,
        name="Somebody",
        language="en",
        by_id=field.owner_id,
    )
    field.session.commit()
    holder = browser()

    assert holder.press(f"/invitations/{field.token()}").status_code == 303

    assert holder.get("/learn/my-data").status_code == 200
    answer = holder.get("/owner")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/owner")
