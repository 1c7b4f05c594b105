"""`elearn demo …`: one tool that makes fields of any size, for `make run`, tests, benches and screenshots."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select

from elearn.catalogue.models import Course
from elearn.core.installation import Installation
from elearn.evaluation.services import release_and_publish
from elearn.feedback.models import FeedbackBatch, FeedbackRound
from elearn.home import demo_data, demo_feedback, demo_field, demo_films
from elearn.jobs.queue import run_due


@click.group()
def demo() -> None:
    """Made-up people, licences and progress."""


@demo.command()
@click.pass_obj
def houses(installation: Installation) -> None:
    """Add the demo's course houses and their owners."""
    with installation.database.transaction() as session:
        demo_data.make_houses(session)


@demo.command()
@click.pass_obj
def films(installation: Installation) -> None:
    """Draw the sample courses' films and package them, with manifests of their own beside the data."""
    for film in demo_films.make(installation):
        click.echo(f"  {film.name}: {film.seconds:.1f} s{'' if film.made else ' (there already)'}")


@demo.command()
@click.pass_obj
def courses(installation: Installation) -> None:
    """Publish the sample courses, each in its course house."""
    for version in demo_films.publish(installation):
        click.echo(f"  {version}")


@demo.command()
@click.pass_obj
def people(installation: Installation) -> None:
    """Add the demo's houses, people, licences and progress around the sample course. Again changes nothing."""
    with _timed("demo people"):
        demo_data.make(installation)
        run_due(installation)


@demo.command()
@click.option("--people", "count", default=1000, show_default=True, help="How many learners to add.")
@click.option("--films", default=6, show_default=True, help="How many films each has begun.")
@click.option("--seed", default=1, show_default=True)
@click.option("--course", "slug", help="The course; the only one when not named.")
@click.pass_obj
def field(installation: Installation, count: int, films: int, seed: int, slug: str | None) -> None:
    """Add many learners with seats and progress, fast; the same seed gives the same field."""
    with _timed("demo field"):
        made = demo_field.fill(installation, people=count, films=films, seed=seed, slug=slug)
    click.echo(f"{made.people} people, {made.seats} seats, {made.progress} rows of progress")


@demo.command()
@click.option("--seed", default=1, show_default=True)
@click.option("--course", "slug", default="tid-til-at-svare", show_default=True)
@click.pass_obj
def feedback(installation: Installation, seed: int, slug: str) -> None:
    """Add half a year of feedback from five test municipalities, released week by week. Again changes nothing."""
    with _timed("demo feedback"), installation.database.transaction() as session:
        found = select(FeedbackRound).join(Course).where(Course.slug == slug, FeedbackRound.closed_at.is_(None))
        round_ = session.scalar(found)
        if round_ is None:
            raise click.ClickException(f"{slug} asks nothing: publish the course with its forms first.")
        if session.scalar(select(FeedbackBatch.id).where(FeedbackBatch.round_id == round_.id).limit(1)):
            return
        click.echo(
            f"{demo_feedback.make(session, installation.tokens, round_=round_, seed=seed)} responses; what is true:"
        )
        for (form, question), change in demo_feedback.true_changes(session, round_).items():
            click.echo(f"  {form}, {question}: {change:+.3f}")


@demo.command()
@click.pass_obj
def release(installation: Installation) -> None:
    """Release every open round's answers now, without waiting for Monday."""
    with installation.database.transaction() as session:
        for round_ in session.scalars(select(FeedbackRound).where(FeedbackRound.closed_at.is_(None))):
            release_and_publish(session, round_)
    run_due(installation)


@demo.command()
@click.pass_obj
def stripe(installation: Installation) -> None:
    """Play Stripe for the demo until stopped; `elearn serve` starts it. Its dashboard is on the next port."""
    from elearn.billing.stand_in.server import serve_until_stopped

    if not installation.settings.has_stripe_stand_in:
        raise click.ClickException("Only the demo has a stand-in: set ELEARN_DEMO=1 and no ELEARN_STRIPE_KEY.")
    serve_until_stopped(installation.settings)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    click.echo(f"{what}: {time.monotonic() - begun:.1f} s")
