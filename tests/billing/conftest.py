"""Whatever e-invoice a test of billing makes is judged more strictly than the product does."""

from functools import cache
from importlib.resources import files

import pytest
from lxml import etree

from elearn.billing.einvoice import rules

official_judge = rules.judge


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
