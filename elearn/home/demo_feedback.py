"""A made-up evaluation: five municipalities' staff and leaders answer for half a year, and it is released weekly."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.core.bulk import add_rows, move_sequences
from elearn.core.tokens import Tokens
from elearn.evaluation.services import release_and_publish
from elearn.feedback.comparing import asked_forms, comparisons
from elearn.feedback.form_files import LATER_DAYS, Audience, FormFile, Moment
from elearn.feedback.models import (
    FeedbackForm,
    FeedbackReceipt,
    FeedbackRound,
    FeedbackText,
    PairingKey,
    SpooledResponse,
    TextState,
)
from elearn.home import demo_promises
from elearn.home.demo_answers import MAY_BE_QUOTED, answers, true_change
from elearn.home.demo_shop import at
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Membership, Role

TOWNS, STAFF, LEADERS = 5, 100, 8
PROMISING = 3
"""Municipalities that have ordered in return for feedback: the other regions' places are free to try."""
SECTORS = ("health_visitor", "school", "daycare", "family_services", "ppr")
LASTS = timedelta(weeks=26)
STARTS_OVER = 3
"""Weeks over which people begin; they complete some weeks later."""
COMPLETES_AFTER = 5
WILLING = {Moment.BEFORE_START: 0.88, Moment.AFTER_MODULE: 0.6, Moment.COMPLETION: 0.75, Moment.LATER: 0.55}
"""The share of those asked who answer."""


@dataclass(frozen=True)
class Respondent:
    """Somebody made up. A person's id is 0 where only the figures matter."""

    number: int
    town: int
    audience: Audience
    sector: str | None
    week: int
    """In which they begin."""
    person_id: int = 0


@dataclass
class Waves:
    """What is handed in, by week of the round."""

    spool: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    receipts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def weeks(self) -> list[int]:
        """Return the weeks in which something is handed in."""
        return sorted(self.spool)


def true_changes(session: Session, round_: FeedbackRound) -> dict[tuple[str, str], float]:
    """Return, by later form and question, the change that the made-up people truly went through."""
    asked = asked_forms(session, round_.course_id)
    forms = {form.row.id: form.row for form in asked}
    return {
        (forms[form_id].key, question): true_change(_file(forms[form_id]), question)
        for form_id, question in comparisons(asked, round_)
    }


def people(towns: list[int], seed: int, *, staff: int = STAFF, leaders: int = LEADERS) -> list[Respondent]:
    """Return the made-up staff and leaders of some municipalities."""
    chance = random.Random(seed)  # noqa: S311 - made-up people, no secret
    found: list[Respondent] = []
    for town in towns:
        for audience, count in ((Audience.STAFF, staff), (Audience.LEADER, leaders)):
            for each in range(count):
                sector = SECTORS[each % len(SECTORS)] if audience == Audience.STAFF else None
                found.append(Respondent(len(found), town, audience, sector, chance.randrange(STARTS_OVER)))
    return found


def waves(
    session: Session, tokens: Tokens, *, round_: FeedbackRound, respondents: list[Respondent], seed: int
) -> Waves:
    """Return what made-up people hand in to each form of a round that is due for them."""
    chance = random.Random(seed)  # noqa: S311 - made-up answers, no secret
    key = session.scalar(select(PairingKey.key).where(PairingKey.round_id == round_.id))
    forms = [(form.row, _file(form.row)) for form in asked_forms(session, round_.course_id)]
    forms.sort(key=lambda form: form[0].compares_with is not None)  # before comes before after
    about = {form.id: _modules(form) for form, _ in forms}
    found = Waves()
    for someone in respondents:
        given: dict[str, dict[str, Any]] = {}
        pseudonym = tokens.fingerprint("feedback.pair", f"{key}:{someone.person_id or someone.number}")
        for form, content in forms:
            if someone.audience not in content.audience or content.moment not in WILLING:
                continue
            for module in about[form.id]:
                if chance.random() > WILLING[content.moment]:
                    continue
                given[form.key] = answers(content, chance, given.get(content.compares_with or "", {}))
                week = someone.week + _weeks_later(content.moment)
                row = {"round_id": round_.id, "form_id": form.id, "about": module, "audience": str(someone.audience)}
                row["municipality_id"] = someone.town
                found.receipts.setdefault(week, []).append(row | {"person_id": someone.person_id})
                found.spool.setdefault(week, []).append(
                    row
                    | {
                        "id": uuid.UUID(int=chance.getrandbits(128)).hex,
                        "form_version_id": form.current_version_id,
                        "sector": someone.sector,
                        "pseudonym": pseudonym,
                        "may_quote": chance.random() < MAY_BE_QUOTED,
                        "answers": given[form.key],
                    }
                )
    return found


def hand_in(session: Session, made: Waves, week: int) -> None:
    """Write a week's answers into the spool."""
    session.execute(insert(SpooledResponse), made.spool[week])


