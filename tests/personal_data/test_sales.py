"""Who ordered, asked for a price or applied: forgotten with the account, in time, and with the municipality."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.accounts.services import confirm_address
from elearn.billing import emails
from elearn.billing.models import BuyerRules, CampaignApplication, Order, Quote, StripeEvent, TrustedDomain
from elearn.billing.models.orders import FORGOTTEN
from elearn.billing.services.invoices import issue_invoice
from elearn.mail.models import Letter
from elearn.personal_data import erasure, sales
from elearn.personal_data.jobs import forget_what_is_old
from tests.billing.shop import open_shop, order
from tests.conftest import NOW
from tests.personal_data.planting import plant


@pytest.fixture
def planted(session, installation, world):
    plant(session, installation, world.ours, "CANARY-A")
    plant(session, installation, world.theirs, "CANARY-B")


def only(session, model, side):
    """Return a side's one row of a table."""
    return session.scalars(
        select(model).where(model.municipality_id == side.municipality.id).execution_options(populate_existing=True)
    ).one_or_none()


def test_an_order_outlives_its_sender_without_a_name(world, session, installation, planted) -> None:
    erasure.erase(session, installation.tokens, person_id=world.ours.learner.id, by_id=None)

    placed, quote = only(session, Order, world.ours), only(session, Quote, world.ours)
    assert (placed.name, placed.email, placed.phone, placed.person_id) == (FORGOTTEN, FORGOTTEN, "", None)
    assert (quote.name, quote.email) == (FORGOTTEN, FORGOTTEN)
    assert placed.buyer_reference == "REF"
    assert only(session, CampaignApplication, world.ours) is None
    assert only(session, Order, world.theirs).name.startswith("CANARY-B")


def test_nobody_is_written_to_about_an_order_whose_sender_is_gone(world, session, installation, planted) -> None:
    erasure.erase(session, installation.tokens, person_id=world.ours.learner.id, by_id=None)
    before = session.query(Letter).count()

    emails.order_cancelled(session, order=only(session, Order, world.ours))
    session.flush()
    assert session.query(Letter).count() == before


def test_an_order_of_somebody_who_is_gone_is_still_invoiced_without_a_name(world, session, installation) -> None:
    open_shop(session, world.ours)
    confirm_address(session, world.ours.buyer.addresses[0])
    placed = order(session, installation.tokens, world.ours)
    erasure.erase(session, installation.tokens, person_id=world.ours.buyer.id, by_id=None)
    invoice = issue_invoice(session, scope=world.ours.house_scope, order_id=placed.id, by_id=world.ours.owner.id)

    assert (invoice.buyer["contact_name"], invoice.buyer["contact_email"]) == ("", "")
    assert FORGOTTEN not in invoice.xml


def test_quotes_and_applications_go_months_after_their_last_day(world, session, installation, planted, clock) -> None:
    clock.set(NOW + timedelta(days=364))
    forget_what_is_old(installation, session)
    assert only(session, Quote, world.ours)
    assert only(session, CampaignApplication, world.ours)

    clock.set(NOW + timedelta(days=367))
    forget_what_is_old(installation, session)
    assert only(session, Quote, world.ours) is None
    assert only(session, CampaignApplication, world.ours) is None


def test_a_quote_that_an_order_came_of_stays_without_its_name(world, session, installation, planted, clock) -> None:
    placed = only(session, Order, world.ours)
    placed.quote_id = only(session, Quote, world.ours).id
    session.flush()
    clock.set(NOW + timedelta(days=367))
    forget_what_is_old(installation, session)

    assert only(session, Quote, world.ours).name == FORGOTTEN
    assert only(session, Order, world.ours).name.startswith("CANARY-A")


@pytest.mark.parametrize("closed", ["refused_at", "cancelled_at"])
def test_an_order_that_came_to_nothing_forgets_who_placed_it(
    world, session, installation, planted, clock, closed
) -> None:
    setattr(only(session, Order, world.ours), closed, NOW)
    session.flush()
    clock.set(NOW + timedelta(days=364))
    forget_what_is_old(installation, session)
    assert only(session, Order, world.ours).person_id == world.ours.learner.id

    clock.set(NOW + timedelta(days=367))
    forget_what_is_old(installation, session)
    placed = only(session, Order, world.ours)
    assert (placed.name, placed.person_id) == (FORGOTTEN, None)


def test_an_order_forgets_who_placed_it_some_months_after_its_seats(world, session, installation, planted, clock):
    placed = only(session, Order, world.ours)
    placed.licence_id = world.ours.licence.id
    session.flush()
    clock.set(NOW + timedelta(days=335 + 730 - 2))
    forget_what_is_old(installation, session)
    assert only(session, Order, world.ours).name != FORGOTTEN

    clock.set(NOW + timedelta(days=335 + 732))
    forget_what_is_old(installation, session)
    assert only(session, Order, world.ours).name == FORGOTTEN


def test_whoever_has_an_order_is_still_somebody(world, session, installation, planted, clock) -> None:
    """Their other traces may go; while an order names them, the account stays."""
    orders = select(Order.person_id)
    assert session.scalar(select(Person.id).where(Person.id.in_(orders), Person.id == world.ours.learner.id))
    clock.set(NOW + timedelta(days=364 * 4))
    only(session, Order, world.ours).licence_id = None
    session.flush()
    forget_what_is_old(installation, session)
    assert session.get(Person, world.ours.learner.id) is not None


def test_what_stripe_sent_is_kept_word_for_word_for_ninety_days(world, session, installation, clock) -> None:
    session.add(
        StripeEvent(
            id="evt_1",
            kind="x",
            livemode=False,
            payload="{}",
            created_at=NOW,
            received_at=NOW,
            outcome="handled",
        )
    )
    session.flush()
    for days, payload in ((89, "{}"), (91, "")):
        clock.set(NOW + timedelta(days=days))
        forget_what_is_old(installation, session)
        assert session.scalars(select(StripeEvent.payload)).one() == payload


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_municipality_that_leaves_takes_its_people_out_of_the_sales(world, session, planted, is_shared) -> None:
    side = world.ours
    session.add_all(
        [
            BuyerRules(municipality_id=side.municipality.id, reference_format="9999"),
            TrustedDomain(
                course_house_id=side.house.id,
                municipality_id=side.municipality.id,
                domain="favrskov.example",
                confirmed_at=NOW,
            ),
        ]
    )
    session.flush()
    sales.let_go(session, course_house_id=side.house.id, municipality_id=side.municipality.id, is_shared=is_shared)

    assert only(session, Order, side).name == FORGOTTEN
    assert only(session, Quote, side) is None
    assert only(session, CampaignApplication, side) is None
    assert session.query(TrustedDomain).count() == 0
    assert session.query(BuyerRules).count() == int(is_shared)
    assert only(session, Quote, world.theirs)
