"""`elearn jobs …`."""

import click

from elearn.core.installation import Installation
from elearn.jobs import queue, worker


@click.group()
def jobs() -> None:
    """Background work."""


of_queues = click.option(
    "--queue",
    "names",
    multiple=True,
    type=click.Choice(queue.APART),
    help="Only these jobs, which others leave; may be repeated.",
)


@jobs.command()
@of_queues
@click.pass_obj
def work(installation: Installation, names: tuple[str, ...]) -> None:
    """Run jobs and periodic tasks until stopped."""
    worker.work_until_signalled(installation, names)


@jobs.command("run-due")
@of_queues
@click.pass_obj
def run_due(installation: Installation, names: tuple[str, ...]) -> None:
    """Run what is due now, then stop."""
    run = sum(queue.run_due(installation, queue=name) for name in names or (None,))
    click.echo(f"{run} jobs run")
