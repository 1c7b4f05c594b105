"""The seat tables are written in one place (docs/rules/seats.md)."""

import re
from pathlib import Path

import elearn

PACKAGE = Path(elearn.__file__).parent
WRITES = re.compile(
    r"\b(?:insert|update|delete)\(\s*(?:Seat|SeatEvent)\b|\bSeat(?:Event)?\(\s*\w+=|answered_at\s*=[^=]"
    r"|\.(?:claimed_at|first_used_at|holds_until|invited_at)\s*=[^=]"
    r"|\badd_rows\(\s*[\w.]+,\s*(?:Seat|SeatEvent)\b"
)
DOOR = {"licensing/seat_rows/filling.py", "licensing/seat_rows/holding.py", "licensing/seat_rows/noting.py"}
ALLOWED = {
    "licensing/services/invitations.py": "uses an invitation up",
    "home/demo_field.py": "makes fields of any size, fast",
    "home/demo_console.py": "makes a municipality of any size, fast",
    "home/demo_feedback.py": "makes people who answer, fast",
}


def test_nothing_else_writes_seats_their_history_or_an_answer() -> None:
    writers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if WRITES.search(path.read_text(encoding="utf-8"))
    }

    assert writers - DOOR - set(ALLOWED) == set(), "change a seat through licensing.services instead"
    assert writers >= DOOR | set(ALLOWED), "the search finds those it should, and no leave stands for nothing"
