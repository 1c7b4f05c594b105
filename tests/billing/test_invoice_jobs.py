"""Invoices made, sent on and reminded of in the background."""

import base64
import email
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import pytest
from sqlalchemy import select

from elearn.accounts.services import confirm_address
from elearn.billing import jobs, words
from elearn.billing.einvoice import delivery as deliveries
from elearn.billing.emails import e_invoice
from elearn.billing.errors import SellerIncomplete
from elearn.billing.models import (
    Delivery,
    Invoice,
    InvoiceDelivery,
    InvoiceReminder,
    Order,
    PaymentKind,
    Seller,
)
from elearn.billing.services.invoice_jobs import note_problem
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.payments import note_payment
from elearn.billing.services.reminders import remind_overdue
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.tokens import Tokens
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.jobs.schedule import run_periodic
from elearn.mail.models import Letter
from elearn.organisations.models import CourseHouse
from tests.billing.shop import open_shop, order
from tests.receiver import Receiver, receiving


@pytest.fixture
def shop(world, session):
    open_shop(session, world.ours, invoices_at_once=True)
    confirm_address(session, world.ours.buyer.addresses[0])
    return world.ours


@pytest.fixture
def seller(session, shop) -> Seller:
    return session.get_one(Seller, shop.house.id)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def run(session, installation):
    """Runs what is due; the test's session then sees what became of it."""

    def run() -> None:
        session.commit()
        run_due(installation)
        session.expire_all()

    return run


def letters(session, kind):
    return session.scalars(select(Letter).where(Letter.kind == f"billing/{kind}").order_by(Letter.id)).all()


def invoices(session):
    return session.scalars(select(Invoice).order_by(Invoice.serial)).all()


def test_an_accepted_order_is_invoiced_by_itself_where_the_seller_wants_it(shop, session, tokens, run) -> None:
    placed = order(session, tokens, shop)
    assert placed.invoice_wanted
    run()
    assert [invoice.order_id for invoice in invoices(session)] == [placed.id]
    assert not placed.invoice_wanted


def test_a_lost_job_is_picked_up_within_the_hour(shop, session, tokens, installation, run) -> None:
    placed = order(session, tokens, shop)
    session.query(Job).delete()
    session.commit()
    run_periodic(installation)
    run()
    assert [invoice.order_id for invoice in invoices(session)] == [placed.id]


def test_the_owner_is_told_once_why_an_invoice_could_not_be_made(shop, session, tokens, installation, run, clock):
    placed = order(session, tokens, shop, gln="5798000000012")
    run()
    assert invoices(session) == []
    assert placed.invoice_problem.startswith("PEPPOL-COMMON-R040: GLN must have a valid format")
    (letter,) = letters(session, "invoice_problem")
    assert letter.recipient == shop.owner.address
    assert letter.context["lines"] == words.invoice_problem(placed.invoice_problem)

    clock.advance(days=1)
    run_periodic(installation)
    run()
    assert len(letters(session, "invoice_problem")) == 1, "the same cause is told once"

    placed.gln = "5798000000018"
    clock.advance(days=1)
    run_periodic(installation)
    run()
    (invoice,) = invoices(session)
    assert (invoice.number, placed.invoice_problem, placed.invoice_wanted) == ("K-1001", "", False)


def test_a_house_that_is_no_seller_any_more_is_told_what_is_missing(shop, session, tokens, run) -> None:
    placed = order(session, tokens, shop)
    session.delete(session.get(Seller, shop.house.id))
    run()
    (letter,) = letters(session, "invoice_problem")
    assert placed.invoice_problem == words.SELLER_INCOMPLETE
    assert letter.context["lines"] == ["The course house has not filled in what its invoices must say."]


def test_an_order_cancelled_meanwhile_gets_no_invoice(shop, session, tokens, installation, run) -> None:
    placed = order(session, tokens, shop)
    placed.cancelled_at = product_clock.now()
    run()
    assert (invoices(session), placed.invoice_wanted) == ([], False)


def test_a_problem_that_is_over_meanwhile_is_told_nobody(shop, session, tokens) -> None:
    invoiced, closed = order(session, tokens, shop), order(session, tokens, shop)
    issue_invoice(session, scope=shop.house_scope, order_id=invoiced.id, by_id=shop.owner.id)
    cancel_order(session, scope=shop.house_scope, order_id=closed.id, reason="Their wish", by_id=shop.owner.id)
    for placed in (invoiced, closed):
        note_problem(session, order_id=placed.id, refused=SellerIncomplete())
        assert placed.invoice_problem == ""
    assert letters(session, "invoice_problem") == []


