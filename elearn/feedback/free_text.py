"""What a free text may not hold: numbers and addresses by which a person is found."""

import re

_PERSONAL_NUMBER = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01]|[4-7][1-9])(0[1-9]|1[0-2])\d{2}[\s-]{0,3}\d{4,5}(?!\d)")
"""CPR (ddmmyy-xxxx) and fødselsnummer or D-number (ddmmyy xxxxx)."""
_DAY_OR_YEARS = (
    r"\d{1,2}[./-] ?\d{1,2}[./-] ?(?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d-\d\d-\d\d(?!\d)"
    r"|(?:19|20)\d\d ?[-/\u2013] ?(?:19|20)\d\d(?!\d)"
)
_TELEPHONE = re.compile(
    rf"(?<!\d)(?!{_DAY_OR_YEARS})(?:(?:\+|00)\s?\d{{2}}[\s.)-]{{0,2}})?(?:\d[\s./()-]{{0,2}}){{7}}\d(?!\d)"
)
"""Eight digits, however they are parted, with or without a country's number; a day or some years are none."""
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[^\s@]+")
"""Looked for from where a word begins, so that long words are read once."""

PATTERNS = [pattern.pattern for pattern in (_PERSONAL_NUMBER, _TELEPHONE, _ADDRESS)]
"""As browsers read them, too: a page refuses what the server would refuse, before it is sent."""


def names_a_number(text: str) -> bool:
    """Whether a text holds what looks like a personal number, a telephone number or a mail address."""
    return any(re.search(pattern, text) for pattern in PATTERNS)
