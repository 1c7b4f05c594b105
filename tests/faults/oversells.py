"""The negative control of seats: the product, spoilt so that it remembers which seats were free a moment ago.

Served only by tests/licensing/test_http_race.py, which has to find it out.
"""

import time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.app import create_app
from elearn.licensing.errors import NoFreeSeat
from elearn.licensing.models import Seat
from elearn.licensing.seat_rows import filling
from elearn.web.session import installation

REMEMBERED_S = 0.05
_looked: dict[int, tuple[float, list[int]]] = {}


def _fill_what_was_free(session: Session, licence_id: int, _choice: Any, values: dict[str, Any]) -> int:
    looked_at, free = _looked.get(licence_id, (0.0, []))
    if time.monotonic() - looked_at > REMEMBERED_S:
        with installation().database.reader() as onlooker:
            found = select(Seat.id).where(Seat.licence_id == licence_id, Seat.person_id.is_(None)).order_by(Seat.id)
            free = list(onlooker.scalars(found))
        _looked[licence_id] = (time.monotonic(), free)
    if not free:
        raise NoFreeSeat
    session.execute(update(Seat).where(Seat.id == free[0]).values(**values, claimed_at=None, first_used_at=None))
    return free[0]


filling._fill_a_free_one = _fill_what_was_free  # spoilt on purpose
app = create_app()
