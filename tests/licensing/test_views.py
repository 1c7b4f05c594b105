from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from elearn.accounts.models import Person, SignIn
from elearn.app import Elearn
from elearn.core import i18n
from elearn.core.audit import AuditEvent
from elearn.licensing.models import SeatEvent, SeatState
from tests.client import PageClient
from tests.conftest import TestClock
from tests.licensing.helpers import Field


@pytest.fixture(autouse=True)
def _in_english(app: Elearn) -> None:
    """Browsers that say nothing are spoken to in Danish; these tests read English."""
    app.before_request_funcs[None].append(lambda: i18n.set_language("en"))


@pytest.fixture
def path(field: Field) -> str:
    """Where the newest invitation is answered."""
    field.invite("Lise", message="Do use working hours for it.")
    field.session.commit()
    return f"/invitations/{field.token()}"


def test_the_page_says_who_offers_what_and_who_sees_what(path: str, anonymous: PageClient) -> None:
    page = anonymous.page(path)

    for sentence in (
        "Favrskov Kommune has given you a seat",
        "18 min",
        "Do use working hours for it.",
        "Your employer sees when you started and when you finished.",
        "difficult subject",
        "Not you? Say no thanks",
    ):
        assert sentence in page.text
    assert "Svære samtaler" not in page.text
    assert "Hard talks" not in page.text


def test_opening_the_link_changes_nothing_however_often(path: str, field: Field, anonymous: PageClient) -> None:
    def rows() -> list[int | None]:
        counted = (func.count(SeatEvent.id), func.count(SignIn.id), func.count(AuditEvent.id))
        return [field.session.scalar(select(one)) for one in counted]

    before = rows()
    for _scanner in range(3):
        anonymous.get(path)
        anonymous.head(path)

    assert rows() == before


def test_the_button_claims_the_seat_signs_in_and_explains_leaving_first(
    path: str, field: Field, anonymous: PageClient
) -> None:
    response = anonymous.press(path)

    assert response.location == "/leave/how?next=/learn"
    anonymous.page(response.location)
    assert field.counts().claimed == 1


def test_who_has_read_how_to_leave_goes_straight_to_the_courses(
    path: str, field: Field, anonymous: PageClient, clock: TestClock
) -> None:
    lise = field.session.scalars(select(Person).where(Person.name == "Lise")).one()
    lise.leave_page_explained_at = clock.time
    field.session.commit()

    assert anonymous.press(path).location == "/learn"


def test_a_used_link_says_so_and_offers_another_way_in(
    path: str, anonymous: PageClient, browser: Callable[[], PageClient]
) -> None:
    anonymous.press(path)
    second = browser()

    page = second.page(path, status=410)

    assert "used or is too old" in page.text
    assert page.find("a", href="/sign-in")
    assert second.press(path).status_code == 410
    assert second.press(f"{path}/decline").status_code == 410


def test_no_thanks_gives_the_seat_back(path: str, field: Field, anonymous: PageClient) -> None:
    response = anonymous.press(f"{path}/decline")

    anonymous.page(response.location)
    assert field.counts().free == 3
    assert "_user_id" not in anonymous.cookie()


def test_a_press_without_the_pages_token_does_nothing(path: str, field: Field, anonymous: PageClient) -> None:
    assert anonymous.post(path).status_code == 400
    assert field.counts().claimed == 0


def test_guessing_is_stopped_after_thirty_wrong_links(path: str, anonymous: PageClient) -> None:
    answers = [anonymous.get(f"/invitations/guess-{number}").status_code for number in range(31)]

    assert answers == [410] * 30 + [429]
    assert anonymous.get(path).status_code == 429


def test_old_letters_opened_again_stop_no_colleague(path: str, field: Field, browser: Callable[[], PageClient]) -> None:
    assert browser().press(path).status_code == 303
    answers = [browser().get(path).status_code for _opened in range(31)]

    assert answers == [410] * 31
    field.invite("Marie")
    field.session.commit()
    assert browser().get(f"/invitations/{field.token()}").status_code == 200


def test_a_held_seat_is_accepted_without_the_letter_by_its_own_person_only(
    path: str, field: Field, browser: Callable[[], PageClient], stranger: PageClient
) -> None:
    lise = field.session.scalars(select(Person).where(Person.name == "Lise")).one()
    seat = field.world.ours.seat(field.session, field.world.ours.invited)
    own = next(one for one in field.seats() if one.person_id == lise.id)

    assert stranger.press(f"/seats/{own.id}/accept").status_code == 404
    assert browser().signed_in_as(lise).press(f"/seats/{seat.id}/accept").status_code == 404
    assert browser().signed_in_as(lise).press(f"/seats/{own.id}/accept").status_code == 303
    field.session.refresh(own)
    assert own.state is SeatState.CLAIMED
