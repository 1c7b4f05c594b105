"""Which VAT a sale carries: dated data, never code."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from elearn.billing.models import Seller, VatRule
from elearn.billing.pricing import FULL, Vat, VatCategory

FILE = Path(__file__).parent / "data" / "vat.yaml"
NOT_REGISTERED = Vat(VatCategory.OUTSIDE, 0, "The seller is not registered for VAT")


@dataclass(frozen=True)
class Domestic:
    """What a seller charges at home from a day on."""

    country: str
    valid_from: date
    vat: Vat


def vat_for(session: Session, *, seller: Seller, course_id: int, buyer_country: str, on: date) -> Vat | None:
    """Return the VAT of a sale made on a day; None when nobody has signed off what it is.

    The house's own rule for the course goes before its rule for all courses, and that before the country's.
    """
    rule = session.scalar(
        select(VatRule)
        .where(VatRule.course_house_id == seller.course_house_id, VatRule.buyer_country == buyer_country)
        .where(or_(VatRule.course_id.is_(None), VatRule.course_id == course_id), VatRule.valid_from <= on)
        .order_by(VatRule.course_id.is_(None), VatRule.valid_from.desc(), VatRule.id.desc())
        .limit(1)
    )
    if rule is not None:
        return rule.vat
    if buyer_country != seller.country:
        return None
    if not seller.is_vat_registered:
        return NOT_REGISTERED
    known = [each for each in domestic() if each.country == buyer_country and each.valid_from <= on]
    return max(known, key=lambda each: each.valid_from).vat if known else None


@cache
def domestic() -> tuple[Domestic, ...]:
    """Return the file's rates."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Domestic(row["country"], row["valid_from"], Vat(VatCategory(row["category"]), row["rate"] * FULL // 100))
        for row in rows
    )
