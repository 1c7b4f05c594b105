"""What a list would do, row by row, and what correcting a row changes."""

from typing import Any

import pytest

from elearn.accounts import addresses
from elearn.licensing.lists.people import Entry
from elearn.licensing.lists.plan import (
    LONGEST_NAME,
    Fate,
    Fault,
    Known,
    PlannedRow,
    Problem,
    correct,
    department_key,
    is_grouped,
    plan,
    take_new_department,
)
from elearn.licensing.lists.words import Field
from elearn.organisations.models import Role

KNOWN = Known({"ppr": 1, "tandplejen": 2}, {"seated@work.dk"})


def entry(n: int = 2, **changed: Any) -> Entry:
    texts = {"email": f"p{n}@work.dk", "name": "Bo Ærø", "department": "", "sector": "", "role": "", "language": ""}
    return {"n": n, "wrong": {}} | texts | changed


def planned(**changed: Any) -> PlannedRow:
    (row,) = plan([entry(**changed)], KNOWN).rows
    return row


def problem(**changed: Any) -> Problem | None:
    """The only problem of a row, or None."""
    row = planned(**changed)
    assert len(row.problems) <= 1
    assert row.fate is (Fate.WRONG if row.problems else Fate.INVITED)
    return row.problems[0] if row.problems else None


def test_a_row_says_who_is_invited_and_to_what() -> None:
    row = planned(n=7, department="PPR", sector="Skole", role="Leder", language="Nynorsk")

    assert row == PlannedRow(
        number=7,
        email="p7@work.dk",
        name="Bo Ærø",
        fate=Fate.INVITED,
        department_id=1,
        new_department="",
        department="PPR",
        sector="school",
        role=Role.LEADER,
        language="nn",
    )


def test_a_row_that_says_nothing_more_is_a_learners() -> None:
    row = planned()

    assert (row.department_id, row.new_department, row.department) == (None, "", "")
    assert (row.sector, row.role, row.language) == (None, Role.LEARNER, None)


def test_a_plan_lists_the_rows_of_a_fate_in_order() -> None:
    entries = [entry(2), entry(3, name=""), entry(4, email="Seated@work.dk"), entry(5), entry(6, skip=True)]

    found = plan(entries, KNOWN)

    numbers = {fate: [row.number for row in found.of(fate)] for fate in Fate}
    assert numbers == {Fate.INVITED: [2, 5], Fate.WRONG: [3], Fate.SEATED: [4], Fate.SKIPPED: [6]}


def test_a_skipped_row_has_no_problems_and_takes_no_address() -> None:
    skipped, other = plan([entry(2, name="", skip=True), entry(3, email="p2@work.dk")], KNOWN).rows

    assert (skipped.fate, skipped.problems, other.fate) == (Fate.SKIPPED, [], Fate.INVITED)


def test_the_second_row_of_an_address_names_the_first() -> None:
    first, other, second = plan([entry(2), entry(3), entry(4, email=" P2@WORK.dk")], KNOWN).rows

    assert [first.fate, other.fate, second.fate] == [Fate.INVITED, Fate.INVITED, Fate.WRONG]
    assert second.problems == [Problem(Field.EMAIL, Fault.DUPLICATE, " P2@WORK.dk", 2)]


def test_whoever_has_a_seat_and_stands_twice_is_wrong_the_second_time() -> None:
    entries = [entry(n, email="seated@work.dk", name="") for n in (2, 3)]

    first, second = plan(entries, KNOWN).rows

    assert (first.fate, first.problems) == (Fate.SEATED, [])
    assert second.problems == [
        Problem(Field.EMAIL, Fault.DUPLICATE, "seated@work.dk", 2),
        Problem(Field.NAME, Fault.MISSING, ""),
    ]


@pytest.mark.parametrize(
    ("email", "fault"),
    [
        ("", Fault.MISSING),
        ("a" * addresses.MAX_LENGTH, Fault.NO_AT),
        ("a" * (addresses.MAX_LENGTH + 1), Fault.TOO_LONG),
        ("work.dk", Fault.NO_AT),
        ("bÃ¸@work.dk", Fault.GARBLED),
        ("b\ufffd@work.dk", Fault.GARBLED),
        ("bo@work", Fault.NOT_AN_ADDRESS),
    ],
)
def test_an_address_that_is_none_says_why(email: str, fault: Fault) -> None:
    assert problem(email=email) == Problem(Field.EMAIL, fault, email)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", Fault.MISSING),
        ("x" * (LONGEST_NAME + 1), Fault.TOO_LONG),
        ("BjÃ¸rn", Fault.GARBLED),
        ("bo@work.dk", Fault.NOT_A_NAME),
        ("12", Fault.NOT_A_NAME),
    ],
)
def test_a_name_that_is_none_says_why(name: str, fault: Fault) -> None:
    assert problem(name=name) == Problem(Field.NAME, fault, name)


@pytest.mark.parametrize(
    ("written", "sector"),
    [
        ("Daginstitution", "daycare"),
        ("Barnehagar", "daycare"),
        ("Folkeskoler", "school"),
        ("Lærarar", "school"),
        ("Barneverntjenesten", "child_protection"),
        ("barneverntenesta", "child_protection"),
        ("PP-tenesta", "ppr"),
        ("Helsesjukepleiarar", "health_visitor"),
        ("Børn og Unge", None),  # schools and daycare belong to it: the buyer says which
        ("Ungdomsskole", None),  # a school in Norway, none in Denmark
    ],
)
def test_a_sector_is_known_as_both_countries_write_it_and_asked_where_they_differ(
    written: str, sector: str | None
) -> None:
    row = planned(sector=written)

    assert row.sector == sector
    assert row.fate is (Fate.INVITED if sector else Fate.WRONG)


