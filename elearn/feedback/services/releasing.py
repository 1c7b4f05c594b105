"""Releasing answers: from the spool, group by group, into rows that nobody's name leads to."""

import hashlib
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.privacy import LEAST_AVERAGED, LEAST_COUNTED, told_sectors
from elearn.feedback.comparing import asked_forms, comparisons
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import (
    FeedbackBatch,
    FeedbackFormVersion,
    FeedbackReceipt,
    FeedbackRound,
    FeedbackText,
    NamedResponse,
    PairingKey,
    ReleasedAnswer,
    SpooledResponse,
)

RELEASED = audit.kind("feedback.answers.released", "round_id", "batch_id")
ROUND_CLOSED = audit.kind("feedback.round.closed", "round_id")
ROWS_AT_ONCE = 5000

Group = tuple[int, str, str, int | None]
"""A form, the module it is about, an audience, a municipality: five responses in it are of five people."""


def release(session: Session, *, round_: FeedbackRound, shuffle: random.Random | None = None) -> FeedbackBatch:
    """Move every group of at least five spooled responses out of the spool and return the batch they are stamped with.

    The group's receipts become final. `shuffle` is for tests; otherwise the system's randomness shuffles.
    The caller rewrites the spool table after the commit (`core.db`), so that no deleted row is left in its pages.
    """
    batch = _release_ripe(session, round_, shuffle or random.SystemRandom())
    _let_texts_out(session, round_)
    return batch


def close(
    session: Session, *, round_: FeedbackRound, by: int | None, shuffle: random.Random | None = None
) -> FeedbackBatch:
    """Release what is ripe and, without its municipality, what never got five; destroy the rest; close the round.

    What is left of a form and audience goes into the total over all municipalities when it is at least five responses.
    The round's pairing key and every draft are destroyed. The caller computes the last figures from what is released,
    then calls `forget_pairs`.
    """
    shuffle = shuffle or random.SystemRandom()
    batch = _release_ripe(session, round_, shuffle)
    left: dict[tuple[int, str, str], list[SpooledResponse]] = {}
    for row in session.scalars(select(SpooledResponse).where(SpooledResponse.round_id == round_.id)):
        left.setdefault((row.form_id, row.about, row.audience), []).append(row)
    for rows in left.values():
        if len(rows) >= LEAST_COUNTED:
            for row in rows:
                row.municipality_id, row.sector = None, None
            _store(session, round_, batch, rows, shuffle)
    session.execute(delete(SpooledResponse).where(SpooledResponse.round_id == round_.id))
    session.execute(update(FeedbackReceipt).where(FeedbackReceipt.round_id == round_.id).values(is_final=True))
    _let_texts_out(session, round_, is_last=True)
    session.execute(delete(PairingKey).where(PairingKey.round_id == round_.id))
    session.execute(
        delete(NamedResponse).where(NamedResponse.round_id == round_.id, NamedResponse.submitted_at.is_(None))
    )
    round_.closed_at = clock.now()
    audit.record(
        session,
        ROUND_CLOSED,
        actor_id=by,
        course_house_id=round_.course.course_house_id,
        round_id=round_.id,
    )
    return batch


def forget_pairs(session: Session, *, round_: FeedbackRound) -> None:
    """Wipe what joins a person's before to their after, once the last figures are computed."""
    session.execute(update(ReleasedAnswer).where(ReleasedAnswer.round_id == round_.id).values(pseudonym=None))


def _release_ripe(session: Session, round_: FeedbackRound, shuffle: random.Random) -> FeedbackBatch:
    batch = FeedbackBatch(round_id=round_.id, released_at=clock.now())
    session.add(batch)
    session.flush()
    for group in _ripe_groups(session, round_):
        rows = _take(session, round_, group)
        _store(session, round_, batch, rows, shuffle)
        _make_final(session, round_, group)
    audit.record(
        session,
        RELEASED,
        actor_id=None,
        course_house_id=round_.course.course_house_id,
        round_id=round_.id,
        batch_id=batch.id,
    )
    return batch


