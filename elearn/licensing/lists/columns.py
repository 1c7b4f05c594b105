"""Finding out what the columns of a list mean: by their headings, else by what stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elearn.licensing.lists.cells import Cell, Kind, Row, Unreadable, UnreadableList
from elearn.licensing.lists.words import Field, commonness, field_of_heading, language_of, role_of, sector_of

ROWS_ABOVE = 15
SAMPLE = 300
MOSTLY = 0.6


@dataclass(frozen=True)
class Columns:
    """How the columns of a list were read."""

    places: dict[Field, int]
    """Which column tells what, counted from 0."""
    headings: dict[Field, str]
    """Field -> heading, '' where the column has none; in the list's order."""
    unused: list[str]
    """Headings that say nothing we read."""
    first_row: int
    """The number of the first row with a person."""

    def cell(self, row: Row, field: Field) -> Cell | None:
        """Return what a row tells of a field; None when the list has no such column."""
        place = self.places.get(field)
        if place is None:
            return None
        return row.cells[place] if place < len(row.cells) else Cell()


@dataclass(frozen=True)
class SeenColumn:
    """A column as whoever handed the list in knows it."""

    place: int
    heading: str
    sample: str
    """The first thing that stands in it."""


def seen_columns(rows: Sequence[Row], first_row: int) -> list[SeenColumn]:
    """Return the columns of a list that hold something."""
    above = [row for row in rows if row.number < first_row]
    headings = [cell.text for cell in above[-1].cells] if above else []
    people = [row for row in rows if row.number >= first_row][:SAMPLE]
    width = max([len(headings), *(len(row.cells) for row in people)])
    found = []
    for place in range(width):
        texts = (row.cells[place].text for row in people if place < len(row.cells))
        heading, sample = headings[place] if place < len(headings) else "", next(filter(None, texts), "")
        if heading or sample:
            found.append(SeenColumn(place, heading, sample))
    return found


def columns_as(rows: Sequence[Row], places: Mapping[Field, int]) -> Columns:
    """Return the columns of a list as somebody has said that they are to be read, the one of addresses among them.

    What stands above the first address is no person, whether we know the headings or not.
    """
    heading_row = _heading_row(rows)
    if heading_row is not None:
        first_row = next((row.number for row in rows if row.number > heading_row.number), heading_row.number + 1)
    else:
        email = places[Field.EMAIL]
        with_address = (row.number for row in rows[:ROWS_ABOVE] if "@" in _text(row, email))
        first_row = next(with_address, rows[0].number)
    seen = seen_columns(rows, first_row)
    headings = {column.place: column.heading for column in seen}
    in_order = sorted(places.items(), key=lambda item: item[1])
    return Columns(
        dict(places),
        {field: headings.get(place, "") for field, place in in_order},
        [column.heading for column in seen if column.heading and column.place not in places.values()],
        first_row,
    )


def columns_of(rows: Sequence[Row]) -> Columns:
    """Return how the columns of a list are to be read. Raises `UnreadableList` when none holds addresses."""
    heading_row = _heading_row(rows)
    if heading_row is None:
        return _without_headings(rows)
    headings = [cell.text for cell in heading_row.cells]
    people = [row for row in rows if row.number > heading_row.number]
    addresses = _addresses_per_column(people)
    named = [(field_of_heading(heading), place) for place, heading in enumerate(headings)]
    labelled = [place for field, place in named if field is Field.EMAIL]
    email = _email_column(labelled, addresses, headings)
    places = {field: place for field, place in _most_usual(named, headings).items() if place != email}
    places[Field.EMAIL] = email
    in_order = sorted(places.items(), key=lambda item: item[1])
    return Columns(
        places,
        {field: headings[place] if place < len(headings) else "" for field, place in in_order},
        [heading for place, heading in enumerate(headings) if heading and place not in places.values()],
        people[0].number if people else heading_row.number + 1,
    )


def _text(row: Row, place: int) -> str:
    return row.cells[place].text if place < len(row.cells) else ""


def _heading_row(rows: Sequence[Row]) -> Row | None:
    """Return the row above the first address that names most of what we read.

    An address may stand above the headings, such as whom to ask about the list. So a row further down counts too when
    it names the addresses and more than any row above does.
    """
    near = rows[:ROWS_ABOVE]
    first_address = next((place for place, row in enumerate(near) if _holds_address(row)), len(near))
    above = max(near[:first_address], key=_fields_named, default=None)
    named_above = _fields_named(above) if above else 0
    headings = [row for row in near[first_address:] if _names_addresses(row) and not _holds_address(row)]
    below = max(headings, key=_fields_named, default=None)
    if below is not None and _fields_named(below) > max(1, named_above):
        return below
    return above if named_above else None


def _holds_address(row: Row) -> bool:
    return any("@" in cell.text for cell in row.cells)


def _names_addresses(row: Row) -> bool:
    return any(field_of_heading(cell.text) is Field.EMAIL for cell in row.cells)


def _fields_named(row: Row) -> int:
    return len({field_of_heading(cell.text) for cell in row.cells} - {None})


def _most_usual(named: list[tuple[Field | None, int]], headings: list[str]) -> dict[Field, int]:
    places: dict[Field, int] = {}
    for field, place in named:
        if field is None:
            continue
        if field not in places or commonness(headings[place]) < commonness(headings[places[field]]):
            places[field] = place
    return places


def _addresses_per_column(rows: Sequence[Row]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for row in rows:
        for place, cell in enumerate(row.cells):
            if "@" in cell.text:
                counted[place] = counted.get(place, 0) + 1
    return counted


def _email_column(labelled: list[int], addresses: dict[int, int], headings: list[str]) -> int:
    filled = [place for place in labelled if addresses.get(place)]
    if filled:
        return max(filled, key=lambda place: (addresses[place], -commonness(headings[place])))
    if addresses:
        return max(addresses, key=lambda place: addresses[place])
    if labelled:
        return labelled[0]
    raise UnreadableList(Unreadable.NO_ADDRESSES)


def _without_headings(rows: Sequence[Row]) -> Columns:
    addresses = _addresses_per_column(rows)
    if not addresses:
        raise UnreadableList(Unreadable.NO_ADDRESSES)
    places = {Field.EMAIL: max(addresses, key=lambda place: addresses[place])}
    width = max(len(row.cells) for row in rows)
    sample = rows[:SAMPLE]
    for place in range(width):
        cells = [row.cells[place] for row in sample if place < len(row.cells) and row.cells[place].text]
        field = _field_by_content(cells) if place not in places.values() else None
        if field is not None and field not in places:
            places[field] = place
    return Columns(places, dict.fromkeys(sorted(places, key=lambda field: places[field]), ""), [], rows[0].number)


def _field_by_content(cells: list[Cell]) -> Field | None:
    """Return what a column without heading tells: names are what is left of text."""
    for field, known in ((Field.SECTOR, sector_of), (Field.ROLE, role_of), (Field.LANGUAGE, language_of)):
        if cells and sum(known(cell.text) is not None for cell in cells) >= MOSTLY * len(cells):
            return field
    words = [cell for cell in cells if cell.kind is Kind.TEXT and not any(letter.isdigit() for letter in cell.text)]
    return Field.NAME if cells and len(words) >= MOSTLY * len(cells) else None
