"""Orders: who may place them, what they use up, and the seats that follow."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from elearn.accounts.errors import NotAnAddress
from elearn.billing import errors
from elearn.billing.models import BuyerRules, OrderState, PayBy, PaymentKind, Price, TrustedDomain
from elearn.billing.services.invoices import issue_invoice
from elearn.billing.services.order_answers import (
    accept_order,
    cancel_order,
    close_forgotten_orders,
)
from elearn.billing.services.order_seats import after_months
from elearn.billing.services.orders import confirm_order, order_more_seats, place_order
from elearn.billing.services.payments import note_payment
from elearn.billing.services.pricing_orders import Asked, price_more_seats
from elearn.billing.services.quotes import make_quote
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.licensing.models import Licence, Seat
from elearn.licensing.seat_lists import counts_of
from elearn.licensing.services import add_seats
from elearn.licensing.services.licences import MOST_SEATS
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from elearn.organisations.models import Membership, Role
from tests.billing.shop import CODE, add_campaign, details, municipality, order
from tests.world import latest_token


def kinds(session):
    session.flush()
    return [event.kind for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


def test_a_buyers_order_is_taken_at_once_and_its_seats_are_there(shop, session, tokens) -> None:
    placed = order(session, tokens, shop, seats=100)

    assert placed.state is OrderState.READY
    assert (placed.net_minor, placed.vat_minor, placed.total_minor) == (23_990_000, 5_997_500, 29_987_500)
    licence = placed.licence
    assert (licence.size, licence.starts_on, licence.ends_on) == (100, date(2026, 11, 23), date(2027, 11, 22))
    assert kinds(session)[-5:] == [
        "billing.order.placed",
        "billing.order.confirmed",
        "billing.order.accepted",
        "licensing.licence.granted",
        "billing.order.seats_given",
    ]


def test_the_largest_order_and_its_money_fit(shop, session, tokens) -> None:
    """Above 21,474,836.47 an amount in øre needs more than 32 bits."""
    session.scalars(select(Price).where(Price.course_id == shop.course.id)).one().terms_months = [36]
    placed = order(session, tokens, shop, seats=MOST_SEATS)
    invoice = issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    paid = {"order_id": placed.id, "paid_on": date(2026, 12, 1), "reference": "t", "by_id": shop.owner.id}
    note_payment(session, scope=shop.house_scope, kind=PaymentKind.TRANSFER, amount_minor=placed.total_minor, **paid)

    assert placed.total_minor == invoice.total_minor == 3 * 10_000 * 239_900 * 125 // 100
    assert placed.paid_at is not None


def test_a_form_sent_twice_is_one_order(shop, session, tokens) -> None:
    wish = {
        "course": shop.course,
        "municipality": shop.municipality,
        "asked": Asked(10),
        "details": details(email=shop.buyer.address),
        "form_key": "the-form",
        "person": shop.buyer,
    }
    first, second = (place_order(session, tokens, **wish) for _ in range(2))

    assert first is second
    assert (
        session.query(Licence).filter(Licence.id != shop.licence.id, Licence.course_id == shop.course.id).count() == 1
    )


def test_a_strangers_press_alone_gives_no_seats(shop, session, tokens, installation) -> None:
    aarhus = municipality(session, "Aarhus")
    placed = order(session, tokens, shop, municipality=aarhus, email="Boss@Aarhus.example")
    assert (placed.state, placed.person) == (OrderState.UNCONFIRMED, None)

    confirmed = confirm_order(session, latest_token(session, installation))
    assert confirmed is placed
    assert (placed.state, placed.licence) == (OrderState.TO_CONFIRM, None)

    accept_order(session, scope=shop.house_scope, order_id=placed.id, trust_domain=True, by_id=shop.owner.id)
    assert (placed.state, placed.licence.size) == (OrderState.READY, 10)
    roles = session.scalars(select(Membership.role).where(Membership.person_id == placed.person_id)).all()
    assert roles == [Role.BUYER]

    again = order(session, tokens, shop, municipality=aarhus, email="other@aarhus.example")
    confirm_order(session, latest_token(session, installation))
    assert again.state is OrderState.READY, "its domain is trusted now"
    assert session.scalars(select(TrustedDomain.domain)).all() == ["aarhus.example"]
    assert session.scalars(select(Membership.role).where(Membership.person_id == again.person_id)).all() == [], (
        "who buys there already stays in charge"
    )


def test_a_confirming_link_is_good_for_one_order_and_fourteen_days(shop, session, tokens, installation, clock) -> None:
    placed = order(session, tokens, shop, municipality=municipality(session, "Aarhus"))
    token = latest_token(session, installation)
    clock.advance(days=15)
    with pytest.raises(errors.OrderClosed):
        confirm_order(session, token)
    with pytest.raises(NotFound):
        confirm_order(session, "guessed")
    assert close_forgotten_orders(session) == 1
    session.flush()
    assert session.get(type(placed), placed.id) is None


def test_the_duty_has_to_be_promised(shop, session, tokens) -> None:
    add_campaign(session, shop)
    with pytest.raises(errors.DutyNotAccepted):
        order(session, tokens, shop, seats=100, code=CODE, accepts_duty=False)


def test_references_are_written_as_the_municipality_asks(shop, session, tokens) -> None:
    session.add(BuyerRules(municipality_id=shop.municipality.id, reference_format="B999999", needs_order_number=False))
    session.flush()
    with pytest.raises(errors.ReferenceHasOtherFormat, match="B999999"):
        order(session, tokens, shop, buyer_reference="B12345")
    with pytest.raises(errors.ReferenceMissing):
        order(session, tokens, shop, buyer_reference="", order_number="")
    assert order(session, tokens, shop, buyer_reference="B123456").buyer_reference == "B123456"
    session.get(BuyerRules, shop.municipality.id).needs_order_number = True
    with pytest.raises(errors.ReferenceMissing):
        order(session, tokens, shop, buyer_reference="B123456")


def test_cancelling_takes_unused_seats_back_and_refuses_while_some_are_used(shop, session, tokens) -> None:
    placed = order(session, tokens, shop, seats=3)
    seat = session.scalars(select(Seat).where(Seat.licence_id == placed.licence_id)).first()
    seat.person_id, seat.claimed_at = shop.learner.id, placed.placed_at
    session.flush()
    scope = MunicipalityScope(shop.municipality.id, shop.buyer.id)
    with pytest.raises(errors.SeatsInUse) as refused:
        cancel_order(session, scope=scope, order_id=placed.id, reason="x", by_id=shop.buyer.id)
    assert refused.value.unused == 2
    seat.person_id = seat.claimed_at = None
    session.flush()

    for _press in range(2):
        cancel_order(session, scope=scope, order_id=placed.id, reason="x", by_id=shop.buyer.id)
    assert placed.state is OrderState.CANCELLED
    assert placed.licence.size == 0
    assert counts_of(session, [placed.licence_id])[placed.licence_id].free == 0
    assert kinds(session).count("billing.order.cancelled") == 1


def test_more_seats_in_mid_term_cost_the_days_left_and_join_the_licence(shop, session, tokens, clock) -> None:
    placed = order(session, tokens, shop, seats=10)
    clock.set(datetime(2027, 5, 23, 9, 0, tzinfo=UTC))
    scope = MunicipalityScope(shop.municipality.id, shop.buyer.id)
    more = order_more_seats(
        session,
        scope=scope,
        licence=placed.licence,
        seats=2,
        details=details(email=shop.buyer.address),
        form_key="more",
        person=shop.buyer,
    )

    days = (date(2027, 11, 22) - date(2027, 5, 23)).days + 1
    assert days == 184
    assert more.net_minor == 2 * round(239_900 * days / 365)
    assert more.licence_id == placed.licence_id
    assert placed.licence.size == 12


def test_the_letter_about_an_added_seat_says_from_which_day_it_is(shop, session, tokens, clock, installation) -> None:
    placed = order(session, tokens, shop, seats=10)
    clock.set(datetime(2027, 5, 23, 9, 0, tzinfo=UTC))
    more = order_more_seats(
        session,
        scope=MunicipalityScope(shop.municipality.id, shop.buyer.id),
        licence=placed.licence,
        seats=1,
        details=details(email=shop.buyer.address),
        form_key="more",
        person=shop.buyer,
    )

    letter = session.scalars(
        select(Letter).where(Letter.kind == "billing/seats_ready").order_by(Letter.id.desc())
    ).first()
    text = render(installation, letter).get_body(("plain",)).get_content()
    assert "They open on 23 May 2027 and run until 22 November 2027." in text
    assert "Favrskov Kommune: 1 seat, " in text
    assert (more.first_day, placed.first_day) == (date(2027, 5, 23), placed.licence.starts_on)


def test_no_licence_is_sold_more_seats_than_it_can_hold(shop, session, tokens) -> None:
    placed = order(session, tokens, shop, seats=10)
    with pytest.raises(errors.OnRequest):
        price_more_seats(session, licence=placed.licence, seats=9_991)
    assert price_more_seats(session, licence=placed.licence, seats=9_990).quote.lines[0].quantity == 9_990


def test_money_is_noted_when_the_licence_has_filled_up_meanwhile(shop, session, tokens) -> None:
    placed = order(session, tokens, shop, seats=10)
    more = order_more_seats(
        session,
        scope=MunicipalityScope(shop.municipality.id, shop.buyer.id),
        licence=placed.licence,
        seats=20,
        details=details(email=shop.buyer.address, pay_by=PayBy.CARD),
        form_key="more",
        person=shop.buyer,
    )
    add_seats(session, licence=placed.licence, seats=9_985, by_id=None)
    note_payment(
        session,
        scope=shop.house_scope,
        order_id=more.id,
        kind=PaymentKind.CARD,
        amount_minor=more.total_minor,
        paid_on=date(2026, 11, 23),
        reference="cs_1",
        by_id=None,
    )

    assert more.paid_at is not None
    assert (more.state, placed.licence.size) == (OrderState.TO_PAY, 9_995)


def test_a_body_that_another_house_added_is_sold_nothing(shop, session, tokens, world) -> None:
    wish = {"course": shop.course, "municipality": shop.municipality, "asked": Asked(10)}
    who = {"name": "Karin", "email": "k@favrskov.example", "language": "da"}
    told = make_quote(session, **wish, **who, form_key="q")
    shop.municipality.course_house_id = world.theirs.house.id

    with pytest.raises(errors.NotForSale):
        order(session, tokens, shop)
    with pytest.raises(errors.NotForSale):
        make_quote(session, **wish, **who, form_key="other")
    with pytest.raises(errors.NotForSale):
        place_order(session, tokens, **wish, details=details(), form_key="k", person=None, quote=told)
    shop.municipality.course_house_id = shop.house.id
    assert order(session, tokens, shop).state is OrderState.READY


def test_money_is_booked_when_the_seats_of_its_order_are_refused(shop, session, tokens, world) -> None:
    placed = order(session, tokens, shop, pay_by=PayBy.CARD)
    shop.municipality.course_house_id = world.theirs.house.id
    note_payment(
        session,
        scope=shop.house_scope,
        order_id=placed.id,
        kind=PaymentKind.CARD,
        amount_minor=placed.total_minor,
        paid_on=date(2026, 11, 23),
        reference="cs_1",
        by_id=None,
    )

    assert placed.paid_at is not None
    assert (placed.state, placed.licence) == (OrderState.TO_PAY, None)


def test_old_quotes_keep_their_price(shop, session, tokens, clock) -> None:
    wish = {
        "course": shop.course,
        "municipality": shop.municipality,
        "asked": Asked(10),
        "name": "Karin",
        "email": "k@favrskov.example",
        "language": "da",
    }
    told = make_quote(session, **wish, form_key="q")
    assert make_quote(session, **wish, form_key="q") is told
    old = session.scalars(select(Price).where(Price.course_id == shop.course.id)).one()
    session.add(
        Price(
            course_id=old.course_id,
            currency="DKK",
            seat_year_minor=300_000,
            brackets=[],
            terms_months=[12],
            valid_from=date(2026, 11, 23),
            set_at=old.set_at,
        )
    )
    session.flush()
    new = order(session, tokens, shop)
    kept = place_order(
        session,
        tokens,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(10),
        details=details(email=shop.buyer.address),
        form_key="k",
        person=shop.buyer,
        quote=told,
    )
    assert (new.net_minor, kept.net_minor) == (3_000_000, 2_399_000)

    clock.set(datetime(2027, 1, 23, 9, 0, tzinfo=UTC))
    with pytest.raises(errors.QuoteEnded):
        place_order(
            session,
            tokens,
            course=shop.course,
            municipality=shop.municipality,
            asked=Asked(10),
            details=details(email=shop.buyer.address),
            form_key="late",
            person=shop.buyer,
            quote=told,
        )


def test_a_quotes_price_buys_its_own_seats_only(shop, session, tokens) -> None:
    told = make_quote(
        session,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(10),
        name="Karin",
        email="k@favrskov.example",
        language="da",
        form_key="q",
    )
    placed = place_order(
        session,
        tokens,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(1000),
        details=details(email=shop.buyer.address),
        form_key="k",
        person=shop.buyer,
        quote=told,
    )

    assert (placed.seats, placed.licence.size, placed.net_minor) == (10, 10, 2_399_000)


@pytest.mark.parametrize("sign", ["ß", "ẞ"])
def test_a_domain_that_only_folds_to_a_trusted_one_is_another_owners(shop, session, tokens, sign) -> None:
    with pytest.raises(NotAnAddress):
        order(session, tokens, shop, municipality=municipality(session, "Assens"), email=f"bo@a{sign}ens.dk")


def test_another_house_sees_no_order(shop, session, tokens, world) -> None:
    placed = order(session, tokens, shop)
    theirs = world.theirs
    with pytest.raises(NotFound):
        accept_order(session, scope=theirs.house_scope, order_id=placed.id, trust_domain=False, by_id=theirs.owner.id)
    with pytest.raises(NotFound):
        cancel_order(
            session,
            scope=MunicipalityScope(theirs.municipality.id, theirs.buyer.id),
            order_id=placed.id,
            reason="",
            by_id=theirs.buyer.id,
        )


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 22)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_a_term_ends_the_day_before_its_own_day_or_with_a_month_that_lacks_it(
    first: date, months: int, last: date
) -> None:
    assert after_months(first, months) == last
