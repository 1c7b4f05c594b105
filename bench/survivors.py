"""Mutants that may survive `bench/mutation.py`: each changed line, by module, and why nobody can see the change."""

NOT_READ = "what is left out of an error's account is not read, only cheaper not to make"
ONLY_LOCKED = "it names the licence to be locked, and SQLite locks none; the seat is looked up again, within the scope"
FOR_LOGS = "no page shows the message"
SYNCHRONISES_AS_LITTLE = "SQLAlchemy synchronises as little for None as for False"
FIRST_ROW_ALONE = "the first row alone is read"
SAME_CODEC = "Python takes a codec's name in any case"

ACCEPTED: dict[str, dict[str, str]] = {
    "elearn/learning/ranges.py": {
        "return ((1 << (after - first)) - 1) << first if after >= first else 0": (
            "between a second and itself lies nothing either way: (1 << 0) - 1 is 0"
        ),
        "gap = (bits | -bits).bit_length() - 1": "x | -x is minus the lowest bit of x, and as long as that bit",
        "run = (~bits | (bits + 1)).bit_length() - 1": "~x is -(x + 1), so it is minus the same bit, and as long",
        "run = (~bits & (bits + 2)).bit_length() - 1": "bits is odd here: 2 adds to 1 but a bit that ~bits masks",
        "if count < 0:": "a count of 0 keeps nothing of the next stretch and ends at the one after",
    },
    "elearn/learning/progress_rows.py": {
        "return max(1, until_ms - begun_ms) * FASTEST_SPEED // 1000 + SLACK_S": "a millisecond holds no whole second",
    },
    "elearn/learning/progress.py": {
        "return [(first, after) for first, after in self.missing if after < reached]": (
            "no stretch that lacks ends where the seconds seen end: the second before that was seen"
        ),
    },
    "elearn/learning/reports.py": {
        "first = error.errors(include_context=False, include_input=False)[0]": NOT_READ,
        "first = error.errors(include_url=False, include_input=False)[0]": NOT_READ,
        "first = error.errors(include_url=False, include_context=False, )[0]": NOT_READ,
        "first = error.errors(include_url=True, include_context=False, include_input=False)[0]": NOT_READ,
        "first = error.errors(include_url=False, include_context=True, include_input=False)[0]": NOT_READ,
        "first = error.errors(include_url=False, include_context=False, include_input=True)[0]": NOT_READ,
    },
    "elearn/licensing/services/seats.py": {
        ".join(Seat, None)": "SQLAlchemy joins by the one foreign key",
        ".join(Seat, )": "SQLAlchemy joins by the one foreign key",
        "licence_id = session.scalar(select(Seat.licence_id).where(Seat.licence.has(within(scope))))": ONLY_LOCKED,
        "licence_id = session.scalar(select(Seat.licence_id).where(Seat.id == seat_id, ))": ONLY_LOCKED,
        (
            "licence_id = session.scalar(select(Seat.licence_id).where(Seat.id != seat_id, "
            "Seat.licence.has(within(scope))))"
        ): ONLY_LOCKED,
        "licence_id = session.scalar(select(Seat.licence_id).where(Seat.id == seat_id, Seat.licence.has(None)))": (
            ONLY_LOCKED
        ),
        (
            "seat_rows.lock_licence(session, None)  # of two that take the last allowed one back, the second sees it"
        ): ONLY_LOCKED,
        "raise NotFound(None)": FOR_LOGS,
        'raise NotFound("XXno such seatXX")': FOR_LOGS,
        'raise NotFound("NO SUCH SEAT")': FOR_LOGS,
        (
            "for event in session.scalars(select(SeatEvent).where(SeatEvent.seat_id.in_(events)).order_by(None)):"
        ): "SQLite reads rows in the order of their ids anyway",
    },
    "elearn/licensing/join_codes.py": {
        "return code if len(code) == LENGTH and set(code) < set(ALPHABET) else None": (
            "ten letters are never all nineteen of the alphabet"
        ),
        'return domain.encode("IDNA").decode("ascii").lower()': SAME_CODEC,
        'return domain.encode("idna").decode("ASCII").lower()': SAME_CODEC,
    },
    "elearn/licensing/lists/plan.py": {
        (
            'name = next((department_key(entry["department"]) for entry in entries if entry["n"] == number), None)'
        ): "no name is no name, written '' or None",
        (
            'name = next((department_key(entry["department"]) for entry in entries if entry["n"] == number), "XXXX")'
        ): "no department's key is in upper case",
    },
    "elearn/billing/numbering.py": {".execution_options(synchronize_session=None)": SYNCHRONISES_AS_LITTLE},
    "elearn/billing/code_uses.py": {
        ".execution_options(synchronize_session=None)": SYNCHRONISES_AS_LITTLE,
        "return session.scalar(held.limit(None)) is not None": FIRST_ROW_ALONE,
        "return session.scalar(held.limit(2)) is not None": FIRST_ROW_ALONE,
    },
    "elearn/billing/vat.py": {".limit(None)": FIRST_ROW_ALONE, ".limit(2)": FIRST_ROW_ALONE},
}
