"""What people press, ready to be pressed: the same presses are tried under every fault (docs/faults.md)."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from elearn.app import Elearn
from elearn.billing.models import Order
from elearn.core import clock
from elearn.core.db import Base
from elearn.core.installation import Installation
from elearn.feedback.models import FeedbackReceipt, SpooledResponse
from elearn.jobs.models import Job
from elearn.learning import certificates
from elearn.learning.models import Certificate, Completion, VideoProgress
from elearn.licensing.models import SeatList
from elearn.mail.models import Letter
from tests.billing.shop import open_shop
from tests.client import PageClient
from tests.faults.senders import claims_of, report
from tests.feedback.forms import ask, form_file
from tests.world import World

ORDER = {"seats": "10", "months": "12", "municipality": "Horsens Kommune"}
WHO = {
    "name": "Bo",
    "email": "bo@horsens.example",
    "pay_by": "invoice",
    "gln": "5790001330552",
    "buyer_reference": "BO",
}
LIST = b"Mail;Name\nbo@listed.example;Bo\neva@listed.example;Eva\n"
ANSWERS = {"q.notice": "4", "q.more": "A good day"}


@dataclass
class Press:
    """A press, and the tables in which it leaves rows."""

    press: Callable[[], TestResponse]
    writes: tuple[type[Base], ...]


@dataclass
class House:
    """An installation with people who are about to press."""

    app: Elearn
    world: World
    presses: dict[str, Press] = field(default_factory=dict)

    @property
    def installation(self) -> Installation:
        found: Installation = self.app.extensions["elearn"]
        return found

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        with self.installation.database.reader() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }


def about_to_press(house: House, session: Session) -> None:
    """Bring everybody to the page with the button, in a house that sells and asks for feedback."""
    side = house.world.ours
    open_shop(session, side)
    form, _round = ask(session, side.course, form_file("after", moment="on-request"))
    completion = Completion(
        person_id=side.learner.id,
        course_id=side.course.id,
        course_version_id=side.outline(session).version_id,
        completed_at=clock.now(),
    )
    session.add(completion)
    session.flush()
    certificates.issue(session, completion)
    seat = side.seat(session)
    video_id = side.outline(session).modules[0].lessons[0].film("da").video_id
    session.commit()

    client = house.app.test_client
    learner, buyer = client().signed_in_as(side.learner), client().signed_in_as(side.buyer)
    visitor: PageClient = client()
    order = _reviewed(visitor, f"/courses/{side.course.slug}/order")
    for each in (learner, buyer):
        each.csrf_token()
    claims = claims_of(house.installation.tokens, side.learner.id, seat.id, video_id)
    licence = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}"
    house.presses = {
        "progress": Press(partial(learner.post, "/learn/lessons/1/watched", json=report(claims, 0)), (VideoProgress,)),
        "order": Press(partial(visitor.post, f"/courses/{side.course.slug}/order", data=order), (Order, Letter)),
        "list": Press(lambda: buyer.press(f"{licence}/list", **_list()), (SeatList,)),
        "answers": Press(partial(learner.press, f"/feedback/{form.id}", **ANSWERS), (SpooledResponse, FeedbackReceipt)),
        "name": Press(partial(learner.press, "/learn/my-data/name", name="Mette Ny"), (Certificate,)),
        "sign-in": Press(partial(client().press, "/sign-in", email="buyer@ours.example"), (Job,)),
    }


def _list() -> dict[str, object]:
    return {"file": (io.BytesIO(LIST), "staff.csv"), "language": "da", "holds_until": "2027-01-04"}


def _reviewed(visitor: PageClient, address: str) -> dict[str, str]:
    """Fill the order form in, read the review, and return what its button sends."""
    asked = "&".join(f"{name}={value}" for name, value in ORDER.items())
    form = _fields(visitor.get(f"{address}?{asked}")) | WHO
    review = visitor.post(address, data=form | {"step": "review"})
    assert review.status_code == 200, review.text
    return _fields(review) | {"step": "place"}


def _fields(answer: TestResponse) -> dict[str, str]:
    form = BeautifulSoup(answer.text, "html.parser").main.find("form", method="post")
    found = {}
    for each in form.find_all(["input", "select", "textarea"]):
        if not each.get("name") or each.get("type") in ("checkbox", "radio", "submit"):
            continue
        if each.name == "select":
            found[each["name"]] = (each.find("option", selected=True) or each.find("option"))["value"]
        else:
            found[each["name"]] = each.get("value", "") if each.name == "input" else each.text
    return found