@pytest.mark.parametrize("name", ["x" * LONGEST_NAME, "Ø", "Bo 2"])
def test_a_name_needs_a_letter_and_no_more_than_120(name: str) -> None:
    assert problem(name=name) is None


@pytest.mark.parametrize("field", [Field.EMAIL, Field.NAME, Field.DEPARTMENT, Field.SECTOR, Field.ROLE, Field.LANGUAGE])
@pytest.mark.parametrize("fault", [Fault.FORMULA, Fault.MERGED])
def test_what_only_the_cell_could_tell_is_told(field: Field, fault: Fault) -> None:
    text = "PPR" if field is Field.DEPARTMENT else "x"

    assert problem(**{field: text, "wrong": {field: fault}}) == Problem(field, fault, text)


@pytest.mark.parametrize("field", [Field.DEPARTMENT, Field.SECTOR, Field.ROLE, Field.LANGUAGE])
def test_a_word_that_is_not_understood_is_named(field: Field) -> None:
    assert problem(**{field: "Rumfart"}) == Problem(field, Fault.UNKNOWN, "Rumfart")


@pytest.mark.parametrize("name", ["PPR", " ppr", "Ppr ", "\uff30\uff30\uff32"])
def test_a_department_is_known_however_it_is_spelled(name: str) -> None:
    assert planned(department=name).department_id == 1
    assert department_key(name) == "ppr"


def test_a_new_department_is_added_as_it_is_written() -> None:
    row = planned(department="Rumfart", adds=True)

    assert (row.fate, row.department_id, row.new_department) == (Fate.INVITED, None, "Rumfart")


@pytest.mark.parametrize(
    ("length", "expected"),
    [(LONGEST_NAME, None), (LONGEST_NAME + 1, Problem(Field.DEPARTMENT, Fault.TOO_LONG, "x" * 121))],
)
def test_a_new_department_has_a_name_of_at_most_120_letters(length: int, expected: Problem | None) -> None:
    assert problem(department="x" * length, adds=True) == expected


def test_a_department_that_exists_is_not_measured() -> None:
    known = Known({"x" * 121: 1}, set())

    assert plan([entry(department="x" * 121, adds=True)], known).rows[0].problems == []


def test_a_leader_needs_a_department() -> None:
    assert problem(role="Leder") == Problem(Field.DEPARTMENT, Fault.NEEDS_DEPARTMENT, "")
    assert problem(role="Leder", department="PPR") is None
    assert problem(role="Leder", wrong={Field.DEPARTMENT: Fault.FORMULA}) == Problem(
        Field.DEPARTMENT, Fault.FORMULA, ""
    )
    assert problem(role="Indkøber") is None


def test_correcting_a_row_mends_that_field_of_that_row() -> None:
    before = [entry(2, name="=A2", wrong={"name": "formula", "role": "merged"}), entry(3, name="=A2")]

    assert correct(before, 2, Field.NAME, "  Bo   Berg ") == [
        entry(2, name="Bo Berg", wrong={"role": "merged"}, adds=False),
        entry(3, name="=A2"),
    ]
    assert before[0]["name"] == "=A2"


def test_correcting_a_row_that_is_not_there_changes_nothing() -> None:
    before = [entry(2), entry(3)]

    assert correct(before, 9, Field.NAME, "Bo") == before


@pytest.mark.parametrize("field", [Field.DEPARTMENT, Field.SECTOR, Field.ROLE, Field.LANGUAGE])
def test_a_word_is_corrected_wherever_it_is_written_the_same(field: Field) -> None:
    rows = [entry(2, **{field: "Rumfart"}), entry(3, **{field: "RUMFART"}), entry(4, **{field: "Tandpleje"})]

    assert [row[field] for row in correct(rows, 2, field, "PPR")] == ["PPR", "PPR", "Tandpleje"]


def test_an_empty_word_is_corrected_in_its_own_row_only() -> None:
    rows = [entry(2), entry(3)]

    assert [row["sector"] for row in correct(rows, 3, Field.SECTOR, "Skole")] == ["", "Skole"]


def test_what_a_cell_got_wrong_is_corrected_in_its_own_row_only() -> None:
    rows = [entry(n, sector="#N/A", wrong={"sector": "error"}) for n in (2, 3)]

    assert [row["sector"] for row in correct(rows, 2, Field.SECTOR, "Skole")] == ["Skole", "#N/A"]


def test_a_department_to_be_added_stays_so_until_it_is_corrected() -> None:
    rows = [entry(2, department="Rumfart", adds=True)]

    assert correct(rows, 2, Field.NAME, "Ole")[0]["adds"] is True
    assert correct(rows, 2, Field.DEPARTMENT, "PPR")[0]["adds"] is False


def test_a_new_department_is_taken_wherever_it_is_named() -> None:
    rows = [entry(2, department="Rumfart"), entry(3, department=" rumfart"), entry(4, department="Havfart"), entry(5)]

    assert [row.get("adds", False) for row in take_new_department(rows, 2)] == [True, True, False, False]
    assert "adds" not in rows[0]


@pytest.mark.parametrize("number", [5, 9])
def test_no_department_is_taken_from_a_row_that_names_none(number: int) -> None:
    rows = [entry(2, department="Rumfart"), entry(5)]

    assert take_new_department(rows, number) == rows


def test_only_words_that_are_not_understood_are_corrected_together() -> None:
    assert is_grouped(Problem(Field.SECTOR, Fault.UNKNOWN, "Rumfart"))
    assert not is_grouped(Problem(Field.SECTOR, Fault.FORMULA, "=A2"))
    assert not is_grouped(Problem(Field.NAME, Fault.UNKNOWN, "Bo"))
