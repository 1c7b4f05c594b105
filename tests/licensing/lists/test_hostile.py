"""Files that nobody should open: each is refused, soon, and within bounded memory."""

import random
import resource
import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from elearn.licensing.lists.cells import Unreadable, UnreadableList
from elearn.licensing.lists.people import people_in
from elearn.licensing.lists.plan import Known, plan
from elearn.licensing.lists.reading import read
from tests.licensing.lists.workbooks import CONTENT_TYPES, RELATIONS, SHEET, cell, raw_workbook, workbook

GOOD = b'<row r="1">' + cell("A1", "Mail") + cell("B1", "Navn") + b"</row>"
PERSON = b'<row r="2">' + cell("A2", "bo@work.dk") + cell("B2", "Bo") + b"</row>"
ENTITIES = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(12))


def refusal(content: bytes) -> Unreadable | None:
    """Why a list is refused; None when it is read."""
    try:
        plan(people_in(read(content)).entries, Known({}, set()))
    except UnreadableList as refused:
        return refused.what
    return None


def stored_as(method: int) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(raw_workbook(GOOD + PERSON))) as source, zipfile.ZipFile(written, "w", method) as made:
        for name in source.namelist():
            made.writestr(name, source.read(name))
    return written.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    return raw_workbook(GOOD + PERSON, **{name: content})


def under_another_name(sheet: bytes) -> bytes:
    """A workbook whose sheet lies in a part that is not called .xml, as the workbook itself says."""
    relations = RELATIONS % (b"worksheet", b"worksheets/sheet1.jpg")
    types = CONTENT_TYPES.replace(b"sheet1.xml", b"sheet1.jpg")
    named = {"[Content_Types].xml": types, "xl__worksheets__sheet1.jpg": sheet, "xl__worksheets__sheet1.xml": b"<x/>"}
    return raw_workbook(b"", **named, **{"xl___rels__workbook.xml.rels": relations})


BAD: dict[str, tuple[bytes | Callable[[], bytes], Unreadable]] = {  # what is big is made when it is tried
    "empty": (b"", Unreadable.EMPTY),
    "blanks": (b" \r\n\t\r\n", Unreadable.EMPTY),
    "only headings": (b"Navn;Mail\n", Unreadable.EMPTY),
    "no addresses": (b"Navn;Afdeling\nBo;PPR\n", Unreadable.NO_ADDRESSES),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), Unreadable.OLD_EXCEL),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(400) + "EncryptedPackage".encode("utf-16-le"),
        Unreadable.LOCKED,
    ),
    "PDF": (b"%PDF-1.7 x@y.dk", Unreadable.NOT_A_LIST),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), Unreadable.NOT_A_LIST),
    "control characters": (b"Mail;Navn\nbo@work.dk;B\x07\x00o\n", Unreadable.NOT_A_LIST),
    "web page": (b"<html><table><tr><td>bo@work.dk</td></tr></table>", Unreadable.WEB_PAGE),
    "open quote": (b'Mail;Navn\n"bo@work.dk;Bo\n' + b"a@b.dk;A\n" * 50, Unreadable.OPEN_QUOTE),
    "no ZIP": (b"PK\x03\x04 no, not really", Unreadable.BROKEN),
    "another ZIP": (with_part("mimetype", b"application/vnd.oasis.opendocument"), Unreadable.OPEN_DOCUMENT),
    "LZMA": (stored_as(zipfile.ZIP_LZMA), Unreadable.TOO_MUCH),
    "zip bomb": (lambda: with_part("xl__worksheets__sheet2.xml", b" " * 80_000_000), Unreadable.TOO_MUCH),
    "zip bomb in what it says of itself": (
        lambda: with_part("docProps__core.xml", b" " * 80_000_000),
        Unreadable.TOO_MUCH,
    ),
    "zip bomb of a theme": (lambda: with_part("xl__theme__theme1.xml", b" " * 80_000_000), Unreadable.TOO_MUCH),
    "bomb of tags": (lambda: raw_workbook(GOOD + b"<row/>" * 2_100_000), Unreadable.TOO_MUCH),
    "bomb of tags under another name": (
        lambda: under_another_name(SHEET % (GOOD + b"<row/>" * 2_100_000, b"")),
        Unreadable.TOO_MUCH,
    ),
    "entities under another name": (
        under_another_name(b"<!DOCTYPE x [" + ENTITIES + b"]>" + (SHEET % (GOOD + PERSON, b"")).split(b"?>")[1]),
        Unreadable.HOSTILE,
    ),
    "UTF-16 under another name": (
        under_another_name("<!DOCTYPE x><x/>".encode("utf-16-le")),
        Unreadable.HOSTILE,
    ),
    "bomb of styles": (lambda: with_part("xl__styles.xml", b"<a/>" * 200_000), Unreadable.TOO_MUCH),
    "many parts": (lambda: raw_workbook(GOOD, **{f"p{n}": b"" for n in range(2_100)}), Unreadable.TOO_MUCH),
    "entities": (
        with_part("xl__worksheets__sheet1.xml", b"<!DOCTYPE x [" + ENTITIES + b"]><x>&a11;</x>"),
        Unreadable.HOSTILE,
    ),
    "outside entity": (
        with_part("xl__sharedStrings.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        Unreadable.HOSTILE,
    ),
    "XML in UTF-16": (
        with_part("xl__workbook.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")),
        Unreadable.HOSTILE,
    ),
    "no XML": (with_part("xl__workbook.xml", b"hello"), Unreadable.BROKEN),
    "cut XML": (with_part("xl__worksheets__sheet1.xml", (SHEET % (GOOD + PERSON, b""))[:-40]), Unreadable.BROKEN),
    "row of words": (raw_workbook(GOOD + b'<row r="x"><c r="A2"><v>1</v></c></row>'), Unreadable.BROKEN),
    "no such string": (raw_workbook(GOOD + b'<row r="2"><c r="A2" t="s"><v>99</v></c></row>'), Unreadable.BROKEN),
    "nothing inside": (raw_workbook(b""), Unreadable.EMPTY),
}  # fmt: skip


