"""Four languages, inside and outside of a request: pages, letters, PDFs and the player share these functions.

Sentences in the code are English; `elearn/translations/` holds Danish, bokmål and nynorsk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel import Locale, dates, negotiate_locale, numbers
from babel.support import LazyProxy, NullTranslations, Translations

from elearn.core import clock

LANGUAGES = {"da": "Dansk", "nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
DEFAULT = "da"
QUOTATION_MARKS = {"da": ("”", "”"), "nb": ("«", "»"), "nn": ("«", "»"), "en": ("“", "”")}
CATALOGUES = Path(__file__).parent.parent / "translations"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language() -> str:
    """Return the language spoken now: 'da', 'nb', 'nn' or 'en'."""
    return _language.get()


def set_language(code: str) -> None:
    """Speak a language for the rest of this context (a request)."""
    _language.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language inside a block: for a letter or a PDF."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def negotiate(preferred: list[str]) -> str:
    """Return the best of our languages for a browser's list; 'no' means bokmål, and Danish is the default."""
    wanted = ["nb" + code[2:] if code.lower() in ("no", "no-no") else code for code in preferred]
    return negotiate_locale([code.replace("-", "_") for code in wanted], list(LANGUAGES)) or DEFAULT


@cache
def catalogue(code: str) -> NullTranslations:
    """Return the compiled catalogue of a language; English is the sentences themselves."""
    if code == "en":
        return NullTranslations()
    return Translations.load(CATALOGUES, [code])


def gettext(message: str, **values: object) -> str:
    """Return a sentence in the language spoken now, with `%(name)s` filled in."""
    text = str(catalogue(language()).gettext(message))
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the form of a sentence that fits a number; `%(num)s` is filled in."""
    return fitting_form(singular, plural, num) % {"num": num, **values}


def fitting_form(singular: str, plural: str, num: int) -> str:
    """Return the form of a sentence that fits a number, nothing filled in: templates do that themselves."""
    return str(catalogue(language()).ngettext(singular, plural, num))


def lazy_gettext(message: str) -> str:
    """Return a sentence that is translated when it is shown: for form labels and constants."""
    return LazyProxy(gettext, message, enable_cache=False)  # type: ignore[return-value]  # behaves as a str


def locale() -> Locale:
    """Return Babel's locale of the language spoken now; English follows British habit."""
    return Locale.parse("en_GB" if language() == "en" else language())


def format_day(day: date, *, short: bool = False) -> str:
    """Return a day as '14. december 2026', or short as '14. december'."""
    pattern = {"en": "d MMMM"}.get(language(), "d. MMMM") if short else "long"
    return str(dates.format_date(day, pattern, locale=locale()))


def format_time(instant: datetime, country: str) -> str:
    """Return a clock time in a country as '10.42' (Danish, Norwegian) or '10:42'."""
    separator = ":" if language() == "en" else "."
    return instant.astimezone(clock.ZONES[country]).strftime(f"%H{separator}%M")


def format_number(value: int | float) -> str:
    """Return a number with the language's separators."""
    return str(numbers.format_decimal(value, locale=locale()))


def format_percent(share: int) -> str:
    """Return a whole number of per cent as the language writes it: '95 %' or '95%'."""
    return str(numbers.format_percent(share / 100, locale=locale()))


def format_decimal(value: float, *, places: int = 1, signed: bool = False) -> str:
    """Return a number rounded for reading, with a real minus sign; signed as '+0,7', for changes."""
    rounded = round(value, places) + 0.0  # no minus before a zero
    text = str(numbers.format_decimal(abs(rounded), format="0." + "0" * places if places else "0", locale=locale()))
    sign = "\N{MINUS SIGN}" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text


def quoted(text: str) -> str:
    """Return somebody's words in the language's quotation marks; those in a sentence of ours are translated with it."""
    begin, end = QUOTATION_MARKS[language()]
    return f"{begin}{text}{end}"


def format_timecode(seconds: float) -> str:
    """Return a place in a film as '14:05', or '1:02:03' past the hour."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def format_minutes(seconds: float) -> str:
    """Return a length in words: '21 min', '1 h 46 min' in the language spoken now; under a minute '45 s'."""
    if seconds < 60:
        return gettext("%(seconds)s s", seconds=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    return gettext("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
