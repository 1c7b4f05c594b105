"""Lists as people's programs write them."""

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.licensing.lists.cells import Unreadable, UnreadableList
from elearn.licensing.lists.people import Entry, people_in
from elearn.licensing.lists.plan import Fate, Fault, Known, Plan, plan
from elearn.licensing.lists.reading import read
from elearn.licensing.lists.words import Field
from elearn.organisations.models import Role
from tests.licensing.lists.workbooks import workbook

KNOWN = Known({"ppr": 1, "tandplejen": 2}, {"seated@work.dk"})
TABLE = "Fulde navn;Mail;Enhed\nBo Ærø;bo@work.dk;PPR\nÅse Østergård;aase@work.dk;Tandplejen\n"


def people(content: bytes | str) -> list[Entry]:
    return people_in(read(content.encode() if isinstance(content, str) else content)).entries


def planned(content: bytes | str) -> Plan:
    return plan(people(content), KNOWN)


def pairs(content: bytes | str) -> list[tuple[str, str]]:
    return [(entry["name"], entry["email"]) for entry in people(content)]


def faults(content: bytes | str) -> list[tuple[int, Field, Fault]]:
    return [(row.number, problem.field, problem.fault) for row in planned(content).rows for problem in row.problems]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp865"]
)
def test_every_encoding_that_excel_writes_gives_the_same_people(encoding: str) -> None:
    assert pairs(TABLE.encode(encoding)) == [("Bo Ærø", "bo@work.dk"), ("Åse Østergård", "aase@work.dk")]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_separator_and_line_end_is_understood(separator: str, line_end: str) -> None:
    text = TABLE.replace(";", separator).replace("\n", line_end)
    assert pairs(text) == [("Bo Ærø", "bo@work.dk"), ("Åse Østergård", "aase@work.dk")]


