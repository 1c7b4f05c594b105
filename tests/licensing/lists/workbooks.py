"""Workbooks for tests: good ones, and such as nobody should open."""

import io
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl

CONTENT_TYPES = b"""<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""
RELATIONS = b"""<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>
</Relationships>"""
WORKBOOK = b"""<?xml version="1.0"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"""
SHEET = b"""<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>%s</worksheet>"""


def workbook(rows: Iterable[Sequence[object]], merged: Sequence[str] = ()) -> bytes:
    """A workbook as Excel writes one."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def raw_workbook(sheet_rows: bytes, after: bytes = b"", **parts: bytes) -> bytes:
    """A workbook whose first sheet holds these bytes; `parts` replaces parts by name, '__' standing for '/'."""
    made = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS % (b"officeDocument", b"xl/workbook.xml"),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS % (b"worksheet", b"worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": SHEET % (sheet_rows, after),
    }
    made |= {name.replace("__", "/"): content for name, content in parts.items()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return written.getvalue()


def cell(reference: str, text: str) -> bytes:
    """A cell with its text inside."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()
