"""A list of staff as it comes from real life, with most of what goes wrong in one."""

from datetime import datetime
from pathlib import Path

from tests.licensing.lists.workbooks import workbook

STAFF = [
    ["Personaleliste – Børn og Familie, november 2026"],
    ["Spørgsmål om listen:", "hr@strandby.example"],
    [],
    ["Nr.", "Afd.", "Efternavn", "E-mail ", "Fornavn", "Fagområde", "Rolle"],
    [1, "dagtilbud nord", "Ærø-Østergård", "aase@strandby.example ", "Åse ", "Dagtilbud", None],
    [2, "Dagtilbud Nord", "Bro", "\u00a0Bodil@strandby.example\u00a0", "Bodil\u00a0Grå", "Dagtilbud", "Leder"],
    [3, None, "Strand", "mette.strandby.example", "Mette", "PPR", None],
    [4, None, "Berg", "ole@strandby.example", '=PROPER("OLE")', None, None],
    [5, "Sundhedspl. Øst", "Dam", "signe@strandby.example", "Signe", "Sundhedspleje", None],
    [6, "PPR", None, "maj@strandby.example", datetime(2026, 5, 7), "PPR", None],  # noqa: DTZ001 - as Excel has it
    [7, None, "Lund", "jens@strandby.example", "Jens", "PPR", None],
    [8, None, "Ærø-Østergård", "AASE@strandby.example", "Åse", None, None],
]
MERGED = ["A1:G1", "B10:B11"]
FAULTS = [
    "The address has no @. Write the whole address.",
    "The name is a formula. Write it as text.",
    "The department “Sundhedspl. Øst” does not exist.",
    "The name is a date. Write the name.",
    "The cell is merged with others. Choose what goes for this row.",
    "The address stands in row 5 too. Correct it, or skip this row.",
]
"""What the preview says of rows 7 to 12."""
DEPARTMENTS = ["Dagtilbud Nord", "PPR", "Sundhedsplejen"]


def staff_file(folder: Path) -> Path:
    """Write the list as Excel does."""
    made = folder / "personale-november.xlsx"
    made.write_bytes(workbook(STAFF, merged=MERGED))
    return made
