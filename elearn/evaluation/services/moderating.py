"""What the course owner does with free texts: let others read them, take passages out, say what they are about."""

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.services import take_turns
from elearn.core import audit
from elearn.evaluation.errors import PassageNotFound, ThemeTaken
from elearn.feedback.models import (
    FeedbackRound,
    FeedbackText,
    FeedbackTheme,
    NamedResponse,
    TextState,
    feedback_text_themes,
)
from elearn.feedback.services import named_copies
from elearn.jobs.queue import enqueue

TAKEN_OUT = "[…]"
LONGEST_THEME = 60
STATE_SET = audit.kind("evaluation.text.state_set", "round_id", "text_id", "state")
REDACTED = audit.kind("evaluation.text.redacted", "round_id", "text_id")
NAMED_REDACTED = audit.kind("evaluation.named_answer.redacted", "round_id", "response_id")
THEMED = audit.kind("evaluation.text.themed", "round_id", "text_id", "theme_id", "is_about")
THEME_MADE = audit.kind("evaluation.theme.made", "theme_id")
THEME_RENAMED = audit.kind("evaluation.theme.renamed", "theme_id")
THEME_MERGED = audit.kind("evaluation.theme.merged", "theme_id", "into_id")
THEME_DELETED = audit.kind("evaluation.theme.deleted", "theme_id")


def set_state(session: Session, *, round_: FeedbackRound, text: FeedbackText, state: TextState, by: Person) -> None:
    """Let others read a text, hide it, or leave it unread again."""
    if text.state == state:
        return
    text.state = state
    _record(session, STATE_SET, round_, by, round_id=round_.id, text_id=text.id, state=str(state))


def redact(session: Session, *, round_: FeedbackRound, text: FeedbackText, passage: str, by: Person) -> None:
    """Take a passage out of a text, wherever it stands in it. What it said is gone, from the trail and the disk, too.

    In a form that is not anonymous it is taken out of the answers under the name as well. Raises `PassageNotFound`.
    """
    locked = session.get_one(FeedbackText, text.id, with_for_update=True, populate_existing=True)
    if not passage or passage not in locked.text:
        raise PassageNotFound
    _redact_named(session, locked, passage)
    locked.text = locked.text.replace(passage, TAKEN_OUT)
    locked.is_redacted = True
    _record(session, REDACTED, round_, by, round_id=round_.id, text_id=text.id)
    session.flush()
    enqueue(session, "evaluation.rewrite_texts")  # a database keeps old rows for a while


def _redact_named(session: Session, text: FeedbackText, passage: str) -> None:
    """Take a passage out of the named answers that say the same; nothing tells which of them the text came from."""
    named = session.scalars(
        select(NamedResponse)
        .where(NamedResponse.round_id == text.round_id, NamedResponse.form_id == text.form_id)
        .with_for_update()
    )
    for response in named:
        if response.answers.get(text.question) == text.text:
            response.answers = response.answers | {text.question: text.text.replace(passage, TAKEN_OUT)}


def redact_named(session: Session, *, response: NamedResponse, passage: str, by: Person) -> None:
    """Take a passage out of what somebody wrote under their name, and out of the same words without it.

    Answers under a name are read at once, texts only in company: until then the passage stands nowhere else that
    anybody could take it out of. Raises `PassageNotFound`.
    """
    locked = session.get_one(NamedResponse, response.id, with_for_update=True, populate_existing=True)
    said = named_copies.own_words(session, locked)
    after = {key: text.replace(passage, TAKEN_OUT) for key, text in said.items() if passage and passage in text}
    if not after:
        raise PassageNotFound
    if waiting := named_copies.spooled_copy(session, locked):
        waiting.answers = waiting.answers | after
        enqueue(session, "evaluation.rewrite_spool")
    else:
        for question, text in after.items():
            if released := named_copies.released_copy(session, locked, question):
                released.text, released.is_redacted = text, True
    locked.answers = locked.answers | after
    round_ = session.get_one(FeedbackRound, locked.round_id)
    _record(session, NAMED_REDACTED, round_, by, round_id=round_.id, response_id=locked.id)
    session.flush()
    enqueue(session, "evaluation.rewrite_texts")


def set_about(
    session: Session, *, round_: FeedbackRound, text: FeedbackText, theme: FeedbackTheme, is_about: bool, by: Person
) -> None:
    """Say that a text is about a theme, or no longer."""
    if (theme in text.themes) == is_about:
        return
    if is_about:
        text.themes.append(theme)
    else:
        text.themes.remove(theme)
    told = {"round_id": round_.id, "text_id": text.id, "theme_id": theme.id, "is_about": is_about}
    _record(session, THEMED, round_, by, **told)
    session.flush()


def make_theme(session: Session, *, round_: FeedbackRound, name: str, by: Person) -> FeedbackTheme:
    """Return the course's theme of a name, made if there is none."""
    take_turns(session, round_.course_id)
    found = _named(session, round_, name)
    if found is None:
        found = FeedbackTheme(course_id=round_.course_id, name=name, name_key=name.casefold())
        session.add(found)
        session.flush()
        _record(session, THEME_MADE, round_, by, theme_id=found.id)
    return found


def rename_theme(session: Session, *, round_: FeedbackRound, theme: FeedbackTheme, name: str, by: Person) -> None:
    """Call a theme something else. Raises `ThemeTaken` where another is called that: merge the two."""
    take_turns(session, round_.course_id)
    other = _named(session, round_, name)
    if other is not None and other.id != theme.id:
        raise ThemeTaken
    theme.name, theme.name_key = name, name.casefold()
    _record(session, THEME_RENAMED, round_, by, theme_id=theme.id)
    session.flush()


def merge_themes(
    session: Session, *, round_: FeedbackRound, theme: FeedbackTheme, into: FeedbackTheme, by: Person
) -> None:
    """Make two themes one: what was about the first is about the second."""
    if theme.id == into.id:
        return
    links = feedback_text_themes
    already = select(links.c.text_id).where(links.c.theme_id == into.id)
    moved = select(links.c.text_id).where(links.c.theme_id == theme.id, links.c.text_id.not_in(already))
    rows = [{"text_id": text_id, "theme_id": into.id} for text_id in session.scalars(moved)]
    if rows:
        session.execute(insert(links), rows)
    _forget(session, theme)
    _record(session, THEME_MERGED, round_, by, theme_id=theme.id, into_id=into.id)


def delete_theme(session: Session, *, round_: FeedbackRound, theme: FeedbackTheme, by: Person) -> None:
    """Delete a theme; the texts stay."""
    _forget(session, theme)
    _record(session, THEME_DELETED, round_, by, theme_id=theme.id)


def _forget(session: Session, theme: FeedbackTheme) -> None:
    session.execute(delete(feedback_text_themes).where(feedback_text_themes.c.theme_id == theme.id))
    session.execute(delete(FeedbackTheme).where(FeedbackTheme.id == theme.id))


def _named(session: Session, round_: FeedbackRound, name: str) -> FeedbackTheme | None:
    return session.scalar(
        select(FeedbackTheme).where(
            FeedbackTheme.course_id == round_.course_id, FeedbackTheme.name_key == name.casefold()
        )
    )


def _record(session: Session, what: audit.Kind, round_: FeedbackRound, by: Person, **told: Any) -> None:
    audit.record(session, what, actor_id=by.id, course_house_id=round_.course.course_house_id, **told)
