"""Going through modules again, by a person's own word."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import PersonScope
from elearn.training.models import RefreshedModule, TrainingDue
from elearn.training.queries import own_refresher
from elearn.training.services.following import standing_modules

REFRESHER_DONE = audit.kind("training.refresher.done", "person_id", "rule_id")


def say_refreshed(session: Session, scope: PersonScope, *, due_id: int, module_key: str) -> bool:
    """Note that the person says to have gone through a module again; the last one makes the refresher done.

    Saying it again changes nothing. Returns whether the refresher is done. Raises `NotFound` for another's refresher
    and for a module that it does not ask for.
    """
    own = own_refresher(session, scope, due_id)
    due = session.scalars(select(TrainingDue).where(TrainingDue.id == due_id).with_for_update()).one()
    keys = standing_modules(session, own.rule)
    if module_key not in keys:
        raise NotFound("no such module")
    session.execute(
        insert(session, RefreshedModule)
        .values(due_id=due_id, module_key=module_key, at=clock.now())
        .on_conflict_do_nothing()
    )
    gone_through = session.scalar(
        select(func.count()).where(RefreshedModule.due_id == due_id, RefreshedModule.module_key.in_(keys))
    )
    if gone_through != len(keys):
        return False
    if due.done_at is None:
        due.done_at = clock.now()
        session.flush()
        audit.record(
            session,
            REFRESHER_DONE,
            actor_id=scope.person_id,
            municipality_id=own.rule.municipality_id,
            person_id=scope.person_id,
            rule_id=own.rule.id,
        )
    return True
