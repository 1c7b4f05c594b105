"""Handing in a form: a receipt, and answers that do not know whose they are."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.tokens import Tokens
from elearn.feedback.errors import AlreadyAnswered, FormClosed, NotInTheAudience
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.models import (
    FeedbackForm,
    FeedbackOccasion,
    FeedbackReceipt,
    FeedbackRound,
    NamedResponse,
    PairingKey,
    SpooledResponse,
)

ANSWERED = audit.kind("feedback.form.answered", "form_id")


@dataclass(frozen=True)
class Respondent:
    """Who answers, and for which part of the figures."""

    person_id: int
    audience: Audience
    municipality_id: int
    sector: str | None


def submit_response(
    session: Session,
    tokens: Tokens,
    *,
    form: FeedbackForm,
    round_: FeedbackRound,
    respondent: Respondent,
    answers: dict[str, Any],
    about: str = "",
    may_quote: bool = False,
) -> None:
    """Take a person's answers to a form's current version, once for each round (and module, where it asks by module).

    Writes the receipt and a row of the spool in the caller's transaction; a form that is not anonymous also keeps the
    answers under the person's name. Raises `FormClosed`, `NotInTheAudience`, `BadAnswers`, `AlreadyAnswered`.
    """
    _check_open(session, form, round_)
    if respondent.audience not in form.audience:
        raise NotInTheAudience
    version = _current(form)
    clean = FormFile.model_validate(version.content).clean(answers)
    receipt = (
        insert(session, FeedbackReceipt)
        .values(
            round_id=round_.id,
            form_id=form.id,
            about=about,
            person_id=respondent.person_id,
            audience=respondent.audience,
            municipality_id=respondent.municipality_id,
        )
        .on_conflict_do_nothing()
        .returning(FeedbackReceipt.person_id)
    )
    if session.scalar(receipt) is None:
        raise AlreadyAnswered
    _spool(
        session,
        form=form,
        round_=round_,
        version_id=version.id,
        about=about,
        audience=respondent.audience,
        municipality_id=respondent.municipality_id,
        sector=respondent.sector,
        pseudonym=_pseudonym(session, tokens, form, round_, respondent.person_id),
        may_quote=may_quote,
        answers=clean,
    )
    if form.is_anonymous:
        # The trail names nobody: with its time it would lead from a person to the spool.
        return
    _keep_named(session, form, round_, version.id, respondent, about, clean, may_quote)
    audit.record(
        session,
        ANSWERED,
        actor_id=respondent.person_id,
        municipality_id=respondent.municipality_id,
        course_house_id=form.course.course_house_id,
        form_id=form.id,
    )


def submit_as_guest(
    session: Session, *, occasion: FeedbackOccasion, answers: dict[str, Any], may_quote: bool = False
) -> None:
    """Take a guest's answers at an occasion: no receipt, since nobody knows who it is.

    Raises `FormClosed`, `BadAnswers`.
    """
    _check_open(session, occasion.form, occasion.round)
    if occasion.closed_at is not None:
        raise FormClosed
    version = _current(occasion.form)
    _spool(
        session,
        form=occasion.form,
        round_=occasion.round,
        version_id=version.id,
        about="",
        audience=Audience.GUEST,
        municipality_id=occasion.municipality_id,
        sector=None,
        pseudonym=None,
        may_quote=may_quote,
        answers=FormFile.model_validate(version.content).clean(answers),
    )


def save_draft(
    session: Session,
    *,
    form: FeedbackForm,
    round_: FeedbackRound,
    respondent: Respondent,
    answers: dict[str, Any],
    about: str = "",
    may_quote: bool = False,
) -> None:
    """Keep what a person has written so far, in a form that is not anonymous.

    Raises `FormClosed`, `BadAnswers`, `AlreadyAnswered`; ValueError for an anonymous form, whose drafts live in the
    page only.
    """
    if form.is_anonymous:
        raise ValueError("drafts of anonymous forms are not stored")
    _check_open(session, form, round_)
    version = _current(form)
    clean = FormFile.model_validate(version.content).clean(answers, is_draft=True)
    kept = _keep_named(session, form, round_, version.id, respondent, about, clean, may_quote, is_draft=True)
    if kept.submitted_at is not None:
        raise AlreadyAnswered


def is_compared(session: Session, form: FeedbackForm) -> bool:
    """Say whether a person's answers to a form are compared with their answers to another."""
    other = exists().where(FeedbackForm.course_id == form.course_id, FeedbackForm.compares_with == form.key)
    return form.compares_with is not None or bool(session.scalar(select(other)))


def _check_open(session: Session, form: FeedbackForm, round_: FeedbackRound) -> None:
    """Hold the round as it is until the caller commits, so that no answer comes into the spool of one that closes."""
    held = {"read": True, "key_share": True}
    session.refresh(round_, attribute_names=["closing_asked_at", "closed_at"], with_for_update=held)
    if form.retired_at is not None or not round_.takes_answers:
        raise FormClosed


def _current(form: FeedbackForm) -> Any:
    assert form.current_version is not None, "a published form has a version"
    return form.current_version


def _pseudonym(
    session: Session, tokens: Tokens, form: FeedbackForm, round_: FeedbackRound, person_id: int
) -> str | None:
    """Return the person's pseudonym in this round where the form is compared with another; else None."""
    if not is_compared(session, form):
        return None
    key = session.scalar(select(PairingKey.key).where(PairingKey.round_id == round_.id))
    return tokens.fingerprint("feedback.pair", f"{key}:{person_id}") if key else None


def _spool(session: Session, *, form: FeedbackForm, round_: FeedbackRound, version_id: int, **values: Any) -> None:
    session.add(
        SpooledResponse(
            id=secrets.token_hex(16), round_id=round_.id, form_id=form.id, form_version_id=version_id, **values
        )
    )
    session.flush()


def _keep_named(
    session: Session,
    form: FeedbackForm,
    round_: FeedbackRound,
    version_id: int,
    respondent: Respondent,
    about: str,
    answers: dict[str, Any],
    may_quote: bool,
    *,
    is_draft: bool = False,
) -> NamedResponse:
    key = {"round_id": round_.id, "form_id": form.id, "about": about, "person_id": respondent.person_id}
    given: dict[str, Any] = {
        "form_version_id": version_id,
        "municipality_id": respondent.municipality_id,
        "answers": answers,
        "may_quote": may_quote,
        "saved_at": clock.now(),
        "submitted_at": None if is_draft else clock.now(),
    }
    # Two presses at once take turns here, so that a draft does not come after what was sent.
    blank = key | given | {"submitted_at": None}
    session.execute(insert(session, NamedResponse).values(**blank).on_conflict_do_nothing())
    kept = session.scalars(
        select(NamedResponse).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    ).one()
    if kept.submitted_at is None:
        for name, value in given.items():
            setattr(kept, name, value)
        session.flush()
    return kept
