"""`elearn billing …`."""

import click

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
