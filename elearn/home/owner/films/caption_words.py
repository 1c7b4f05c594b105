"""What the pages say of captions that are in order and still hard to read."""

from elearn.core.i18n import gettext as _
from elearn.media.captions import FASTEST_CHARS_PER_S, MOST_LINES, HardToRead


def hard(found: HardToRead) -> str:
    """Return why a caption is hard to read."""
    sentences = []
    if found.has_many_lines:
        lines = _("%(lines)s lines at once; %(most)s are easier to read.", lines=found.lines, most=MOST_LINES)
        sentences.append(lines)
    if found.is_fast:
        speed = round(found.chars_per_s)
        sentences.append(
            _(
                "%(speed)s characters a second; at most %(most)s can be read along.",
                speed=speed,
                most=FASTEST_CHARS_PER_S,
            )
        )
    return " ".join(sentences)
