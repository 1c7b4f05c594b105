"""Times of a film and the player's sentences in words, the same on the page as in the player."""

from babel import lists

from elearn.core import i18n
from elearn.core.i18n import gettext as _
from elearn.learning.ranges import Stretch
from elearn.web.client_strings import client_string

EXACT_BELOW_S = 600


def clock_text(seconds: float) -> str:
    """Return a place in a film as '2:10', '14:05' or '1:02:10'."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def stretch_text(stretch: Stretch | tuple[float, float]) -> str:
    """Return a stretch of a film: '02:10–03:40'."""
    return f"{i18n.format_timecode(stretch[0])}–{i18n.format_timecode(stretch[1])}"


def listed(parts: list[str]) -> str:
    """Join parts as a sentence does: 'a, b and c'."""
    return lists.format_list(parts, locale=i18n.locale())


def length_words(seconds: float) -> str:
    """Return a length: '6 min 55 s' below ten minutes, '42 min' or '1 h 4 min' above; it never breaks over a line."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole >= EXACT_BELOW_S or not minutes or not rest:
        words = i18n.format_minutes(whole)
    else:
        words = _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def said(key: str, **values: object) -> str:
    """Return one of the player's sentences with its {names} filled in."""
    return client_string(key).format(**values)