def _ripe_groups(session: Session, round_: FeedbackRound) -> list[Group]:
    columns = (
        SpooledResponse.form_id,
        SpooledResponse.about,
        SpooledResponse.audience,
        SpooledResponse.municipality_id,
    )
    rows = session.execute(
        select(*columns)
        .where(SpooledResponse.round_id == round_.id)
        .group_by(*columns)
        .having(func.count() >= LEAST_COUNTED)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _take(session: Session, round_: FeedbackRound, group: Group) -> list[SpooledResponse]:
    """Return a group's spooled responses, gone from the spool."""
    form_id, about, audience, municipality_id = group
    found = (
        SpooledResponse.round_id == round_.id,
        SpooledResponse.form_id == form_id,
        SpooledResponse.about == about,
        SpooledResponse.audience == audience,
        SpooledResponse.municipality_id.is_not_distinct_from(municipality_id),
    )
    rows = list(session.scalars(select(SpooledResponse).where(*found)))
    for row in rows:
        session.expunge(row)
    session.execute(delete(SpooledResponse).where(*found), execution_options={"synchronize_session": False})
    return rows


def _store(
    session: Session,
    round_: FeedbackRound,
    batch: FeedbackBatch,
    rows: list[SpooledResponse],
    shuffle: random.Random,
) -> None:
    forms = _forms(session, {row.form_version_id for row in rows})
    compared = _compared_questions(session, round_)
    answers = [
        _answer(batch, row, question, counted, compared[row.form_id])
        for row in rows
        for question, counted in _counted(forms[row.form_version_id], row.answers)
    ]
    texts = [
        _text(row, question.id, row.answers[question.id])
        for row in rows
        for question in forms[row.form_version_id].questions()
        if question.is_text and question.id in row.answers
    ]
    for table, values in ((ReleasedAnswer, answers), (FeedbackText, texts)):
        shuffle.shuffle(values)
        for start in range(0, len(values), ROWS_AT_ONCE):
            session.execute(insert(table), values[start : start + ROWS_AT_ONCE])


def _forms(session: Session, version_ids: Iterable[int]) -> dict[int, FormFile]:
    versions = session.scalars(select(FeedbackFormVersion).where(FeedbackFormVersion.id.in_(version_ids)))
    return {version.id: FormFile.model_validate(version.content) for version in versions}


def _compared_questions(session: Session, round_: FeedbackRound) -> dict[int, set[str]]:
    """Return, by form, the ids of the questions whose answers are joined with those to another form."""
    compared: dict[int, set[str]] = defaultdict(set)
    for (later_id, question), earlier_id in comparisons(asked_forms(session, round_.course_id), round_).items():
        compared[later_id].add(question)
        compared[earlier_id].add(question)
    return compared


def _counted(form: FormFile, answers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for question in form.questions():
        if question.id in answers:
            for counted in question.counted(answers[question.id]):
                yield question.id, counted


def _answer(
    batch: FeedbackBatch, row: SpooledResponse, question: str, counted: Any, compared: set[str]
) -> dict[str, Any]:
    is_paired = row.pseudonym is not None and question in compared
    return {
        "id": secrets.token_hex(16),
        "round_id": batch.round_id,
        "form_id": row.form_id,
        "form_version_id": row.form_version_id,
        "batch_id": batch.id,
        "lot_id": None,
        "audience": row.audience,
        "about": row.about,
        "question": question,
        "item": counted.item,
        "municipality_id": row.municipality_id,
        "sector": row.sector,
        "number": counted.number,
        "choice": counted.choice,
        "pseudonym": _pseudonym_for(row.pseudonym, question, counted.item) if is_paired else None,
    }


def _pseudonym_for(pseudonym: str | None, question: str, item: str) -> str:
    """Return what joins one question's answers alone: the pseudonym itself goes with the spool."""
    return hashlib.sha256(f"{pseudonym}:{question}:{item}".encode()).hexdigest()


def _text(row: SpooledResponse, question: str, text: str) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "round_id": row.round_id,
        "form_id": row.form_id,
        "question": question,
        "audience": row.audience,
        "sector": row.sector,
        "may_quote": row.may_quote,
        "text": text,
    }


def _make_final(session: Session, round_: FeedbackRound, group: Group) -> None:
    form_id, about, audience, municipality_id = group
    session.execute(
        update(FeedbackReceipt)
        .where(
            FeedbackReceipt.round_id == round_.id,
            FeedbackReceipt.form_id == form_id,
            FeedbackReceipt.about == about,
            FeedbackReceipt.audience == audience,
            FeedbackReceipt.municipality_id.is_not_distinct_from(municipality_id),
        )
        .values(is_final=True)
    )


def _let_texts_out(session: Session, round_: FeedbackRound, *, is_last: bool = False) -> None:
    """Let the texts that wait come out where they are ten of their audience, with which they are shown.

    At closing, too: whoever read those that are out would know which came last. Fewer are destroyed then.
    They tell their sector from that day on or never: of one that began to later, the day alone would tell whose it is.
    """
    group = (FeedbackText.form_id, FeedbackText.question, FeedbackText.audience)
    waiting = (FeedbackText.round_id == round_.id, FeedbackText.is_out.is_(False))
    numbers: dict[tuple[Any, ...], Counter[str | None]] = defaultdict(Counter)
    rows = session.execute(
        select(*group, FeedbackText.sector, func.count()).where(*waiting).group_by(*group, FeedbackText.sector)
    )
    for *which, sector, number in rows:
        numbers[tuple(which)][sector] = number
    for of, sectors in numbers.items():
        of_group = (*waiting, *(column == value for column, value in zip(group, of, strict=True)))
        if sectors.total() >= LEAST_AVERAGED:
            tells = and_(FeedbackText.sector.is_not(None), FeedbackText.sector.in_(sorted(told_sectors(sectors))))
            session.execute(update(FeedbackText).where(*of_group).values(is_out=True, tells_sector=tells))
        elif is_last:
            session.execute(delete(FeedbackText).where(*of_group))
