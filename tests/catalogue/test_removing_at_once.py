"""Several owners press remove, and undo, in the same moment: each counts once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from types import SimpleNamespace

import pytest

from elearn.catalogue import authoring
from elearn.catalogue.authoring import begin_course, bring_back_course, remove_course
from elearn.catalogue.editing import begun
from elearn.catalogue.errors import CourseChanged
from elearn.catalogue.put_away import put_away, state_of
from elearn.organisations.models import CourseHouse
from tests.catalogue.conftest import a_house

AT_ONCE = 6


@pytest.mark.race
def test_of_presses_in_the_same_moment_one_counts(own_database, tmp_path, monkeypatch):
    def slowly(folder):
        sleep(0.1)  # the others have all looked by now, if they may
        put_away(folder)

    monkeypatch.setattr(authoring, "put_away", slowly)
    folder, by = tmp_path / "courses" / "by-mistake", SimpleNamespace(id=1)
    with own_database.transaction() as session:
        house = a_house(session, "barnets-hus")
        begin_course(session, house=house, folder=folder, draft=begun("by-mistake", "Nyt", ["da"], ["school"]), by=by)
        house_id = house.id
    seen, gate = state_of(folder), Barrier(AT_ONCE)

    def press(do):
        gate.wait()
        with own_database.transaction() as session:
            return do(session, session.get_one(CourseHouse, house_id))

    def remove(session, house):
        try:
            remove_course(session, house=house, folder=folder, seen=seen, by=by)
        except CourseChanged:
            return False
        return True

    def bring_back(session, house):
        return bring_back_course(session, house=house, folder=folder, by=by)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert Counter(pool.map(press, [remove] * AT_ONCE)) == {True: 1, False: AT_ONCE - 1}
        assert not folder.exists()
        assert Counter(pool.map(press, [bring_back] * AT_ONCE)) == {True: 1, False: AT_ONCE - 1}
    assert state_of(folder) == seen
