"""Passwords: which are refused, and how they are kept. No rules of composition, no forced change.

A password is taken exactly as it arrives: no stripping, no normalising, so two spellings that look alike (NFKC twins,
such as 'ﬁ' and 'fi') are two passwords. Only the comparison with easy words looks through spelling.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from elearn.accounts.errors import PasswordFault, PasswordRefused

LEAST = 8
RECOMMENDED = 12
MOST = 1000
SHORTEST_WORD = 4
LEAST_DIFFERENT = 4
COMMON = Path(__file__).parent / "data" / "common_passwords.txt"

_hasher = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
"""argon2id with 46 MiB: above what OWASP asks for, and small enough for many at once."""


def check(password: str, words: Iterable[str]) -> None:
    """Refuse a new password that is easy to guess, given the person's own `words` (names, addresses, workplaces).

    At least eight characters must be left when the easy words in it are taken out: 'Favrskov2026!' is no secret in
    Favrskov, a sentence about Favrskov may be one. Raises `PasswordRefused`.
    """
    if len(password) < LEAST:
        raise PasswordRefused(PasswordFault.SHORT)
    if len(password) > MOST:
        raise PasswordRefused(PasswordFault.LONG)
    if _is_little(_without(_plain(password), common_words())):
        raise PasswordRefused(PasswordFault.COMMON)
    if _is_little(_without(_plain(password), common_words() + own_words(words))):
        raise PasswordRefused(PasswordFault.CLOSE)


def hash_of(password: str) -> str:
    """Return what is stored of a password; takes about a tenth of a second, and so does a guess."""
    return _hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Say whether a password is the stored one; without a stored one it takes the same time and is not."""
    try:
        return _hasher.verify(stored or _nobodys(), password) and stored is not None
    except VerificationError:
        return False


def own_words(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words in names and addresses that are long enough to matter."""
    return tuple(word for text in texts for word in re.split(r"[\W_]+", _plain(text)) if len(word) >= SHORTEST_WORD)


@cache
def common_words() -> tuple[str, ...]:
    """Return the words, rows of keys and numbers that are tried first."""
    return tuple(_plain(line) for line in COMMON.read_text(encoding="utf-8").splitlines() if line)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _is_little(text: str) -> bool:
    return len(text) < LEAST or len(set(text)) < LEAST_DIFFERENT
