"""Campaigns, codes and applications: what an owner may settle, and what a municipality is sent."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from elearn.billing import errors
from elearn.billing.models import ApplicationState, CampaignApplication, DiscountCode, DiscountKind
from elearn.billing.services.campaigns import (
    CampaignTerms,
    CodeTerms,
    accept_application,
    decline_application,
    save_campaign,
    save_code,
    switch_code_off,
)
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.mail.models import Letter
from elearn.organisations.models import Municipality
from tests.billing.shop import CODE, add_campaign, municipality, open_shop, order

FIRST, LAST = date(2026, 11, 23), date(2027, 5, 22)


def terms(side, **changed):
    told = CampaignTerms(side.course.id, "Test på Fyn", "", "DK", FIRST, LAST, has_places=True, is_public=True)
    return replace(told, **changed)


def campaign_of(session, side, campaign_id=None, **changed):
    return save_campaign(
        session,
        scope=side.house_scope,
        campaign_id=campaign_id,
        terms=terms(side, **changed),
        by_id=side.owner.id,
    )


def code_of(session, side, campaign_id=None, **changed):
    told = replace(CodeTerms(DiscountKind.PERCENT, 7500, FIRST, LAST), **changed)
    return save_code(session, scope=side.house_scope, campaign_id=campaign_id, terms=told, by_id=side.owner.id)


@pytest.mark.parametrize(("first", "places"), [(FIRST, 5), (date(2027, 1, 1), 4)])
def test_a_campaigns_places_are_the_regions_of_its_first_day(world, session, first, places) -> None:
    campaign = campaign_of(session, world.ours, starts_on=first)

    assert len(campaign.places) == places
    assert campaign.slug == "test-paa-fyn"


def test_an_address_is_given_once(world, session) -> None:
    first, second = (campaign_of(session, side) for side in (world.ours, world.theirs))

    assert (first.slug, second.slug) == ("test-paa-fyn", "test-paa-fyn-2")


def test_places_move_with_the_first_day_until_an_order_holds_one(world, session, tokens) -> None:
    open_shop(session, world.ours)
    code = add_campaign(session, world.ours)
    campaign_id = code.campaign_id
    order(session, tokens, world.ours, seats=100, code=CODE, municipality=municipality(session, "Aarhus"))
    assert len(campaign_of(session, world.ours, campaign_id, starts_on=date(2027, 1, 1)).places) == 4
    campaign_of(session, world.ours, campaign_id, starts_on=FIRST)
    session.flush()

    order(session, tokens, world.ours, seats=100, code=CODE, person=world.ours.buyer)
    with pytest.raises(errors.CampaignInUse):
        campaign_of(session, world.ours, campaign_id, has_places=False)
    assert campaign_of(session, world.ours, campaign_id, name="Another name").name == "Another name"


def test_a_code_without_a_name_is_one_that_nobody_guesses(world, session) -> None:
    codes = {code_of(session, world.ours).code for _ in range(3)}

    assert len(codes) == 3
    assert all(len(code) == 12 for code in codes)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"code": "abc"}, errors.CodeNotValid),
        ({"code": "½!test"}, errors.CodeNotValid),
        ({"value": 0}, errors.CodeValueNotValid),
        ({"value": 10_001}, errors.CodeValueNotValid),
        ({"kind": DiscountKind.AMOUNT, "value": 100}, errors.CodeValueNotValid),
        ({"kind": DiscountKind.AMOUNT, "value": 0, "currency": "DKK"}, errors.CodeValueNotValid),
        ({"valid_until": date(2026, 11, 22)}, errors.LastDayBeforeFirst),
        ({"min_seats": 5, "max_seats": 4}, errors.CodeSizesNotValid),
        ({"max_uses": 0}, errors.CodeSizesNotValid),
    ],
)
def test_a_code_that_cannot_hold_is_refused(world, session, changed, refusal) -> None:
    with pytest.raises(refusal):
        code_of(session, world.ours, **changed)


def test_a_name_is_taken_however_it_is_written(world, session) -> None:
    code_of(session, world.ours, code="Test 2026")

    with pytest.raises(errors.CodeTaken):
        code_of(session, world.ours, code="TEST2026")
    assert code_of(session, world.theirs, code="test2026")


def test_what_belongs_to_another_house_is_not_found(world, session) -> None:
    theirs = campaign_of(session, world.theirs)
    code = code_of(session, world.theirs)
    own = Municipality(country="DK", course_house_id=world.theirs.house.id, name="Own", official_name="Own")
    session.add(own)
    session.flush()
    scope = world.ours.house_scope
    for act in (
        lambda: campaign_of(session, world.ours, theirs.id),
        lambda: campaign_of(session, world.ours, course_id=world.theirs.course.id),
        lambda: code_of(session, world.ours, theirs.id),
        lambda: code_of(session, world.ours, course_ids=frozenset({world.theirs.course.id})),
        lambda: code_of(session, world.ours, municipality_id=own.id),
        lambda: switch_code_off(session, scope=scope, code_id=code.id, by_id=1),
        lambda: accept_application(session, scope=scope, application_id=999, by_id=1),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.fixture
def applied(world, session):
    open_shop(session, world.ours)
    code = add_campaign(session, world.ours)
    application = CampaignApplication(
        campaign=code.campaign,
        municipality=municipality(session, "Aarhus"),
        form_key="k",
        name="Ane Aner",
        email="ane@aarhus.example",
        phone="",
        message="",
        language="en",
        state=ApplicationState.NEW,
        applied_at=clock.now(),
    )
    session.add(application)
    session.flush()
    return application


def accept(session, side, application):
    return accept_application(session, scope=side.house_scope, application_id=application.id, by_id=side.owner.id)


def test_an_accepted_municipality_is_sent_a_code_for_it_alone(world, session, tokens, applied) -> None:
    for _ in range(2):  # a second press sends nothing more
        accept(session, world.ours, applied)

    code = session.get(DiscountCode, applied.code_id)
    assert (code.municipality_id, code.max_uses, code.value, code.min_seats) == (applied.municipality_id, 1, 7500, 100)
    letter = session.scalars(select(Letter).where(Letter.kind == "billing/application_accepted")).one()
    assert (letter.recipient, letter.context["code"]) == ("ane@aarhus.example", code.code)
    with pytest.raises(errors.CodeForOtherMunicipality):
        order(session, tokens, world.ours, seats=100, code=code.code, municipality=municipality(session, "Odense"))
    with pytest.raises(errors.ApplicationAnswered):
        _decline(session, world.ours, applied)


def test_a_declined_municipality_reads_why(world, session, applied) -> None:
    for _ in range(2):
        _decline(session, world.ours, applied)

    letter = session.scalars(select(Letter).where(Letter.kind == "billing/application_declined")).one()
    assert letter.context["lines"] == ["Next year"]
    with pytest.raises(errors.ApplicationAnswered):
        accept(session, world.ours, applied)


def test_nobody_is_accepted_for_a_place_that_is_taken(world, session, tokens, applied) -> None:
    order(session, tokens, world.ours, seats=100, code=CODE, person=world.ours.buyer)

    with pytest.raises(errors.PlaceTaken):
        accept(session, world.ours, applied)


def test_a_place_is_promised_to_one_municipality_of_its_region(world, session, applied) -> None:
    def another(name: str) -> CampaignApplication:
        kept = {"email": "bo@kommune.example", "name": "Bo", "phone": "", "message": "", "language": "en"}
        found = CampaignApplication(
            campaign=applied.campaign,
            municipality=municipality(session, name),
            form_key=name,
            state=ApplicationState.NEW,
            applied_at=clock.now(),
            **kept,
        )
        session.add(found)
        session.flush()
        return found

    accept(session, world.ours, applied)
    neighbour = another("Horsens")

    with pytest.raises(errors.PlacePromised) as refused:
        accept(session, world.ours, neighbour)
    promised = session.get(DiscountCode, applied.code_id)
    assert (refused.value.place, refused.value.municipality) == ("Region Midtjylland", "Aarhus Kommune")
    assert accept(session, world.ours, another("Odense")).state == ApplicationState.ACCEPTED
    assert accept(session, world.ours, another("Aarhus")).state == ApplicationState.ACCEPTED, "a colleague of the first"

    own = DiscountCode.municipality_id == promised.municipality_id
    for code in session.scalars(select(DiscountCode).where(own)).all():
        switch_code_off(session, scope=world.ours.house_scope, code_id=code.id, by_id=world.ours.owner.id)
    assert accept(session, world.ours, neighbour).state == ApplicationState.ACCEPTED


def test_without_a_code_there_are_no_terms_to_send(world, session, applied) -> None:
    switch_code_off(
        session, scope=world.ours.house_scope, code_id=applied.campaign.codes[0].id, by_id=world.ours.owner.id
    )

    with pytest.raises(errors.CampaignHasNoCode):
        accept(session, world.ours, applied)


def test_a_code_that_has_expired_is_sent_to_nobody(world, session, clock, applied) -> None:
    """The next code's terms are sent, while the campaign lasts."""
    old = applied.campaign.codes[0]
    old.valid_until = date(2026, 11, 30)
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))
    with pytest.raises(errors.CampaignHasNoCode):
        accept(session, world.ours, applied)

    code_of(session, world.ours, old.campaign_id, value=5000)
    session.expire(applied.campaign)
    accept(session, world.ours, applied)
    assert session.get(DiscountCode, applied.code_id).value == 5000


def _decline(session, side, application):
    return decline_application(
        session,
        scope=side.house_scope,
        application_id=application.id,
        words="Next year",
        by_id=side.owner.id,
    )
