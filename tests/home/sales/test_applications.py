"""Municipalities that apply for a campaign's place: asked, answered with a code, declined with words."""

import pytest

from elearn.accounts.services import confirm_address
from elearn.billing.models import (
    ApplicationState,
    CampaignApplication,
)
from elearn.core import clock as product_clock
from tests.billing.shop import CODE, municipality, order
from tests.client import check_page


@pytest.fixture
def applied(campaign, session):
    application = CampaignApplication(
        campaign=campaign,
        municipality=municipality(session, "Aarhus"),
        form_key="k",
        name="Ane Aner",
        email="ane@aarhus.example",
        phone="",
        message="We would love to",
        language="en",
        state=ApplicationState.NEW,
        applied_at=product_clock.now(),
    )
    session.add(application)
    session.commit()
    return application


def test_an_application_waits_on_the_start_page_and_is_answered_with_a_code(owner, applied, session) -> None:
    assert "1 application" in owner.page("/owner").find(class_="todo").text
    assert "We would love to" in owner.page(f"/owner/campaigns/{applied.campaign_id}").text

    owner.press(f"/owner/applications/{applied.id}/accept")
    session.expire_all()
    assert applied.state == ApplicationState.ACCEPTED
    assert "was sent a code" in owner.page(f"/owner/campaigns/{applied.campaign_id}").text
    answer = owner.press(f"/owner/applications/{applied.id}/decline", words="")
    assert answer.status_code == 422
    assert "has got its code before" in answer.text


def test_an_application_is_declined_with_words(owner, applied, session) -> None:
    owner.press(f"/owner/applications/{applied.id}/decline", words="Next year")

    session.expire_all()
    assert applied.state == ApplicationState.DECLINED
    assert "declined before" in owner.press(f"/owner/applications/{applied.id}/accept").text


def test_a_taken_place_is_said_before_a_code_is_sent(owner, applied, shop, session, tokens) -> None:
    confirm_address(session, shop.buyer.addresses[0])
    order(session, tokens, shop, seats=100, code=CODE, person=shop.buyer)
    session.commit()
    answer = owner.press(f"/owner/applications/{applied.id}/accept")

    assert answer.status_code == 422
    assert "Region Midtjylland has its municipality already." in check_page("campaign", answer).text


def test_a_promised_place_is_said_before_a_second_code_is_sent(owner, applied, session) -> None:
    owner.press(f"/owner/applications/{applied.id}/accept")
    kept = {"phone": "", "message": "", "language": "en", "state": ApplicationState.NEW}
    neighbour = CampaignApplication(
        campaign_id=applied.campaign_id,
        municipality=municipality(session, "Horsens"),
        form_key="k2",
        name="Bo Berg",
        email="bo@horsens.example",
        applied_at=product_clock.now(),
        **kept,
    )
    session.add(neighbour)
    session.commit()
    answer = owner.press(f"/owner/applications/{neighbour.id}/accept")

    assert answer.status_code == 422
    assert "Region Midtjylland is promised to Aarhus Kommune by the code" in check_page("campaign", answer).text
