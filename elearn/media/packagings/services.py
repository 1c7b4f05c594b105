"""Asking for a film to be packaged, cancelling that, and trying again."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.jobs.queue import enqueue
from elearn.media.models import LIVE, FilmUpload, Packaging, PackagingState
from elearn.media.packagings.errors import NothingToRetry, PackagingUnderWay

PACKAGING_ASKED = audit.kind("media.packaging.asked", "film", "packaging")
PACKAGING_CANCELLED = audit.kind("media.packaging.cancelled", "film", "packaging")
AGAIN = (PackagingState.FAILED, PackagingState.CANCELLED)
"""What may be tried once more, while the uploaded file is there."""


def packaging_of(session: Session, scope: HouseScope, packaging_id: int) -> Packaging:
    """Return one of a house's packagings. Raises `NotFound`."""
    found = session.scalar(
        select(Packaging).where(Packaging.id == packaging_id, Packaging.course_house_id == scope.course_house_id)
    )
    if found is None:
        raise NotFound("packaging")
    return found


def ask_packaging(session: Session, *, upload: FilmUpload, by_id: int | None) -> Packaging:
    """Have a whole upload packaged. Raises `PackagingUnderWay` when its film is being packaged already."""
    packaging = Packaging(
        film_key=upload.film_key,
        course_house_id=upload.course_house_id,
        upload_id=upload.id,
        state=PackagingState.WAITING,
        percent=0,
        cancel_asked=False,
        asked_by_id=by_id,
        asked_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(packaging)
    except IntegrityError:
        raise PackagingUnderWay from None
    enqueue(session, "media.package", packaging_id=packaging.id)
    record(session, PACKAGING_ASKED, packaging, by_id)
    return packaging


def cancel_packaging(session: Session, *, packaging: Packaging, by: Person) -> None:
    """Have a packaging end: at once while it waits, within two seconds when a worker has it; else nothing changes."""
    if packaging.cancel_asked:
        return
    waiting = _change(session, packaging, PackagingState.WAITING, state=PackagingState.CANCELLED, ended_at=clock.now())
    if waiting or _change(session, packaging, PackagingState.RUNNING, cancel_asked=True):
        record(session, PACKAGING_CANCELLED, packaging, by.id)


def retry_packaging(session: Session, *, packaging: Packaging, by: Person) -> Packaging:
    """Package the same uploaded file once more. Raises `NothingToRetry`, `PackagingUnderWay`."""
    upload = session.get(FilmUpload, packaging.upload_id) if packaging.upload_id else None
    if upload is None or packaging.state not in AGAIN:
        raise NothingToRetry
    upload.touched_at = clock.now()
    return ask_packaging(session, upload=upload, by_id=by.id)


def refuse_while_packaging(session: Session, film_key: str) -> None:
    """Raise `PackagingUnderWay` while a film is being packaged or waits for it."""
    live = select(Packaging.id).where(Packaging.film_key == film_key, Packaging.state.in_(LIVE)).limit(1)
    if session.scalar(live) is not None:
        raise PackagingUnderWay


def record(session: Session, kind: audit.Kind, packaging: Packaging, actor_id: int | None, **more: str | None) -> None:
    """Add an event about a packaging to the house's trail."""
    data = {"film": packaging.film_key, "packaging": packaging.id, **more}
    house_id = packaging.course_house_id
    audit.record_many(session, kind, [data], actor_id=actor_id, course_house_id=house_id)


def _change(session: Session, packaging: Packaging, only_when: PackagingState, **values: object) -> bool:
    """Change a packaging if it is still in a state: a worker may have gone on with it meanwhile."""
    changed = session.execute(
        update(Packaging).where(Packaging.id == packaging.id, Packaging.state == only_when).values(**values)
    )
    session.refresh(packaging)
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one
