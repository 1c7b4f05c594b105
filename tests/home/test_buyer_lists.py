"""The buyer's pages of lists: handing in, looking, correcting, confirming; what is refused says row and cure."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.installation import Installation
from elearn.home.people_lists.pages import MOST_BYTES
from elearn.jobs.queue import run_due
from elearn.licensing.models import Seat
from elearn.mail.models import Letter
from tests.client import PageClient
from tests.licensing.lists.workbooks import workbook
from tests.world import World

MESSY = (
    "Mail;Navn;Enhed;Fagområde;Stilling\n"
    "bo@listed.dk;Bo;;Skole;lærer\n"
    "mette.listed.dk;Mette;;;\n"
    "ole@listed.dk;=A2;;;\n"
    "rikke@listed.dk;Rikke;Nowhere;;\n"
)


@dataclass
class Desk:
    """A buyer at the browser."""

    client: PageClient
    session: Session
    installation: Installation
    base: str
    licence_id: int

    def hand_in(self, content: bytes | str, name: str = "staff.csv", **fields: str) -> str:
        """Upload a file and have it read; returns the list's address."""
        raw = content.encode() if isinstance(content, str) else content
        answer = self.client.press(
            f"{self.base}/licences/{self.licence_id}/list",
            file=(io.BytesIO(raw), name),
            **({"language": "da", "holds_until": "2027-01-04"} | fields),
        )
        assert answer.status_code == 303, answer.text
        self.work()
        return answer.headers["Location"].removeprefix("http://localhost")

    def work(self) -> None:
        self.session.commit()
        while run_due(self.installation):
            pass
        self.session.expire_all()

    def changed(self) -> tuple[int, int, int]:
        people = self.session.scalar(select(func.count()).select_from(Person)) or 0
        held = self.session.scalar(select(func.count()).select_from(Seat).where(Seat.person_id.is_not(None))) or 0
        return people, held, self.session.scalar(select(func.count()).select_from(Letter)) or 0


@pytest.fixture
def desk(browser: Callable[[], PageClient], session: Session, installation: Installation, world: World) -> Desk:
    side = world.ours
    client = browser().signed_in_as(side.buyer)
    return Desk(client, session, installation, f"/municipalities/{side.municipality.id}", side.licence.id)


def figures(page: BeautifulSoup) -> list[str]:
    return [figure.text for figure in page.select(".figs b")]


def test_the_page_says_how_far_it_is_until_the_list_is_read(desk: Desk) -> None:
    answer = desk.client.press(
        f"{desk.base}/licences/{desk.licence_id}/list", rows="a@listed.dk", language="da", holds_until="2027-01-04"
    )
    page = desk.client.page(answer.headers["Location"].removeprefix("http://localhost"))
    assert page.select_one("progress")
    assert page.find("a", string="See how far it is")


def test_the_preview_says_row_by_row_what_will_happen(desk: Desk) -> None:
    before = desk.changed()
    page = desk.client.page(desk.hand_in(MESSY))
    assert figures(page) == ["1", "0", "3", "2"]
    assert "The address has no @. Write the whole address." in page.text
    assert "The name is a formula. Write it as text." in page.text
    assert "The department “Nowhere” does not exist." in page.text
    assert "Not read: “Stilling”." in page.text
    assert len(page.select(".seats .n")) == 1
    assert page.find("button", string="Invite 1 person")
    assert desk.changed() == before


def test_of_two_lists_with_the_same_people_the_second_is_done_with_nobody(desk: Desk) -> None:
    before, paths = desk.changed(), [desk.hand_in("Mail\nbo@listed.dk\nmette@listed.dk\n") for _buyer in range(2)]
    for path in paths:
        desk.client.press(path, do="invite")
    desk.work()

    first, second = [desk.client.page(path) for path in paths]
    assert "2 people are invited" in first.text
    assert "0 people are invited" in second.text
    assert "There is nobody left to invite on this list." in second.text
    assert desk.changed() == tuple(number + 2 for number in before)


def test_corrections_are_looked_at_once_more_before_anybody_is_invited(desk: Desk) -> None:
    path, before = desk.hand_in(MESSY), desk.changed()
    fields = {"fix-3-email": "mette@listed.dk", "fix-4-name": "Ole", "fix-5-department": "none"}
    desk.client.press(path, do="invite", **fields)
    page = desk.client.page(path)
    assert "Your corrections are saved. Look once more, then invite." in page.text
    assert "There are not enough seats" in page.text
    assert figures(page) == ["4", "0", "0", "0"]
    assert desk.changed() == before
    desk.client.press(path, do="invite")
    assert "1 seat is missing: 4 people are new, and 3 seats are free." in desk.client.page(path).text
    assert desk.changed() == before


