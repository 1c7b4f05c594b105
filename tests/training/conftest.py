"""What the tests of rules share."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.queries import CourseOutline
from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.jobs import schedule
from elearn.jobs.queue import run_due
from elearn.jobs.schedule import run_periodic
from elearn.learning.models import Completion
from elearn.mail.models import Letter
from elearn.organisations.models import Department, Municipality, Role
from elearn.organisations.services import add_member
from elearn.training.models import RuleKind, TrainingDue, TrainingRule
from elearn.training.services import start_rule
from elearn.training.services.rules import Wish
from tests.conftest import TestClock
from tests.world import Side, World, _person, add_learner


@dataclass
class Training:
    """A municipality with rules, and time in the test's hand."""

    session: Session
    installation: Installation
    side: Side
    clock: TestClock

    @property
    def scope(self) -> MunicipalityScope:
        return MunicipalityScope(self.side.municipality.id, self.side.buyer.id)

    @property
    def course(self) -> CourseOutline:
        return self.side.outline(self.session)

    def wish(self, kind: RuleKind = RuleKind.JOINER, **changed: object) -> Wish:
        fields: dict[str, object] = {"kind": kind, "department_id": None, "within_days": 14}
        if kind is RuleKind.REFRESHER:
            fields |= {"after_months": 12, "modules": [self.course.modules[0].key], "within_days": 30}
        return Wish(**(fields | changed))  # type: ignore[arg-type]  # plain values of the right kinds

    def rule(self, kind: RuleKind = RuleKind.JOINER, **changed: object) -> TrainingRule:
        found = start_rule(self.session, scope=self.scope, course=self.course, wish=self.wish(kind, **changed))
        self.session.commit()
        return found

    def joins(self, name: str, *departments: Department) -> Person:
        """Somebody becomes a learner of the municipality, without a seat, as an HR system would say it."""
        person = _person(self.session, name, f"{name.lower()}@work.example")
        for department in departments or (None,):
            add_member(
                self.session,
                person=person,
                municipality=self.municipality,
                role=Role.LEARNER,
                by_id=None,
                department_id=department.id if department else None,
            )
        self.session.commit()
        return person

    def seated(self, name: str) -> Person:
        """Somebody with a claimed seat in the course."""
        person = add_learner(self.session, self.installation, self.side.licence, name)
        self.session.commit()
        return person

    def completes(self, person: Person) -> None:
        self.session.add(
            Completion(
                person_id=person.id,
                course_id=self.side.course.id,
                course_version_id=self.course.version_id,
                completed_at=product_clock.now(),
            )
        )
        self.session.commit()

    def department(self, name: str, parent: Department | None = None) -> Department:
        made = Department(
            municipality_id=self.municipality.id,
            parent_id=parent.id if parent else None,
            name=name,
            name_key=name.casefold(),
        )
        self.session.add(made)
        self.session.commit()
        return made

    @property
    def municipality(self) -> Municipality:
        return self.session.get_one(Municipality, self.side.municipality.id)

    def hour(self) -> None:
        """Run what a worker runs every hour of training."""
        self.session.commit()
        run_periodic(self.installation)
        while run_due(self.installation):
            pass
        self.session.expire_all()

    def pass_days(self, days: int) -> None:
        """Let days go by, the worker at work on each."""
        for _day in range(days):
            self.clock.advance(days=1)
            self.hour()

    def dues(self, person: Person | None = None) -> list[TrainingDue]:
        found = select(TrainingDue).order_by(TrainingDue.due_on, TrainingDue.id)
        if person is not None:
            found = found.where(TrainingDue.person_id == person.id)
        return list(self.session.scalars(found))

    def days(self, person: Person) -> list[date]:
        return [due.due_on for due in self.dues(person)]

    def letters(self, person: Person, kind: str = "training/reminder") -> list[Letter]:
        found = select(Letter).where(Letter.recipient == person.address, Letter.kind == kind).order_by(Letter.id)
        return list(self.session.scalars(found))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def days(number: int) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def training(
    session: Session, installation: Installation, world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> Training:
    clock.advance(hours=1)  # the people of the world were here before any rule
    # Hundreds of days pass here, and what else a worker does on each has tests of its own.
    mine = {name: task for name, task in schedule._tasks.items() if name.startswith(("training.", "licensing.remind"))}
    monkeypatch.setattr(schedule, "_tasks", mine)
    return Training(session, installation, world.ours, clock)
