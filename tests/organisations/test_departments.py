"""Departments: a tree of the municipality's own making, without cycles, each name once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.licensing.customers import hanging_on, seats_by_department
from elearn.licensing.services import place_seats, take_back_seat, undo_take_back
from elearn.organisations.errors import DepartmentBelowItself, DepartmentInUse, DepartmentNameTaken
from elearn.organisations.models import Department, Membership, Municipality, Role
from elearn.organisations.queries import departments, leaders_by_department
from elearn.organisations.services import add_department, add_member, change_department, remove_department
from elearn.organisations.tree import below, sums
from tests.world import World


def scope_of(session: Session, code: str) -> MunicipalityScope:
    return MunicipalityScope(session.scalars(select(Municipality.id).where(Municipality.code == code)).one(), None)


@pytest.fixture
def scope(session: Session) -> MunicipalityScope:
    return scope_of(session, "0710")


@pytest.fixture
def add(session: Session, scope: MunicipalityScope):
    def make(name: str, under: Department | None = None) -> Department:
        return add_department(session, scope=scope, name=name, parent_id=under.id if under else None, by_id=None)

    return make


def move(session: Session, scope: MunicipalityScope, moved: Department, under: Department | None) -> Department:
    return change_department(
        session,
        scope=scope,
        department_id=moved.id,
        name=moved.name,
        parent_id=under.id if under else None,
        sector=None,
        by_id=None,
    )


@pytest.mark.parametrize("again", ["ppr", "  PPR ", "ＰＰＲ"])
def test_a_name_is_used_once_however_it_is_spelt(session, scope, add, again: str) -> None:
    add("PPR")

    with pytest.raises(DepartmentNameTaken):
        add(again)

    assert [each.name for each in departments(session, scope)] == ["PPR"]


def test_another_municipality_may_use_the_name(session, add) -> None:
    add("PPR")

    assert add_department(session, scope=scope_of(session, "0615"), name="PPR", by_id=None).id


def test_a_department_may_keep_its_name_and_take_a_free_one(session, scope, add) -> None:
    ppr, schools = add("PPR"), add("Schools")
    assert move(session, scope, ppr, schools).parent_id == schools.id

    with pytest.raises(DepartmentNameTaken):
        change_department(
            session, scope=scope, department_id=ppr.id, name="schools", parent_id=None, sector=None, by_id=None
        )
    assert session.get_one(Department, ppr.id, populate_existing=True).parent_id == schools.id


def test_nothing_lies_below_itself(session, scope, add) -> None:
    top = add("Top")
    middle = add("Middle", top)
    bottom = add("Bottom", middle)

    for under in (top, middle, bottom):
        with pytest.raises(DepartmentBelowItself):
            move(session, scope, top, under)
    move(session, scope, bottom, top)
    move(session, scope, middle, bottom)


def test_others_departments_are_nowhere(session, scope, add) -> None:
    ours, theirs = add("Ours"), scope_of(session, "0615")

    with pytest.raises(NotFound):
        add_department(session, scope=theirs, name="Below ours", parent_id=ours.id, by_id=None)
    with pytest.raises(NotFound):
        move(session, theirs, ours, None)
    with pytest.raises(NotFound):
        remove_department(session, scope=theirs, department_id=ours.id, by_id=None)


def test_only_a_department_without_people_and_children_is_removed(session, world: World) -> None:
    scope = MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id)
    top = add_department(session, scope=scope, name="Top", by_id=None)
    child = add_department(session, scope=scope, name="Child", parent_id=top.id, by_id=None)
    with pytest.raises(DepartmentInUse):
        remove_department(session, scope=scope, department_id=top.id, by_id=None)

    leads = add_member(
        session,
        person=world.ours.leader,
        municipality=world.ours.municipality,
        role=Role.LEADER,
        by_id=None,
        department_id=child.id,
    )
    assert leaders_by_department(session, scope) == {child.id: 1}
    with pytest.raises(DepartmentInUse):
        remove_department(session, scope=scope, department_id=child.id, by_id=None)

    leads.ended_at = leads.created_at
    session.flush()
    session.expire_all()
    remove_department(session, scope=scope, department_id=child.id, by_id=None)
    remove_department(session, scope=scope, department_id=top.id, by_id=None)

    noted = select(AuditEvent.kind).where(AuditEvent.kind.like("organisations.department.%")).order_by(AuditEvent.id)
    assert [kind.rsplit(".", 1)[1] for kind in session.scalars(noted)] == ["added", "added", "removed", "removed"]


@pytest.mark.parametrize("is_below", [True, False])
def test_learners_without_a_seat_keep_no_department_alive(session, world: World, *, is_below: bool) -> None:
    """No page could move them: they belong to the department above, if there is one."""
    side, scope = world.ours, MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id)
    top = add_department(session, scope=scope, name="Top", by_id=None) if is_below else None
    old = add_department(session, scope=scope, name="Old", parent_id=top.id if top else None, by_id=None)
    seat = side.seat(session)
    place_seats(session, scope=scope, seat_ids=[seat.id], department_id=old.id, by_id=side.buyer.id)
    take_back_seat(session, scope=scope, seat_id=seat.id, by_id=side.buyer.id)

    remove_department(session, scope=scope, department_id=old.id, by_id=side.buyer.id)

    learning = select(Membership).where(Membership.person_id == side.learner.id, Membership.role == Role.LEARNER)
    session.expire_all()
    assert session.scalars(learning).one().departments == ([top] if top else [])
    restored = undo_take_back(session, scope=scope, seat_id=seat.id, by_id=side.buyer.id)
    assert (restored.person_id, restored.department_id) == (side.learner.id, None)


def test_seats_count_where_their_holders_work(session, world: World) -> None:
    side, theirs = world.ours, world.theirs
    scope = MunicipalityScope(side.municipality.id, side.buyer.id)
    school = add_department(session, scope=scope, name="School", by_id=None)
    side.seat(session).department_id = school.id
    side.seat(session, side.invited).department_id = school.id
    session.flush()

    assert seats_by_department(session, scope) == {school.id: 2}
    assert hanging_on(session, scope, school.id).seats == 2
    assert seats_by_department(session, MunicipalityScope(theirs.municipality.id, None)) == {}
    assert hanging_on(session, MunicipalityScope(theirs.municipality.id, None), school.id).seats == 0


@st.composite
def trees(draw: st.DrawFn) -> dict[int, int | None]:
    size = draw(st.integers(1, 12))
    return {child: draw(st.sampled_from([None, *range(child)])) for child in range(size)}


@given(tree=trees(), data=st.data())
def test_sums_count_everything_below_once(tree: dict[int, int | None], data: st.DataObject) -> None:
    own = {each: data.draw(st.integers(0, 9)) for each in tree}

    assert sums(tree, own) == {each: sum(own[one] for one in below(tree, [each])) for each in tree}
