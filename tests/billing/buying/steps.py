"""What a visitor does to buy: wish, read the review, press."""

from datetime import UTC, date, datetime

from bs4 import BeautifulSoup
from sqlalchemy import func, select

from elearn.billing.models import Order, Price, VatRule
from tests.billing.shop import CODE
from tests.client import PageClient, check_page

OFFER = ("59,975.00", "14,993.75", "74,968.75")
COURSE = "/courses/hard-talks"
WISH = {"seats": "100", "months": "12", "code": CODE, "municipality": "Horsens Kommune"}
WHO = {
    "name": "Bo Berg",
    "email": "bo@horsens.example",
    "pay_by": "invoice",
    "gln": "5790001330552",
    "buyer_reference": "BOBE",
    "accepts_duty": "y",
}


def query(**changed: str) -> str:
    return "&".join(f"{name}={value}" for name, value in {**WISH, **changed}.items())


def fields(page: BeautifulSoup) -> dict[str, str]:
    """Return what a page's form would send as it stands."""
    form = page.find("main").find("form", method="post")
    found = {}
    for field in form.find_all(["input", "textarea", "select"]):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            found[field["name"]] = chosen["value"]
        else:
            found[field["name"]] = field.get("value", "") if field.name == "input" else field.text
    return found


def ordered(client: PageClient, address: str = f"{COURSE}/order", *, step: str = "place", **changed: str):
    """Fill in the order form, read the review, and press; returns the last answer."""
    form = fields(client.page(f"{address}?{query()}" if "?" not in address else address)) | WHO | changed
    review = client.post(address.split("?")[0] if "quote" not in address else address, data=form | {"step": "review"})
    if review.status_code != 200 or step == "review":
        return review
    again = fields(check_page(address, review))
    return client.post(address.split("?")[0] if "quote" not in address else address, data=again | {"step": step})


def count(session, model=Order) -> int:
    return session.scalars(select(func.count()).select_from(model)).one()


def sell_in_norway(session, side) -> None:
    reason = {"category": "AE", "rate_bp": 0, "reason": "Reverse charge"}
    session.add(
        VatRule(
            course_house_id=side.house.id,
            buyer_country="NO",
            valid_from=date(2026, 1, 1),
            signed_off_at=datetime(2026, 1, 1, tzinfo=UTC),
            **reason,
        )
    )
    session.add(
        Price(
            course_id=side.course.id,
            currency="NOK",
            seat_year_minor=349_900,
            brackets=[],
            terms_months=[12],
            valid_from=date(2026, 1, 1),
            set_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
    session.commit()