def test_excels_line_that_names_the_separator_counts_as_a_row() -> None:
    assert [entry["n"] for entry in people("sep=;\nMail;Navn\nbo@work.dk;Bo\n")] == [3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E-post\tFornavn\tEtternavn\nbo@work.no\tBo\tHaugen", [("Bo Haugen", "bo@work.no")]),
        ("Namn;E-postadresse\nBo;bo@work.no", [("Bo", "bo@work.no")]),
        ("Surname,First name,Email address\nBerg,Bo,bo@work.dk", [("Bo Berg", "bo@work.dk")]),
        ("bo@work.dk;Bo Berg\nmette@work.dk;Mette", [("Bo Berg", "bo@work.dk"), ("Mette", "mette@work.dk")]),
        (
            'Bo Berg <bo@work.dk>; "Hansen, Mette" <mette@work.dk>;',
            [("Bo Berg", "bo@work.dk"), ("Mette Hansen", "mette@work.dk")],
        ),
        ("Andersen, Bo (Favrskov) <bo@work.dk>\nole@work.dk", [("Bo Andersen", "bo@work.dk"), ("Ole", "ole@work.dk")]),
        ("bo.berg@work.dk, ole@work.dk", [("Bo Berg", "bo.berg@work.dk"), ("Ole", "ole@work.dk")]),
        ("Navn;Mail\n  Bo\u00a0 Berg ;\u00a0bo@work.dk ;\n;;\n\n", [("Bo Berg", "bo@work.dk")]),
        ("Navn;Mail\nBerg, Bo;mailto:bo@work.dk", [("Bo Berg", "bo@work.dk")]),
        ("Ask;hr@work.dk\n\nMail;Navn\nbo@work.dk;Bo", [("Bo", "bo@work.dk")]),
        ("Enhed;PPR\nAsk;hr@work.dk\nMail;Navn;Enhed\nbo@work.dk;Bo;PPR", [("Bo", "bo@work.dk")]),
        (
            "Navn;Privat mail;Mail\nBo;;bo@work.dk\nOle;x@home.dk;o@work.dk",
            [("Bo", "bo@work.dk"), ("Ole", "o@work.dk")],
        ),
    ],
)
def test_people_are_found_however_the_list_is_laid_out(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


def test_sectors_roles_and_languages_are_understood_in_our_languages() -> None:
    rows = planned(
        "Mail;Navn;Sektor;Rolle;Språk;Afdeling\na@work.dk;A;Sundhedsplejen;Leder;Nynorsk;ppr\n"
        "b@work.dk;B;PPT;;;\nc@work.dk;C;Barnevern;Indkøber;norsk;\nd@work.dk;D;Schools;medarbejder;da;\n"
    ).rows
    assert [row.sector for row in rows] == ["health_visitor", "ppr", "child_protection", "school"]
    assert [row.role for row in rows] == [Role.LEADER, Role.LEARNER, Role.BUYER, Role.LEARNER]
    assert [row.language for row in rows] == ["nn", None, "nb", "da"]
    assert [row.fate for row in rows] == [Fate.INVITED] * 4


@pytest.mark.parametrize("title", ["Koordinator", "Administrator", "Admin"])
def test_a_job_title_makes_nobody_a_buyer(title: str) -> None:
    assert faults(f"Mail;Navn;Rolle\nbo@work.dk;Bo;{title}\n") == [(2, Field.ROLE, Fault.UNKNOWN)]


def test_each_fault_names_its_row_and_field() -> None:
    assert faults(
        "Navn;Mail;Enhed;Sektor;Rolle\n"
        "Mette;mette.work.dk;;;\n"  # 2
        '=A2&" "&B2;ole@work.dk;;;\n'
        "Rikke;rikke@work.dk;Sundhedspl. Øst;;\n"
        "45231;signe@work.dk;;;\n"
        "12-03-1985;dato@work.dk;;;\n"
        ";uden@work.dk;;;\n"
        "Bo;BO@work.dk;;;\n"
        "Bo igen; bo@WORK.dk ;;;\n"  # 9
        "BjÃ¸rn;b@work.dk;;;\n"
        f"{'x' * 121};lang@work.dk;;;\n"
        "Uden mail;;;;\n"
        "Ann;ann@work;;;\n"
        "Leif;leif@work.dk;;Rumfart;Kejser\n"
        "Lea;lea@work.dk;;;Leder\n"
    ) == [
        (2, Field.EMAIL, Fault.NO_AT),
        (3, Field.NAME, Fault.FORMULA),
        (4, Field.DEPARTMENT, Fault.UNKNOWN),
        (5, Field.NAME, Fault.NUMBER),
        (6, Field.NAME, Fault.DATE),
        (7, Field.NAME, Fault.MISSING),
        (9, Field.EMAIL, Fault.DUPLICATE),
        (10, Field.NAME, Fault.GARBLED),
        (11, Field.NAME, Fault.TOO_LONG),
        (12, Field.EMAIL, Fault.MISSING),
        (13, Field.EMAIL, Fault.NOT_AN_ADDRESS),
        (14, Field.SECTOR, Fault.UNKNOWN),
        (14, Field.ROLE, Fault.UNKNOWN),
        (15, Field.DEPARTMENT, Fault.NEEDS_DEPARTMENT),
    ]


def test_whoever_has_a_seat_is_left_alone_whatever_else_the_row_says() -> None:
    assert [row.fate for row in planned("Mail;Navn\nSeated@work.dk;45231\nnew@work.dk;Ny\n").rows] == [
        Fate.SEATED,
        Fate.INVITED,
    ]


def test_a_workbook_tells_formulas_dates_numbers_and_merged_cells() -> None:
    content = workbook(
        [
            ["Personale 2026"],
            [],
            ["E-mail", "Navn", "Afdeling"],
            ["a@work.dk", "Bo", "PPR"],
            ["b@work.dk", "=A1", None],
            ["c@work.dk", datetime(2023, 11, 1, 12, 30), None],  # noqa: DTZ001 - Excel knows no zones
            ["d@work.dk", 45231, "PPR"],
            ["e@work.dk", date(2023, 11, 1), None],
        ],
        merged=["A1:C1", "C4:C6"],
    )
    assert faults(content) == [
        (5, Field.NAME, Fault.FORMULA),
        (5, Field.DEPARTMENT, Fault.MERGED),
        (6, Field.NAME, Fault.DATE),
        (6, Field.DEPARTMENT, Fault.MERGED),
        (7, Field.NAME, Fault.NUMBER),
        (8, Field.NAME, Fault.DATE),
    ]


@pytest.mark.parametrize("make", [lambda rows: workbook(rows), lambda rows: "\n".join(";".join(row) for row in rows)])
def test_ten_thousand_people_fit_and_one_more_does_not(make) -> None:
    rows = [["Mail", "Navn"], *([f"a{number}@work.dk", "Bo"] for number in range(10_001))]
    assert len(people(make(rows[:-1]))) == 10_000
    with pytest.raises(UnreadableList) as refused:
        people(make(rows))
    assert (refused.value.what, refused.value.row) == (Unreadable.TOO_MANY_ROWS, 10_002)


NAMES = st.text("abcdefghijklmnopqrstuvwxyzæøåÆØÅ -'", min_size=1, max_size=20).map(lambda name: f"A{name}z".strip())
PERSON = st.fixed_dictionaries(
    {
        "E-mail": st.integers(0, 10**6).map(lambda number: f"p{number}@work.dk"),
        "Navn": NAMES,
        "Afdeling": st.sampled_from(["PPR", "Tandplejen", "Nord", ""]),
        "Sektor": st.sampled_from(["PPR", "Skole", "", "Politi"]),
        "Tlf.": st.sampled_from(["", "12345678"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    listed=st.lists(PERSON, min_size=1, max_size=8),
    order=st.permutations(["E-mail", "Navn", "Afdeling", "Sektor", "Tlf."]),
    separator=st.sampled_from(";,\t"),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "cp1252", "utf-8"]),
    as_workbook=st.booleans(),
)
def test_any_order_of_columns_gives_the_same_people(listed, order, separator, encoding, as_workbook) -> None:
    rows = [order, *([person[heading] for heading in order] for person in listed)]
    text = "\r\n".join(separator.join(row) for row in rows)
    found = people(workbook(rows) if as_workbook else text.encode(encoding))
    assert [(e["email"], e["name"], e["department"], e["sector"]) for e in found] == [
        (p["E-mail"], " ".join(p["Navn"].split()), p["Afdeling"], p["Sektor"]) for p in listed
    ]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with suppress(UnreadableList):
        planned(content)