def test_skipping_the_rest_and_inviting(desk: Desk) -> None:
    path = desk.hand_in(MESSY)
    desk.client.press(path, do="skip")
    page = desk.client.page(path)
    assert "Rows 3, 4, 5 are skipped." in page.text
    people, held, letters = desk.changed()
    assert desk.client.press(path, do="invite").status_code == 303
    assert "The invitations are being written" in desk.client.page(path).text
    desk.work()
    assert "1 person is invited" in desk.client.page(path).text
    assert desk.changed() == (people + 1, held + 1, letters + 1)
    again = desk.client.page(desk.hand_in("Mail\nbo@listed.dk"))
    assert "Everybody on the list has a seat already. There is nothing to do." in again.text
    assert again.find("button", value="invite") is None


def test_the_buyer_says_which_column_is_what_and_the_preview_is_made_anew(desk: Desk) -> None:
    path = desk.hand_in("Kaldenavn;Mail;Arbejde\nBo;bo@home.dk;bo@listed.dk\n")
    page = desk.client.page(path)
    labels = [label.text for label in page.select("details form label")]
    assert labels == ["“Kaldenavn” such as Bo", "“Mail” such as bo@home.dk", "“Arbejde” such as bo@listed.dk"]
    assert page.select_one("#column-1 option[selected]")["value"] == "email"

    desk.client.press(path, do="columns", **{"column-0": "name", "column-1": "email", "column-2": "email"})
    assert "Two columns were said to be the same." in desk.client.page(path).text
    desk.client.press(path, do="columns", **{"column-0": "name"})
    assert "Say which column holds the email addresses." in desk.client.page(path).text
    desk.client.press(path, do="columns", **{"column-0": "name", "column-2": "email", "column-x": "role"})
    desk.work()

    page = desk.client.page(path)
    assert "bo@listed.dk" in page.select_one("#new").text
    assert "Not read: “Mail”." in page.text
    assert page.select_one("#column-2 option[selected]")["value"] == "email"


def too_many() -> bytes:
    return workbook([["Mail", "Navn"], *([f"p{n}@listed.dk", "Bo"] for n in range(10_001))])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Paste the rows, or choose a file."),
        (b" \n", "The list is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old format (.xls)"),
        (b"PK\x03\x04nothing", "The file is damaged"),
        (too_many, "It goes on at row 10002"),
        ("Mail;Navn\nb@listed.dk;BjÃ¸rn\n", "Letters of the name were broken"),
        (workbook([["Mail", "Navn"], ["b@listed.dk", "=A1"]]), "The name is a formula. Write it as text."),
        ("Mail;Navn\nb@listed.dk;Bo\nB@listed.dk;Bo\n", "The address stands in row 2 too."),
        (workbook([["Mail", "Navn"], ["b@listed.dk", "A"], ["c@listed.dk", None]], ["B2:B3"]), "merged with others"),
        ("Mail;Navn\nb@listed.dk;12-03-1985\n", "The name is a date. Write the name."),
    ],
)  # fmt: skip
def test_a_bad_list_says_what_to_do_and_changes_nothing(
    desk: Desk, content: bytes | str | Callable[[], bytes], said: str
) -> None:
    content = content() if callable(content) else content
    before = desk.changed()
    if content == b"":
        answer = desk.client.press(
            f"{desk.base}/licences/{desk.licence_id}/list", language="da", holds_until="2027-01-04"
        )
        assert said in answer.text
    else:
        assert said in desk.client.page(desk.hand_in(content, "list.xlsx")).text
    assert desk.changed() == before


def test_a_file_that_is_too_large_gets_a_page_that_says_so(desk: Desk) -> None:
    path = f"{desk.base}/licences/{desk.licence_id}/list"
    answer = desk.client.post(path, data=b"a" * (MOST_BYTES + 1), content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert "A list may be at most 5 MB" in answer.text


def test_a_pasted_list_of_two_megabytes_is_taken_and_elsewhere_it_is_not(desk: Desk) -> None:
    rows = "\n".join(f"a-quite-long-address-{n:06}@a-quite-long-workplace.dk;{'Bo' * 30}" for n in range(15_000))
    form = {"rows": rows, "language": "da", "holds_until": "2027-01-04"}
    assert desk.client.press(f"{desk.base}/licences/{desk.licence_id}/list", **form).status_code == 303
    assert desk.client.post("/sign-in", data=form).status_code == 413


def test_the_files_name_is_shown_and_nothing_else(desk: Desk) -> None:
    page = desk.client.page(desk.hand_in(MESSY, "../../etc/<b>staff</b>.csv"))
    assert "../../etc/<b>staff</b>.csv" in page.text


def test_pasted_rows_keep_their_first_blank_column(desk: Desk) -> None:
    answer = desk.client.press(
        f"{desk.base}/licences/{desk.licence_id}/list",
        rows="\tMail\tNavn\n1\tbo@listed.dk\tBo\n",
        language="da",
        holds_until="2027-01-04",
    )
    desk.work()
    assert "Bo" in desk.client.page(answer.headers["Location"].removeprefix("http://localhost")).select_one("#new").text


def test_a_day_beyond_the_licence_is_refused(desk: Desk) -> None:
    answer = desk.client.press(
        f"{desk.base}/licences/{desk.licence_id}/list", rows="a@listed.dk", language="da", holds_until="2037-01-04"
    )
    assert answer.status_code == 422
    assert "Choose a day from 23 November 2026" in answer.text
