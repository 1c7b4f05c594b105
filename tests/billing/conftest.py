"""A house that sells, and a judge of e-invoices that is stricter than the product's."""

from functools import cache
from importlib.resources import files

import pytest
from lxml import etree
from sqlalchemy.orm import Session

from elearn.accounts.services import confirm_address
from elearn.billing.einvoice import rules
from tests.billing.shop import open_shop
from tests.world import Side, World

official_judge = rules.judge


@pytest.fixture
def shop(world: World, session: Session) -> Side:
    """Our side of the world, whose house sells and whose buyer's address is confirmed."""
    open_shop(session, world.ours)
    confirm_address(session, world.ours.buyer.addresses[0])
    return world.ours


@pytest.fixture(autouse=True)
def _stricter_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """No warning but the listed ones, and valid under UBL's schema, which the rules take for granted."""
    monkeypatch.setattr(rules, "judge", judge_strictly)


def judge_strictly(xml: str) -> rules.Verdict:
    root = etree.fromstring(xml.encode())
    _schema(etree.QName(root).localname).assertValid(root)
    verdict = official_judge(xml)
    assert {warning.partition(":")[0] for warning in verdict.warnings} <= rules.TOLERATED.keys(), verdict.warnings
    return verdict


@cache
def _schema(name: str) -> etree.XMLSchema:
    folder = files("peppol") / "schema" / "maindoc"
    return etree.XMLSchema(etree.parse(str(folder / f"UBL-{name}-2.1.xsd")))
