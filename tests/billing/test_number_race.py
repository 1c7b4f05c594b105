"""Invoice numbers have no gaps, whoever issues at once and whatever is undone in the middle."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from elearn.accounts.models import Person
from elearn.accounts.services import confirm_address
from elearn.billing import numbering
from elearn.billing.einvoice import rules
from elearn.billing.models import Invoice, InvoiceKind, Order, Seller
from elearn.billing.services.invoices import issue_invoice
from elearn.billing.services.orders import order_more_seats, order_of_form
from elearn.core.installation import Installation
from elearn.core.scope import HouseScope, MunicipalityScope
from elearn.licensing.models import Licence
from tests.billing import issuers
from tests.billing.issuers import Errand
from tests.billing.shop import details, open_shop, order
from tests.conftest import TestClock
from tests.licensing.helpers import own_installation, own_world

pytestmark = pytest.mark.race

FIRST = 1001
ISSUERS = 8


@pytest.fixture
def installation(own_database, settings, clock: TestClock) -> Installation:
    return own_installation(settings, own_database)


def errand(installation: Installation, folder: Path, orders: int, changes: float) -> Errand:
    """Have orders placed that wait for their invoices."""
    made = own_world(installation, folder).ours
    with installation.database.transaction() as session:
        parts = ("house", "owner", "municipality", "course", "buyer")
        side = replace(
            made, **{name: session.get_one(type(getattr(made, name)), getattr(made, name).id) for name in parts}
        )
        open_shop(session, side)
        confirm_address(session, side.buyer.addresses[0])
        ids = [order(session, installation.tokens, side, seats=ISSUERS).id for _number in range(orders)]
        url = installation.database.engine.url.render_as_string(hide_password=False)
        return Errand(str(folder), url, side.house.id, side.owner.id, ids, 0, changes)


def assert_no_gaps(installation: Installation, wanted: Errand, credits_of_each: int) -> int:
    with installation.database.reader() as session:
        issued = session.execute(select(Invoice.serial, Invoice.number, Invoice.kind).order_by(Invoice.serial)).all()
        following = session.scalars(select(Seller.next_serial)).one()
    serials = [row.serial for row in issued]
    assert serials == list(range(FIRST, FIRST + len(issued)))
    assert following == FIRST + len(issued)
    assert [row.number for row in issued] == [f"K-{serial}" for serial in serials]
    kinds = [row.kind for row in issued]
    assert kinds.count(InvoiceKind.INVOICE) == len(wanted.order_ids)
    assert kinds.count(InvoiceKind.CREDIT_NOTE) == credits_of_each * len(wanted.order_ids)
    return len(issued)


def all_at_once(installation: Installation, wanted: Errand) -> int:
    errands = [replace(wanted, seed=seed) for seed in range(ISSUERS)]
    with ThreadPoolExecutor(ISSUERS) as threads:
        return sum(threads.map(lambda each: issuers.run(installation, each), errands))


@pytest.fixture
def _judged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are not what races: they would take most of the time."""
    monkeypatch.setattr(rules, "judge", lambda _xml: rules.Verdict("none", [], []))


@pytest.mark.usefixtures("_judged_at_once")
def test_numbers_follow_each_other_though_many_issue_and_change_their_minds(installation, tmp_path: Path) -> None:
    wanted = errand(installation, tmp_path, orders=4, changes=0.4)
    undone = all_at_once(installation, wanted)
    assert undone > 0
    assert_no_gaps(installation, wanted, credits_of_each=ISSUERS)


@pytest.mark.usefixtures("_judged_at_once")
def test_a_number_taken_in_a_transaction_of_its_own_leaves_gaps(installation, tmp_path: Path, monkeypatch) -> None:
    wanted = errand(installation, tmp_path, orders=2, changes=0.4)
    serials = iter(range(FIRST, 10_000))

    def take(session, *, house_id: int) -> tuple[int, str]:
        serial = next(serials)
        session.execute(update(Seller).values(next_serial=serial + 1))
        return serial, numbering.written("K-", serial)

    monkeypatch.setattr(numbering, "take", take)
    issuers.run(installation, wanted)
    with pytest.raises(AssertionError):
        assert_no_gaps(installation, wanted, credits_of_each=1)


@pytest.mark.usefixtures("_judged_at_once")
def test_ordering_more_seats_and_crediting_some_at_once_do_not_wait_for_each_other(
    installation, tmp_path: Path
) -> None:
    wanted = errand(installation, tmp_path, orders=1, changes=0)
    with installation.database.transaction() as session:
        placed = session.get_one(Order, wanted.order_ids[0])
        buyer_id, municipality_id, licence_id = placed.person_id, placed.municipality_id, placed.licence_id
        issue_invoice(session, scope=HouseScope(wanted.house_id, wanted.owner_id), order_id=placed.id, by_id=None)
    with ThreadPoolExecutor(1) as thread, installation.database.transaction() as session:
        order_of_form(session, wanted.house_id, "form")
        crediting = thread.submit(issuers.run, installation, wanted)
        wait([crediting], timeout=1)
        more = order_more_seats(
            session,
            scope=MunicipalityScope(municipality_id, buyer_id),
            licence=session.get_one(Licence, licence_id),
            seats=2,
            details=details(),
            form_key="form",
            person=session.get_one(Person, buyer_id),
        )
        assert more.seats_given_at is not None
        session.commit()
        assert crediting.result(timeout=30) == 0


@pytest.mark.soak
def test_eight_processes_leave_no_gap(installation, tmp_path: Path) -> None:
    wanted = errand(installation, tmp_path, orders=30, changes=0.3)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.billing.issuers", replace(wanted, seed=seed).told()],
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(ISSUERS)
    ]
    undone = 0
    for process in processes:
        told, _nothing = process.communicate()
        assert process.returncode == 0
        undone += int(told)
    issued = assert_no_gaps(installation, wanted, credits_of_each=ISSUERS)
    sys.stdout.write(f"{issued} numbers without a gap, {undone} undone in the middle\n")
