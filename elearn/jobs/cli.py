"""`elearn jobs …`."""

import click

from elearn.core.installation import Installation
from elearn.jobs import queue, worker


@click.group()
def jobs() -> None:
    """Background work."""


of_queue = click.option("--queue", "name", type=click.Choice(queue.APART), help="Only these jobs, which others leave.")


@jobs.command()
@of_queue
@click.pass_obj
def work(installation: Installation, name: str | None) -> None:
    """Run jobs and periodic tasks until stopped."""
    worker.work_until_signalled(installation, name)


@jobs.command("run-due")
@of_queue
@click.pass_obj
def run_due(installation: Installation, name: str | None) -> None:
    """Run what is due now, then stop."""
    click.echo(f"{queue.run_due(installation, queue=name)} jobs run")
