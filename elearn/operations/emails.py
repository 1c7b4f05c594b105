"""The letters to whoever looks after the installation. They hold no figures, and nobody's content."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core.i18n import lazy_gettext as _l
from elearn.core.i18n import speaking
from elearn.mail.services import queue
from elearn.operations.state import Trouble
from elearn.organisations.models import CourseHouse

LANGUAGES = {"DK": "da", "NO": "nb"}
THERE_IS = {
    Trouble.JOBS: (
        _l("work in the background keeps failing"),
        _l("The log says why it failed: put that right, then press the button that tries it again."),
    ),
    Trouble.WORKER: (
        _l("nobody does the work in the background"),
        _l(
            "Start it again on the server: “systemctl restart elearn-jobs elearn-films”; the log says why it stopped. "
            "Until then no emails leave, or no films are made ready."
        ),
    ),
    Trouble.LONG_WORK: (
        _l("nobody makes films ready, or backups"),
        _l(
            "Start it again on the server: “systemctl restart elearn-films”; the log says why it stopped. "
            "Until then no films are made ready, or no backups are made."
        ),
    ),
    Trouble.LETTERS: (
        _l("emails are not sent"),
        _l("Check that the mail server takes letters, and the setting ELEARN_MAIL; the log says what it answered."),
    ),
    Trouble.DISK: (
        _l("the disk is nearly full"),
        _l("Make room, or move the data to a larger disk. When it is full, nothing can be uploaded or saved."),
    ),
    Trouble.BACKUP: (
        _l("there is no backup of the last two days"),
        _l("One is to be made every day. Run “elearn backup make” on the server: it says what is wrong."),
    ),
    Trouble.DRILL: (
        _l("the newest backup could not be put back for practice"),
        _l(
            "Run “elearn backup make” and then “elearn backup drill” on the server: the first takes damaged films "
            "anew, the second says what is still wrong."
        ),
    ),
    Trouble.FILMS: (
        _l("films are damaged or missing, and new backups take nothing of them"),
        _l("Run “elearn media verify” on the server: it names them. Add them again from the original."),
    ),
    Trouble.WEBHOOKS: (
        _l("news from Stripe did not fit"),
        _l("Look at the card payments under Sales, and at the webhook on Stripe’s pages."),
    ),
}
"""What is wrong, and what to do."""
IS_OVER = {
    Trouble.JOBS: _l("work in the background is done again"),
    Trouble.WORKER: _l("somebody does the work in the background again"),
    Trouble.LONG_WORK: _l("somebody makes films ready again, and backups"),
    Trouble.LETTERS: _l("emails are sent again"),
    Trouble.DISK: _l("there is room on the disk again"),
    Trouble.BACKUP: _l("there is a new backup"),
    Trouble.DRILL: _l("a backup was put back for practice, and it was whole"),
    Trouble.FILMS: _l("all films are in the backup again"),
    Trouble.WEBHOOKS: _l("all news from Stripe has fitted for a week"),
}


def there_is(session: Session, settings: Settings, trouble: Trouble) -> None:
    """Tell that something has to be looked after."""
    language = _language(session)
    with speaking(language):
        what, cure = (str(words) for words in THERE_IS[trouble])
    _send(session, settings, "operations/trouble", language, what=what, cure=cure)


def is_over(session: Session, settings: Settings, trouble: Trouble) -> None:
    """Tell that a trouble that was told of is over."""
    language = _language(session)
    with speaking(language):
        what = str(IS_OVER[trouble])
    _send(session, settings, "operations/trouble_over", language, what=what)


def _send(session: Session, settings: Settings, kind: str, language: str, **words: str) -> None:
    context = {"house": settings.name, "path": "/owner/status", **words}
    queue(session, kind, to=settings.alerts_to, language=language, context=context)


def _language(session: Session) -> str:
    country = session.scalar(select(CourseHouse.country).order_by(CourseHouse.id).limit(1))
    return LANGUAGES.get(country or "", "en")
