"""When buyers and course houses are warned about a licence, and learners about their seat: pure rules."""

DAYS = (7, 30, 60)
"""How many days before the end, the most urgent first."""
SEAT_DAYS = (7, 30)
"""How many days before a seat's own last day its holder is told, the most urgent first."""
SHARES = (100, 90, 75)
"""How many per cent of the seats are in use, the most urgent first."""


def days_stage(days_left: int, stages: tuple[int, ...] = DAYS) -> int | None:
    """Return the most urgent stage that a licence has come to; None before the first, and after its end."""
    return next((stage for stage in stages if 0 <= days_left <= stage), None)


def share_stage(used: int, seats: int) -> int | None:
    """Return the most urgent stage that so many seats in use have come to."""
    return next((stage for stage in SHARES if seats and used * 100 >= stage * seats), None)


def days_passed(stage: int) -> list[str]:
    """Return the warnings that are done with once this stage was told: itself, and those less urgent."""
    return [f"days:{each}" for each in DAYS if each >= stage]


def shares_passed(stage: int) -> list[str]:
    """Return the warnings that are done with once this share was told: itself, and those less urgent."""
    return [f"used:{each}" for each in SHARES if each <= stage]
