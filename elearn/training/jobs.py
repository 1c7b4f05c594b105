"""Looking after the rules: every hour, and right after one has begun."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every
from elearn.training import services


@every("training.follow_rules", timedelta(hours=1))
def follow_rules(_installation: Installation, session: Session) -> None:
    """Have each rule followed, and reminders written, in jobs of their own."""
    for rule_id in services.rules_to_follow(session):
        enqueue(session, "training.follow_rule", rule_id=rule_id)
    enqueue(session, "training.remind")


@handles("training.follow_rule")
def follow_rule(installation: Installation, *, rule_id: int) -> None:
    """Give people their days, then their seats, a batch in a transaction; a second run finds nothing to do."""
    met = 1
    while met:
        with installation.database.transaction() as session:
            met = services.meet_people(session, rule_id=rule_id)
    with installation.database.transaction() as session:
        services.note_what_is_done(session, rule_id=rule_id)
    given = 1
    while given:
        with installation.database.transaction() as session:
            given = services.give_seats(session, installation.tokens, rule_id=rule_id)


@handles("training.remind")
def remind(installation: Installation) -> None:
    """Write the reminders that are due; a second run finds them written."""
    written = 1
    while written:
        with installation.database.transaction() as session:
            written = services.remind(session)