class TestSendingOn:
    """By folder, letter and webhook."""

    def send(self, session, seller, tokens, shop, run, how: Delivery, target: str) -> InvoiceDelivery:
        seller.delivery, seller.delivery_target, seller.serial_prefix = how, target, "K/26-"
        order(session, tokens, shop)
        run()
        run()
        return session.scalars(select(InvoiceDelivery)).one()

    def test_into_a_folder(self, session, seller, tokens, shop, run, installation) -> None:
        sent = self.send(session, seller, tokens, shop, run, Delivery.FOLDER, "out")
        assert sent.delivered_at is not None
        folder = installation.settings.data / "e-invoices" / "ours" / "out"
        assert sorted(path.name for path in folder.iterdir()) == ["K-26-1001.pdf", "K-26-1001.xml"]
        (invoice,) = invoices(session)
        assert (folder / "K-26-1001.xml").read_text() == invoice.xml
        assert (folder / "K-26-1001.pdf").read_bytes().startswith(b"%PDF")

    def test_by_letter_with_both_files(self, session, seller, tokens, shop, run, installation) -> None:
        sent = self.send(session, seller, tokens, shop, run, Delivery.EMAIL, "books@house.example")
        assert sent.delivered_at is not None
        (file,) = installation.settings.mail_folder.glob("*-invoice-*.eml")
        letter = email.message_from_bytes(file.read_bytes(), policy=default)
        assert letter["To"] == "books@house.example"
        assert letter["Message-ID"] == f"<invoice-delivery-{sent.id}@localhost>"
        xml, pdf = letter.iter_attachments()
        assert (xml.get_filename(), pdf.get_filename()) == ("K-26-1001.xml", "K-26-1001.pdf")
        assert xml.get_content().decode() == invoices(session)[0].xml
        assert "K/26-1001" in letter.get_body(("plain",)).get_content()

    def test_the_letters_file_is_forgotten_as_letters_are(
        self, session, seller, tokens, shop, run, installation, clock
    ) -> None:
        self.send(session, seller, tokens, shop, run, Delivery.EMAIL, "books@house.example")
        for days, left in ((29, 1), (2, 0)):
            clock.advance(days=days)
            jobs.forget_sent_invoices(installation, session)
            assert len(list(installation.settings.mail_folder.glob("*-invoice-*.eml"))) == left

    def test_to_a_webhook_signed(self, session, seller, tokens, shop, run, installation, receiver, monkeypatch) -> None:
        monkeypatch.setattr(installation, "settings", replace(installation.settings, demo=True))
        sent = self.send(session, seller, tokens, shop, run, Delivery.WEBHOOK, receiver.url)
        assert sent.delivered_at is not None
        ((_path, headers, body),) = receiver.got
        secret = deliveries.webhook_secret(installation.tokens, shop.house.id)
        assert headers["webhook-signature"] == deliveries.signature(
            secret, headers["webhook-id"], headers["webhook-timestamp"], body
        )
        told = json.loads(body)
        assert (told["type"], told["data"]["total_minor"]) == ("invoice.issued", 2_998_750)
        assert told["data"]["xml"] == invoices(session)[0].xml
        assert base64.b64decode(told["data"]["pdf_base64"]).startswith(b"%PDF")

    def test_while_keys_change_each_signs(
        self, session, seller, tokens, shop, run, installation, receiver, monkeypatch
    ) -> None:
        monkeypatch.setattr(installation, "settings", replace(installation.settings, demo=True))
        before = deliveries.webhook_secret(installation.tokens, shop.house.id)
        changed = Tokens("the key of this year, long enough", [installation.settings.secret_key])
        monkeypatch.setattr(installation, "tokens", changed)
        self.send(session, seller, tokens, shop, run, Delivery.WEBHOOK, receiver.url)
        ((_path, headers, body),) = receiver.got
        today = deliveries.webhook_secret(changed, shop.house.id)
        assert today != before
        assert headers["webhook-signature"].split() == [
            deliveries.signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
            for secret in (today, before)
        ]

    def test_a_signature_is_the_standards_own(self) -> None:
        # The example of the Standard Webhooks specification.
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        body = b'{"test": 2432232314}'
        signed = deliveries.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_what_was_not_taken_is_noted_and_tried_again(
        self, session, seller, tokens, shop, run, installation, receiver, monkeypatch, clock
    ) -> None:
        monkeypatch.setattr(installation, "settings", replace(installation.settings, demo=True))
        receiver.answer = 503
        sent = self.send(session, seller, tokens, shop, run, Delivery.WEBHOOK, receiver.url)
        assert (sent.delivered_at, sent.problem) == (None, "answered 503")

        receiver.answer = 200
        clock.advance(minutes=5)
        run()
        assert (sent.delivered_at is not None, sent.problem) == (True, "")
        clock.advance(days=1)
        jobs.deliver(installation, delivery_id=sent.id)
        assert len(receiver.got) == 2, "what was delivered is not delivered again"
        assert receiver.got[0][1]["webhook-id"] == receiver.got[1][1]["webhook-id"]

    def test_an_address_inside_is_never_posted_to(self, session, seller, tokens, shop, run, receiver, clock) -> None:
        inside = receiver.url.replace("http:", "https:")
        sent = self.send(session, seller, tokens, shop, run, Delivery.WEBHOOK, inside)
        assert "private network" in sent.problem
        clock.advance(days=1)
        run()
        assert receiver.got == []
        (letter,) = letters(session, "invoice_not_sent")
        assert (letter.recipient, letter.context["problem"]) == (shop.owner.address, sent.problem)