ONE_LINE = {
    "letters": b"Mail;Navn\na@b.dk;" + b"x" * 4_000_000,
    "letters and an address": b"x" * 2_000_000 + b";a@b.dk\n",
    "ats": b"Mail\n<" + b"a@" * 2_000_000 + b"\n",
    "blanks behind an address": b"Bo <a@b.dk>" + b" " * 2_000_000 + b"x\n",
    "brackets": b"Mail\n" + b"<" * 2_000_000 + b"a@b.dk" + b">" * 2_000_000,
    "points": b"Mail\na@" + b"b." * 2_000_000 + b"dk\n",
}


@pytest.mark.parametrize("name", ONE_LINE)
def test_a_line_without_end_is_read_or_refused_soon(name: str) -> None:
    began = time.monotonic()
    refusal(ONE_LINE[name])
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_for_what_it_is(name: str) -> None:
    made, expected = BAD[name]
    content = made() if callable(made) else made
    began = time.monotonic()
    assert refusal(content) == expected
    assert time.monotonic() - began < 10


def test_a_picture_in_a_workbook_does_no_harm() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100) + b"<!DOCTYPE" + bytes(100)

    assert refusal(with_part("xl__media__image1.png", picture)) is None
    assert refusal(under_another_name(SHEET % (GOOD + PERSON, b""))) is None


def test_a_row_at_the_end_of_the_world_costs_nothing() -> None:
    far = b'<row r="1048576">' + cell("XFD1048576", "x@far.dk") + b"</row>"
    began = time.monotonic()
    assert (
        refusal(raw_workbook(GOOD + PERSON + far, b'<mergeCells><mergeCell ref="A3:XFD1048576"/></mergeCells>')) is None
    )
    assert time.monotonic() - began < 5


def test_a_size_that_the_file_only_claims_is_not_believed() -> None:
    claimed = (SHEET % (GOOD + PERSON, b"")).replace(b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')
    found = people_in(read(raw_workbook(b"", **{"xl__worksheets__sheet1.xml": claimed})))
    assert [entry["name"] for entry in found.entries] == ["Bo"]


@pytest.mark.parametrize("source", ["workbook", "csv"])
def test_hundreds_of_damaged_files_are_read_or_refused(source: str) -> None:
    rows = [["Mail", "Navn", "Afdeling"], *([f"p{n}@work.dk", f"Bo {n}", "PPR"] for n in range(20))]
    good = workbook(rows) if source == "workbook" else "\n".join(";".join(row) for row in rows).encode()
    chance = random.Random(20261125)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    outcomes = set()
    for _ in range(200):
        content = bytearray(good)
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[place] = chance.randrange(256)
                case 1:
                    del content[place : place + chance.randint(1, 200)]
                case 2:
                    content[place:place] = chance.randbytes(chance.randint(1, 40))
                case 3:
                    content[place:place] = content[: chance.randint(1, 200)]
        outcomes.add(refusal(bytes(content)))
    assert len(outcomes) > 1
    assert time.monotonic() - began < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_hundreds_of_workbooks_with_damaged_insides_are_read_or_refused() -> None:
    sheet = SHEET % (GOOD + PERSON * 5, b'<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>')
    chance = random.Random(3)
    for _ in range(200):
        content = bytearray(sheet)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 5)] = chance.choice(
                [
                    b"<",
                    b">",
                    b'"',
                    b"r=",
                    b"9" * 30,
                    b"&#0;",
                    b"&amp;",
                    b"-1",
                    b't="s"',
                    b"A",
                    b"<f>1</f>",
                    b"\xff",
                    b"<c/>",
                ]
            )
        refusal(raw_workbook(b"", **{"xl__worksheets__sheet1.xml": bytes(content)}))
