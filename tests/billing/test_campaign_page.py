"""The public page of a campaign: figures, free places, the duty, and applying for one."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from elearn.billing.models import Campaign, CampaignApplication
from elearn.billing.views import campaigns
from elearn.core.limits import Limit
from tests.billing.shop import CODE, add_campaign, open_shop
from tests.billing.shop import order as place
from tests.client import PageClient, check_page

ADDRESS = "/campaigns/test-hard-talks"
WHO = {"municipality": "Horsens Kommune", "name": "Bo Berg", "email": "bo@horsens.example"}


@pytest.fixture
def campaign(session, world) -> Campaign:
    open_shop(session, world.ours)
    campaign = add_campaign(session, world.ours).campaign
    assert campaign is not None
    campaign.is_public = True
    session.commit()
    return campaign


@pytest.fixture
def visitor(campaign, anonymous) -> PageClient:
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return anonymous


def key(client: PageClient) -> str:
    return client.page(ADDRESS).find("input", {"name": "form_key"})["value"]


def test_it_tells_the_offer_the_duty_and_free_places_but_not_the_code(visitor):
    page = visitor.page(ADDRESS)
    for said in ("59,975.00", "14,993.75", "74,968.75", "75%", "at least 80% of the staff", "Region Syddanmark"):
        assert said in page.text, said
    assert CODE not in str(page)
    assert len(page.find(class_="places").find_all(string="still free")) == 5


def test_a_taken_place_says_so_and_not_by_whom(visitor, session, world, tokens):
    place(session, tokens, world.ours, seats=100, code=CODE)
    session.commit()
    page = visitor.page(ADDRESS)
    taken = page.find(class_="places").find(string="taken").find_parent("li")
    assert "Region Midtjylland" in taken.text
    assert "Favrskov Kommune" not in page.find(class_="places").text
    assert not [
        text for text in page.main.find_all(string=lambda text: "Favrskov" in text) if text.parent.name != "option"
    ]


def test_the_course_page_leads_there_only_while_it_is_public(visitor, campaign, session):
    assert visitor.page("/courses/hard-talks").find("a", href=ADDRESS)
    campaign.is_public = False
    session.commit()
    assert not visitor.page("/courses/hard-talks").find("a", href=ADDRESS)
    assert visitor.get(ADDRESS).status_code == 404
    assert visitor.press(ADDRESS, form_key="a", **WHO).status_code == 404


def test_applying_twice_by_one_form_is_one_application(visitor, session):
    form = {"form_key": key(visitor), "message": "We have long wanted this.", **WHO}
    assert [visitor.press(ADDRESS, **form).status_code for _ in range(2)] == [303, 303]
    application = session.scalars(select(CampaignApplication)).one()
    assert application.municipality.name in ("Horsens", "Horsens Kommune")
    assert "Thank you." in visitor.page(ADDRESS).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"municipality": "Bergen"}, "The campaign is for Danish municipalities."),
        ({"municipality": "Nowhere"}, "We do not know this municipality."),
        ({"email": "bo"}, "Write the whole address"),
        ({"name": ""}, "Write your name."),
    ],
)
def test_a_wrong_application_is_said_beside_its_field(visitor, session, changed, said):
    answer = visitor.press(ADDRESS, form_key=key(visitor), **WHO | changed)
    assert answer.status_code == 422
    assert said in check_page(ADDRESS, answer).find(class_="ds-error-summary").text
    assert session.scalars(select(func.count()).select_from(CampaignApplication)).one() == 0


def test_outside_its_days_nobody_can_apply(visitor, clock):
    pressed = key(visitor)
    clock.set(datetime(2027, 5, 1, 9, tzinfo=UTC))
    page = visitor.page(ADDRESS)
    assert "The campaign ended on 30 April 2027" in page.text
    assert not page.find("form", action=lambda action: action and action.startswith(ADDRESS))
    assert visitor.press(ADDRESS, form_key=pressed, **WHO).status_code == 422


def test_what_an_expired_code_came_to_is_offered_to_nobody(visitor, campaign, session):
    campaign.codes[0].valid_until = campaign.starts_on
    session.commit()
    assert "59,975.00" not in visitor.page(ADDRESS).text


def test_what_one_municipality_was_promised_is_offered_to_nobody_else(visitor, campaign, session, world):
    campaign.codes[0].municipality_id = world.ours.municipality.id
    session.commit()
    assert "59,975.00" not in visitor.page(ADDRESS).text


def test_many_applications_from_one_address_are_limited(visitor, monkeypatch):
    monkeypatch.setattr(
        campaigns, "APPLICATIONS_PER_SENDER", Limit("billing.campaign.sender", attempts=1, window_s=900)
    )
    form_key = key(visitor)
    assert [visitor.press(ADDRESS, form_key=form_key, **WHO).status_code for _ in range(2)] == [303, 429]


def test_its_own_text_is_shown_instead_of_ours(visitor, campaign, session):
    campaign.text = "## Come along\n\nWe are *new*."
    session.commit()
    page = visitor.page(ADDRESS)
    assert page.find("em", string="new")
    assert "Be one of the first" not in page.text
