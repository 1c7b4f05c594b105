"""E-mail addresses: how they are compared, and which are refused."""

import re
import unicodedata

from elearn.accounts.errors import NotAnAddress
from elearn.mail.mailboxes import NoMailbox, mailbox

MAX_LENGTH = 254
_SHAPE = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+\.[^\s@,;:<>()\[\]\"\\]{2,}")


def normalise(address: str) -> str:
    """Return what two spellings of one address share: stripped, NFKC, case-folded."""
    return unicodedata.normalize("NFKC", address.strip()).casefold()


def check(address: str) -> str:
    """Return the address stripped. Raises `NotAnAddress` when no letter could reach it.

    Or when the letter could reach somebody else: 'aßens.dk' and 'assens.dk' are two owners' domains, and would be
    compared as one.
    """
    address = address.strip()
    is_twofold = unicodedata.normalize("NFKC", address).lower() != normalise(address)
    controls = any(unicodedata.category(character).startswith("C") for character in address)
    if (
        is_twofold
        or controls
        or len(address) > MAX_LENGTH
        or not _SHAPE.fullmatch(address)
        or ".." in address
        or "@." in address
    ):
        raise NotAnAddress(address)
    try:
        mailbox(address)
    except NoMailbox:
        raise NotAnAddress(address) from None
    return address