def make(session: Session, tokens: Tokens, *, round_: FeedbackRound, seed: int, staff: int = STAFF) -> int:
    """Fill a course's open round with half a year of feedback from new people; return how many responses there are.

    What is handed in during the last week waits in the spool.
    """
    opened_at = clock.now() - LASTS
    round_.opened_at = min(round_.opened_at, opened_at)
    day = clock.day_of(opened_at, "DK")
    towns = [town.id for town in demo_promises.towns(session, TOWNS, first="Favrskov Kommune", on=day)]
    respondents = _add_people(session, tokens, round_, people(towns, seed, staff=staff), opened_at)
    made = waves(session, tokens, round_=round_, respondents=respondents, seed=seed)
    for week in made.weeks:
        hand_in(session, made, week)
        session.execute(insert(FeedbackReceipt), made.receipts[week])
        if week != made.weeks[-1]:
            with at(opened_at + timedelta(weeks=week + 1)):
                release_and_publish(session, round_)
    _approve_what_may_be_quoted(session, round_)
    return sum(map(len, made.spool.values()))


def _approve_what_may_be_quoted(session: Session, round_: FeedbackRound) -> None:
    session.execute(
        update(FeedbackText)
        .where(FeedbackText.round_id == round_.id, FeedbackText.is_out, FeedbackText.may_quote)
        .values(state=TextState.APPROVED)
    )


def _file(form: FeedbackForm) -> FormFile:
    assert form.current_version
    return FormFile.model_validate(form.current_version.content)


def _modules(form: FeedbackForm) -> list[str]:
    if form.moment != Moment.AFTER_MODULE:
        return [""]
    return [module.key for module in form.course.modules if module.retired_at is None]


def _weeks_later(moment: Moment) -> int:
    """Return how long after somebody's beginning a form of a moment is handed in."""
    if moment == Moment.BEFORE_START:
        return 0
    if moment == Moment.AFTER_MODULE:
        return COMPLETES_AFTER - 1
    return COMPLETES_AFTER + (LATER_DAYS // 7 + 1 if moment == Moment.LATER else 0)


def _add_people(
    session: Session, tokens: Tokens, round_: FeedbackRound, made_up: list[Respondent], opened_at: datetime
) -> list[Respondent]:
    """Give made-up people accounts, staff a seat and a completed course, leaders their role; return them with ids."""
    first = (session.scalar(select(func.max(Person.id))) or 0) + 1
    found = [Respondent(p.number, p.town, p.audience, p.sector, p.week, first + p.number) for p in made_up]
    add_rows(
        session,
        Person,
        ({"id": p.person_id, "name": f"Test {p.person_id}", "language": "da", "created_at": opened_at} for p in found),
    )
    addresses = ((each.person_id, f"test{each.person_id}@field.example") for each in found)
    add_rows(
        session,
        EmailAddress,
        ({"person_id": i, "address": a, "normalised": a, "confirmed_at": opened_at} for i, a in addresses),
    )
    staff = [each for each in found if each.audience == Audience.STAFF]
    add_rows(
        session,
        Membership,
        (
            {"person_id": each.person_id, "municipality_id": each.town, "created_at": opened_at}
            | {"role": str(Role.LEADER if each.audience == Audience.LEADER else Role.LEARNER), "sector": each.sector}
            for each in found
        ),
    )
    add_rows(
        session,
        Completion,
        (
            {"person_id": each.person_id, "course_id": round_.course_id}
            | {"course_version_id": round_.course.current_version_id}
            | {"completed_at": opened_at + timedelta(weeks=each.week + COMPLETES_AFTER - 1)}
            for each in staff
        ),
    )
    move_sequences(session, "people")
    _seat(session, tokens, round_, staff, opened_at)
    return found


def _seat(
    session: Session, tokens: Tokens, round_: FeedbackRound, staff: list[Respondent], opened_at: datetime
) -> None:
    """Let staff sit on the seats that their municipality ordered as a test municipality, or on new ones."""
    towns = list(dict.fromkeys(each.town for each in staff))
    buyers = demo_promises.buyers(session, towns)
    promising = towns[:PROMISING] if demo_promises.are_sought(session, round_.course) else []
    for town in towns:
        ordered = None
        if town in promising:
            with at(opened_at):
                ordered = demo_promises.order(session, tokens, course=round_.course, town=town, buyer=buyers[town])
        licence_id = ordered.licence_id if ordered else None
        if licence_id is None:
            licence_id = _licence(session, round_, town, opened_at)
        _fill(session, licence_id, [each.person_id for each in staff if each.town == town], opened_at)


def _fill(session: Session, licence_id: int, people: list[int], claimed_at: datetime) -> None:
    """Give people the seats of a licence; one that has fewer gets more."""
    rows = [
        {"licence_id": licence_id, "person_id": person_id, "claimed_at": claimed_at, "first_used_at": claimed_at}
        | {"sort_name": f"test {person_id}"}
        for person_id in people
    ]
    free = session.scalars(select(Seat.id).where(Seat.licence_id == licence_id).order_by(Seat.id)).all()
    session.execute(update(Seat), [{"id": seat_id, **row} for seat_id, row in zip(free, rows, strict=False)])
    add_rows(session, Seat, rows[len(free) :])


def _licence(session: Session, round_: FeedbackRound, town: int, opened_at: datetime) -> int:
    starts_on = clock.day_of(opened_at, "DK")
    licence = Licence(
        course_id=round_.course_id,
        municipality_id=town,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=364),
        size=STAFF,
        reason="Test municipality",
        granted_at=opened_at,
    )
    session.add(licence)
    session.flush()
    return licence.id
