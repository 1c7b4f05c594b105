"""How organisations' numbers are written on pages and papers."""

from elearn.organisations.models import CourseHouse

DIGITS_TOGETHER = {"DK": 2, "NO": 3}
NAMES = {"DK": "CVR", "NO": "org.nr."}


def written_number(house: CourseHouse) -> str:
    """Return a house's number as its country writes it: 'CVR 11 22 33 46', 'org.nr. 923 609 016'; '' for none."""
    if not house.org_number:
        return ""
    size = DIGITS_TOGETHER[house.country]
    groups = [house.org_number[start : start + size] for start in range(0, len(house.org_number), size)]
    return " ".join([NAMES[house.country], *groups])
