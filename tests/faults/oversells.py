"""The negative control of seats: the product, spoilt so that it looks for a free seat first and fills it unasked.

Served only by tests/licensing/test_http_race.py, which has to find it out.
"""

import time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.app import create_app
from elearn.licensing import seat_rows
from elearn.licensing.errors import NoFreeSeat
from elearn.licensing.models import Seat
from elearn.web.session import installation


def _look_then_fill(session: Session, licence_id: int, _choice: Any, values: dict[str, Any]) -> int:
    with installation().database.reader() as onlooker:
        free = select(Seat.id).where(Seat.licence_id == licence_id, Seat.person_id.is_(None))
        seat_id = onlooker.scalar(free.order_by(Seat.id).limit(1))
    if seat_id is None:
        raise NoFreeSeat
    time.sleep(0.005)
    session.execute(update(Seat).where(Seat.id == seat_id).values(values))
    return seat_id


seat_rows._fill_a_free_one = _look_then_fill  # spoilt on purpose
app = create_app()
