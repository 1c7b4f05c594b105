"""The letters about films that were uploaded. Subjects never name a film: others may glimpse them."""

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.i18n import speaking
from elearn.mail.services import queue
from elearn.media.errors import Fault
from elearn.media.models import Packaging
from elearn.media.packagings import faults


def film_ready(session: Session, *, packaging: Packaging, to: Person, house: str) -> None:
    """Tell whoever uploaded a film that it is packaged, and where to go on."""
    _tell(session, "media/film_ready", packaging, to, house)


def film_failed(session: Session, *, packaging: Packaging, fault: Fault, to: Person, house: str) -> None:
    """Tell whoever uploaded a film why it could not be packaged, and where to try again."""
    with speaking(to.language):
        words = faults.sentence(fault)
    _tell(session, "media/film_failed", packaging, to, house, fault=words)


def _tell(session: Session, kind: str, packaging: Packaging, to: Person, house: str, **more: str) -> None:
    path = f"/owner/films/{packaging.film_key}"
    context = {"name": to.first_name, "film": packaging.film_key, "house": house, "path": path, **more}
    queue(session, kind, to=to.address, language=to.language, context=context)
