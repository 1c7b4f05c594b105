"""Feedback released: each answer leaves the spool once, whole rounds at a time."""

import uuid

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from elearn.evaluation.models import PublishedTable
from elearn.feedback.models import FeedbackBatch, ReleasedAnswer, SpooledResponse
from elearn.jobs.queue import enqueue
from tests.evaluation.rounds import SCALE, form_file, start
from tests.faults.works.base import Ground, Work, differences, insisting

ANSWERS = 300
TOWNS = 4
QUESTIONS = ("useful", "clear", "again")


class Releases(Work):
    """Rounds whose day has come, full of answers."""

    name = "releases"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._rounds: list[int] = []

    def once(self) -> None:
        round_id = insisting(self._fill)
        self._rounds.append(round_id)
        self.note(ANSWERS)
        self.ground.wait_for(
            f"the release of round {round_id}",
            lambda: self.ground.look(
                lambda session: session.scalar(select(FeedbackBatch.id).where(FeedbackBatch.round_id == round_id))
            ),
        )

    def lost(self) -> list[str]:
        def count(session, column) -> dict[int, int]:
            return dict(
                session.execute(select(column, func.count()).where(column.in_(self._rounds)).group_by(column)).all()
            )

        batches, answers, spooled, tables = self.ground.look(
            lambda session: [
                count(session, model.round_id)
                for model in (FeedbackBatch, ReleasedAnswer, SpooledResponse, PublishedTable)
            ]
        )
        found = []
        for number in self._rounds:
            found += differences(f"releases of round {number}", 1, batches.get(number, 0))
            found += differences(f"released answers of round {number}", ANSWERS * 3, answers.get(number, 0))
            found += differences(f"answers left behind in round {number}", 0, spooled.get(number, 0))
            if not tables.get(number):
                found.append(f"round {number} has no figures")
        return found

    def _fill(self) -> int:
        with self.ground.site.database.transaction() as session:
            return fill_round(session)


def fill_round(session: Session) -> int:
    """Start a round, fill it with answers and have its release made now; return its id."""
    round_ = start(session, form_file("end", dict.fromkeys(QUESTIONS, SCALE)), towns=TOWNS)
    form = round_.form("end")
    session.execute(
        insert(SpooledResponse),
        [
            {
                "id": uuid.uuid4().hex,
                "round_id": round_.row.id,
                "form_id": form.id,
                "form_version_id": form.current_version_id,
                "about": "",
                "audience": "staff",
                "municipality_id": round_.towns[each % TOWNS],
                "sector": "school",
                "pseudonym": None,
                "may_quote": False,
                "answers": dict.fromkeys(QUESTIONS, each % 5 + 1),
            }
            for each in range(ANSWERS)
        ],
    )
    enqueue(session, "evaluation.release", round_id=round_.row.id)
    return round_.row.id
