"""`elearn billing …`."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.installation import Installation


@click.group()
def billing() -> None:
    """Orders and their payment."""


@billing.command()
@click.pass_obj
def reconcile(installation: Installation) -> None:
    """Compare what Stripe knows with what the books say, settle what a lost webhook missed, and print it."""
    from elearn.billing.errors import PaymentServiceAway, PaymentsNotSetUp
    from elearn.billing.stripe_asking import reconcile as compare

    try:
        found = compare(installation)
    except PaymentsNotSetUp:
        raise click.ClickException("Cards are not taken here: ELEARN_STRIPE_KEY is not set.") from None
    except PaymentServiceAway as away:
        raise click.ClickException(f"Stripe did not answer ({away}). Try again later.") from None
    for words, ids in (
        ("event whose webhook was lost, handled now", found.events),
        ("payment whose news was lost, settled now", found.sessions),
        ("paid session that no order's books hold: look at it", found.unmatched),
    ):
        for each in ids:
            click.echo(f"{each}: {words}")
    click.echo(f"{found.number} differences")


@billing.command()
@click.option("--after", "last", type=int, help="The last number that was given out before a backup was put back.")
@click.option("--house", "slug", help="The course house; needed when several sell.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def numbers(installation: Installation, last: int | None, slug: str | None, *, yes: bool) -> None:
    """Say what number each house's next invoice gets; with --after, leave out those given out already.

    After a backup was put back: docs/backup.md.
    """
    from elearn.billing import numbering
    from elearn.billing.errors import NumbersGivenOut

    if last is not None:
        with installation.database.reader() as session:
            house_id, following = _seller(session, slug)
        if last < following:
            raise click.ClickException(f"The next number is {following} already.")
        if not yes:
            asked = f"{following} to {last} will never be given out here. Are those invoices in your bookkeeping?"
            click.confirm(asked, abort=True)
        try:
            with installation.database.transaction() as session:
                numbering.leave_out(session, house_id=house_id, following=following, last=last)
        except NumbersGivenOut:
            raise click.ClickException("A number was given out meanwhile. Look again.") from None
    with installation.database.reader() as session:
        for slug_of, number in numbering.following(session):
            click.echo(f"The next invoice of {slug_of} gets the number {number}.")


def _seller(session: Session, slug: str | None) -> tuple[int, int]:
    """Return the one house that is meant, and its next serial."""
    from elearn.billing.models import Seller

    sellers = [each for each in session.scalars(select(Seller)) if slug in (None, each.course_house.slug)]
    if len(sellers) != 1:
        raise click.ClickException("Say which house: --house." if sellers else "No such house sells anything.")
    return sellers[0].course_house_id, sellers[0].next_serial
