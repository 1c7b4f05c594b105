"""What was sold: sums in each currency, and the books as a file."""

import csv
import io

from elearn.accounts.services import confirm_address
from tests.billing.shop import open_shop, order
from tests.client import queries
from tests.home.sales.steps import stranger_orders


def test_sales_add_up_and_the_books_are_a_file(owner, world, session, installation) -> None:
    assert "Your sales will stand here" in owner.page("/owner/sales").text
    open_shop(session, world.ours)
    placed = stranger_orders(session, installation, world.ours)
    owner.press(f"/owner/orders/{placed.id}/accept")
    owner.press(f"/owner/orders/{placed.id}/invoice")
    owner.press(f"/owner/orders/{placed.id}/credit", seats="4", reason="Left", form_key="k")

    row = owner.page("/owner/sales").find(id="by-municipality").find_next("tbody").find("tr")
    cells = [cell.text for cell in row.find_all(["th", "td"])]
    assert cells == [
        "Aarhus Kommune",
        "1",
        "6",
        "29,987.50 DKK",
        "29,987.50 DKK",
        "11,995.00 DKK",
        "0.00 DKK",
        "17,992.50 DKK",
    ]
    answer = owner.press("/owner/sales/books", first="2026-11-01", last="2026-11-30")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=books-2026-11-01-2026-11-30.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert {row[1] for row in rows[1:]} == {"K-1001", "K-1002"}
    assert owner.press("/owner/sales/books", first="2026-11-30", last="2026-11-01").status_code == 422


def test_what_another_house_sold_is_in_no_sum(owner, browser, world, session, installation) -> None:
    open_shop(session, world.theirs)
    placed = stranger_orders(session, installation, world.theirs)
    browser().signed_in_as(world.theirs.owner).press(f"/owner/orders/{placed.id}/accept")

    assert "Your sales will stand here" in owner.page("/owner/sales").text


def test_lists_take_as_many_questions_for_ten_orders_as_for_one(owner, shop, session, tokens, database) -> None:
    confirm_address(session, shop.buyer.addresses[0])
    paths = ("/owner/orders", "/owner/sales", "/owner/campaigns")
    order(session, tokens, shop)
    session.commit()
    one = [queries(database, owner, path) for path in paths]
    for _ in range(9):
        order(session, tokens, shop)
    session.commit()
    assert [queries(database, owner, path) for path in paths] == one
