"""The codes of join links, and the mail domains whose addresses may join: pure rules."""

import re
import secrets
import unicodedata

from elearn.accounts.addresses import normalise
from elearn.licensing.errors import NotADomain, PublicDomain

ALPHABET = "BCDFGHJKMNPQRSTVWXZ"
"""Consonants only: no letter is read as a digit or another letter, and no code spells a word."""
LENGTH = 10
"""Ten of nineteen letters: 42 bits."""
GROUP = 5
SEPARATORS = str.maketrans("", "", " -–\u00a0")

PUBLIC_NAMES = frozenset(
    [
        "aol",
        "btinternet",
        "comcast",
        "duck",
        "email",
        "fastmail",
        "gmail",
        "gmx",
        "googlemail",
        "hey",
        "hotmail",
        "hushmail",
        "icloud",
        "inbox",
        "live",
        "mail",
        "mailbox",
        "mailfence",
        "mailinator",
        "me",
        "msn",
        "outlook",
        "pm",
        "posteo",
        "proton",
        "protonmail",
        "qq",
        "rocketmail",
        "runbox",
        "t-online",
        "tuta",
        "tutamail",
        "tutanota",
        "web",
        "yahoo",
        "yandex",
        "ymail",
        "zoho",
        "zohomail",
    ]
)
"""Providers at which anybody gets an address, under whatever ending."""
PUBLIC_DOMAINS = frozenset(
    [
        "broadpark.no",
        "c2i.net",
        "frisurf.no",
        "get2net.dk",
        "getmail.no",
        "jubii.dk",
        "kabelmail.dk",
        "lyse.net",
        "mac.com",
        "mail-online.dk",
        "mail.tele.dk",
        "mobilnet.no",
        "ofir.dk",
        "online.no",
        "post.tele.dk",
        "privat.dk",
        "profibermail.dk",
        "sol.dk",
        "sol.no",
        "start.no",
        "stofanet.dk",
        "tdcadsl.dk",
        "tele2.no",
        "telenor.no",
        "vip.cybercity.dk",
        "webspeed.dk",
        "youmail.dk",
    ]
)
"""Danish and Norwegian providers, by their whole name."""
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def new_code() -> str:
    """Return a code that nobody can guess, as it is stored: ten letters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy_code(typed: str) -> str | None:
    """Return a code as it is stored from what somebody typed, or None when it can be none of ours."""
    code = unicodedata.normalize("NFKC", typed).translate(SEPARATORS).upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def written_code(code: str) -> str:
    """Return a code as people read it: 'KMRTB-WXHFP'."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def check_domain(written: str) -> str:
    """Return a mail domain as it is stored: lower case, in ASCII, without '@'.

    Raises `NotADomain` when no address could end in it, `PublicDomain` when anybody can have an address there.
    """
    try:
        domain = _ascii(normalise(written).removeprefix("@"))
    except UnicodeError:
        raise NotADomain(written) from None
    if not _DOMAIN.fullmatch(domain):
        raise NotADomain(written)
    if is_public(domain):
        raise PublicDomain(domain)
    return domain


def is_public(domain: str) -> bool:
    """Say whether anybody can get an address at a domain: then it shows no employment."""
    labels = domain.split(".")
    has_short_ending = len(labels) == 2 or (len(labels) == 3 and len(labels[1]) <= 3)  # 'yahoo.dk', 'yahoo.co.uk'
    return domain in PUBLIC_DOMAINS or (has_short_ending and labels[0] in PUBLIC_NAMES)


def is_at(address: str, domains: list[str]) -> bool:
    """Say whether an address lies at one of some stored domains; one below them is another domain."""
    try:
        return _ascii(normalise(address).rpartition("@")[2]) in domains
    except UnicodeError:
        return False


def _ascii(domain: str) -> str:
    """Return a domain in the letters that mail servers know; 'ærø.dk' is 'xn--r-1fam.dk' or the like."""
    return domain.encode("idna").decode("ascii").lower()