@pytest.fixture
def overdue(shop, session, tokens, clock):
    """An invoice of 23 November, due on 23 December, that nobody has paid."""
    shop_seller = session.get_one(Seller, shop.house.id)
    shop_seller.invoices_at_once = False
    placed = order(session, tokens, shop)
    return issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=None)


def stages(session):
    return list(session.scalars(select(InvoiceReminder.stage).order_by(InvoiceReminder.stage)))


def test_a_buyer_is_reminded_seven_and_twenty_one_days_late(overdue, session, clock) -> None:
    reminded = {}
    for days in range(1, 90):
        clock.advance(days=1)
        if remind_overdue(session):
            reminded[days] = stages(session)
    assert reminded == {37: [1], 51: [1, 2]}
    first, last = letters(session, "invoice_overdue")
    assert (first.recipient, first.context["left"]) == (overdue.order.email, "29,987.50 DKK")
    assert (first.context["is_last"], last.context["is_last"]) == (False, True)
    session.flush()
    noted = select(AuditEvent).where(AuditEvent.kind == "billing.invoice.reminded").order_by(AuditEvent.id)
    events = session.scalars(noted).all()
    assert [event.data["stage"] for event in events] == [1, 2]


def test_two_reminders_never_follow_at_once(overdue, session, clock) -> None:
    clock.advance(days=80)
    assert (remind_overdue(session), remind_overdue(session)) == (1, 0)
    clock.advance(days=7)
    assert (remind_overdue(session), remind_overdue(session)) == (1, 0)


def pay(session, shop, placed, amount, kind=PaymentKind.TRANSFER):
    note_payment(
        session,
        scope=shop.house_scope,
        order_id=placed.id,
        kind=kind,
        amount_minor=amount,
        paid_on=product_clock.today("DK"),
        reference=f"paid-{amount}",
        by_id=None,
    )


def test_who_has_paid_or_was_credited_is_left_alone(overdue, session, shop, clock) -> None:
    clock.advance(days=40)
    pay(session, shop, overdue.order, overdue.total_minor - 1)
    credit_invoice(
        session,
        scope=shop.house_scope,
        order_id=overdue.order_id,
        seats=1,
        reason="",
        form_key="c",
        by_id=shop.owner.id,
    )
    assert remind_overdue(session) == 0


def test_who_paid_and_got_money_back_is_not_reminded(overdue, session, shop, clock) -> None:
    clock.advance(days=40)
    pay(session, shop, overdue.order, overdue.total_minor)
    pay(session, shop, overdue.order, -overdue.total_minor, PaymentKind.REPAID)
    assert remind_overdue(session) == 0


def test_part_of_the_money_still_leaves_a_reminder_of_the_rest(overdue, session, shop, clock) -> None:
    clock.advance(days=40)
    pay(session, shop, overdue.order, 1_000_000)
    assert remind_overdue(session) == 1
    assert letters(session, "invoice_overdue")[0].context["left"] == "19,987.50 DKK"


def test_a_day_late_is_a_day_of_the_course_houses_country(overdue, session, clock) -> None:
    clock.set(clock.time.replace(hour=22, minute=59) + timedelta(days=36))  # 23.59 in Copenhagen
    assert remind_overdue(session) == 0
    clock.advance(minutes=1)
    assert remind_overdue(session) == 1


def test_orders_that_nobody_confirmed_are_forgotten(shop, session, tokens, installation, clock) -> None:
    order_id = order(session, tokens, shop, municipality=shop.municipality, email="who@favrskov.example").id
    clock.advance(days=15)
    session.commit()
    run_periodic(installation)
    session.expire_all()
    assert session.get(Order, order_id) is None


def test_the_letter_with_an_e_invoice_speaks_the_house_countrys_language(overdue, session) -> None:
    assert e_invoice(overdue, to="a@b.example", asked_at=product_clock.now()).language == "da"
    session.get_one(CourseHouse, overdue.course_house_id).country = "NO"
    assert e_invoice(overdue, to="a@b.example", asked_at=product_clock.now()).language == "nb"
