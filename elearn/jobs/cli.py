"""`elearn jobs …`."""

import click

from elearn.core.installation import Installation
from elearn.jobs import queue, worker


@click.group()
def jobs() -> None:
    """Background work."""


@jobs.command()
@click.pass_obj
def work(installation: Installation) -> None:
    """Run jobs and periodic tasks until stopped."""
    worker.work_until_signalled(installation)


@jobs.command("run-due")
@click.pass_obj
def run_due(installation: Installation) -> None:
    """Run what is due now, then stop."""
    click.echo(f"{queue.run_due(installation)} jobs run")
