"""Whether the published intervals hold the truth: made-up fields of five municipalities, over many seeds.

`python -m bench.effects [seeds] [first]`. Every field is answered, released week by week, taken in and published; the
interval is the one in the published table. Also printed: which tables are shown, of those with enough answers.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.places import SECRET
from elearn.catalogue.models import Course
from elearn.config import Settings
from elearn.core import migrations
from elearn.core.content_files import read_file
from elearn.core.installation import Installation
from elearn.evaluation.figures import Figure, figures_of
from elearn.evaluation.models import PublishedTable, TableKind
from elearn.evaluation.services import publish_tables, take_in
from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackForm, FeedbackRound, ReleasedAnswer, VersionSource
from elearn.feedback.services import releasing
from elearn.feedback.services.publishing import open_round, publish_form
from elearn.home import demo_feedback
from elearn.organisations.models import CourseHouse, Municipality
from elearn.organisations.reference import load_reference_data

FORMS = Path(__file__).parent.parent / "courses" / "tid-til-at-svare" / "forms"
FORMS_SHOWN = ("after", "practice")
SEEDS = 200
WANTED = (0.92, 0.98)
ENOUGH = {TableKind.ALL: 10, TableKind.MUNICIPALITY: 20, TableKind.SECTOR: 10}
"""From so many answers on, a table has to be shown."""


def installation(folder: str) -> Installation:
    """Return a new installation on SQLite with tables and municipalities."""
    found = Installation(Settings.from_environment({"ELEARN_DATA": folder, "ELEARN_SECRET_KEY": SECRET}))
    migrations.upgrade(found.database)
    with found.database.transaction() as session:
        load_reference_data(session)
    return found


def open_course(session: Session) -> FeedbackRound:
    """Return the open round of a new course that asks what the sample course asks."""
    house = CourseHouse(slug="bench", name="Bench", country="DK", email="bench@example.com")
    course = Course(course_house=house, slug="bench")
    session.add(course)
    session.flush()
    for path in sorted(FORMS.glob("*.yaml")):
        form = read_file(path, FormFile).value
        publish_form(session, course=course, form=form, source=VersionSource.FILE, by=None)
    found = open_round(session, course)
    assert found
    return found


def field(session: Session, held: Installation, round_: FeedbackRound, seed: int) -> None:
    """Have a made-up field answer, release it week by week, and publish what was taken in by the last."""
    towns = list(session.scalars(select(Municipality.id).order_by(Municipality.id).limit(demo_feedback.TOWNS)))
    people = demo_feedback.people(towns, seed)
    made = demo_feedback.waves(session, held.tokens, round_=round_, respondents=people, seed=seed)
    for week in made.weeks:
        demo_feedback.hand_in(session, made, week)
        batch = releasing.release(session, round_=round_)
        take_in(session, round_, batch)
    publish_tables(session, round_, batch)


def published(session: Session, round_: FeedbackRound) -> dict[tuple[str, str], list[Figure]]:
    """Return the published figures by kind of table and key."""
    tables = session.scalars(select(PublishedTable).where(PublishedTable.round_id == round_.id))
    return {(table.kind, table.key): figures_of(table.content) for table in tables if table.kind != TableKind.RATES}


def shown(session: Session, round_: FeedbackRound) -> Counter[tuple[str, bool]]:
    """Count, by kind of table, the staff's questions that are and that are not shown though enough was released."""
    answer = ReleasedAnswer
    keys = {TableKind.ALL: None, TableKind.MUNICIPALITY: answer.municipality_id, TableKind.SECTOR: answer.sector}
    tables = published(session, round_)
    there = {
        (kind, key, figure.form, figure.question, figure.item)
        for (kind, key), figures in tables.items()
        for figure in figures
    }
    with_means = {(each.form, each.question) for each in tables[TableKind.ALL, ""] if each.mean or each.change}
    found: Counter[tuple[str, bool]] = Counter()
    for kind, column in keys.items():
        columns = (FeedbackForm.key, answer.question, answer.item, *([] if column is None else [column]))
        rows = session.execute(
            select(func.count(), *columns)
            .join(FeedbackForm, FeedbackForm.id == answer.form_id)
            .where(
                answer.round_id == round_.id, answer.audience == "staff", FeedbackForm.key.in_(["after", "practice"])
            )
            .group_by(*columns)
            .having(func.count() >= ENOUGH[kind])
        )
        for _, form, question, item, *key in rows:
            if kind == TableKind.SECTOR and (form, question) not in with_means:
                continue  # sectors have means only, and not every question has one
            found[kind, (kind, str(key[0]) if key else "", form, question, item) in there] += 1
    return found


def main() -> int:
    """Print coverage and what is shown; return 1 when either is not as promised."""
    seeds, first = (int(given) for given in [*sys.argv[1:3], *(SEEDS, 1)[len(sys.argv[1:3]) :]])
    held_truth: Counter[str] = Counter()
    cells: Counter[tuple[str, bool]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        held = installation(folder)
        with held.database.transaction() as session:
            round_id = open_course(session).id
        for seed in range(first, first + seeds):
            with held.database.writer() as session:
                round_ = session.get_one(FeedbackRound, round_id)
                field(session, held, round_, seed)
                truth = demo_feedback.true_changes(session, round_)
                for figure in published(session, round_)[TableKind.ALL, ""]:
                    change = figure.change and figure.change.change
                    if change and figure.audience == "staff":
                        held_truth[figure.question] += change.low <= truth[figure.form, figure.question] <= change.high
                cells += shown(session, round_)
                session.rollback()
            if seed % 20 == 0:
                print(f"  {seed} fields: {dict(held_truth)}", file=sys.stderr, flush=True)
    coverage = {question: count / seeds for question, count in held_truth.items()}
    for question, share in coverage.items():
        print(f"{question}: the published 95 % interval holds the true change in {share:.1%} of {seeds} fields")
    for kind in ENOUGH:
        all_cells = cells[kind, True] + cells[kind, False]
        print(f"{kind}: {cells[kind, True]} of {all_cells} cells with {ENOUGH[kind]} or more answers are shown")
    is_kept = all(WANTED[0] <= share <= WANTED[1] for share in coverage.values()) and len(coverage) == 3
    return 0 if is_kept and not any(cells[kind, False] for kind in ENOUGH) else 1


if __name__ == "__main__":
    sys.exit(main())
