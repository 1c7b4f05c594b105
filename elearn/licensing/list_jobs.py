"""Reading lists of people, and inviting those on a confirmed one."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.licensing.lists.cells import UnreadableList
from elearn.licensing.lists.people import people_in
from elearn.licensing.lists.reading import expected_rows, read
from elearn.licensing.services import from_list, list_reading


@handles("licensing.read_list")
def read_list(installation: Installation, *, list_id: int) -> None:
    """Read a list; a second run finds it read."""
    with installation.database.reader() as session:
        waiting = list_reading.waiting_file(session, list_id=list_id)
    if waiting is None:
        return
    total = expected_rows(waiting.content)

    def told(done: int) -> None:
        with installation.database.transaction() as session:
            list_reading.tell_progress(session, list_id=list_id, done=done, total=total)

    try:
        found = people_in(read(waiting.content, told), waiting.places)
    except UnreadableList as error:
        with installation.database.transaction() as session:
            list_reading.refuse_list(session, list_id=list_id, error=error)
    else:
        with installation.database.transaction() as session:
            list_reading.keep_people(session, list_id=list_id, found=found)


@handles("licensing.invite_list")
def invite_list(installation: Installation, *, list_id: int, by_id: int) -> None:
    """Hold everybody's seat, then write the letters; a second run goes on where the first was stopped."""
    with installation.database.transaction() as session:
        from_list.hold_listed_seats(session, list_id=list_id, by_id=by_id)
    more = True
    while more:
        with installation.database.transaction() as session:
            more = from_list.invite_listed(session, installation.tokens, list_id=list_id, by_id=by_id)


@every("licensing.forget_list_files", timedelta(hours=1))
def forget_list_files(_installation: Installation, session: Session) -> None:
    """Delete the files of lists a day after they were handed in, whatever became of them."""
    list_reading.forget_files(session, handed_in_before=clock.now() - list_reading.FILE_KEPT)


@every("licensing.forget_old_lists", timedelta(hours=24))
def forget_old_lists(_installation: Installation, session: Session) -> None:
    """Delete lists of people after 30 days."""
    list_reading.forget_old_lists(session)
