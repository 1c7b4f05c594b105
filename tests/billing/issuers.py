"""Somebody who issues invoices and credit notes, and often changes their mind in the middle.

Used by test_number_race.py, in threads and as processes of their own: `python -m tests.billing.issuers <JSON>`.
"""

import json
import random
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from elearn.billing.einvoice import rules
from elearn.billing.errors import AlreadyInvoiced
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.scope import HouseScope
from tests.conftest import settings_in


class ChangedMind(Exception):
    """Raised after a number was taken: everything is undone."""


@dataclass(frozen=True)
class Errand:
    """What an issuer has to do."""

    folder: str
    database: str
    house_id: int
    owner_id: int
    order_ids: list[int]
    seed: int
    changes: float
    """How often, of 1, a mind is changed."""

    def told(self) -> str:
        return json.dumps(asdict(self))


def run(installation: Installation, errand: Errand) -> int:
    """Invoice every order and credit a seat of each, until it is done; return how often it was undone."""
    dice = random.Random(errand.seed)
    scope = HouseScope(errand.house_id, errand.owner_id)
    todo, undone = list(errand.order_ids), 0
    dice.shuffle(todo)
    while todo:
        order_id = todo.pop(0)
        try:
            with installation.database.transaction() as session:
                issue_invoice(session, scope=scope, order_id=order_id, by_id=errand.owner_id)
                if dice.random() < errand.changes:
                    raise ChangedMind
            with suppress(AlreadyInvoiced), installation.database.transaction() as session:
                credit_invoice(
                    session,
                    scope=scope,
                    order_id=order_id,
                    seats=1,
                    reason="",
                    form_key=f"{order_id}-{errand.seed}",
                    by_id=errand.owner_id,
                )
                if dice.random() < errand.changes:
                    raise ChangedMind
        except ChangedMind:
            undone += 1
            todo.append(order_id)
    return undone


def main() -> None:
    errand = Errand(**json.loads(sys.argv[1]))
    installation = Installation(settings_in(Path(errand.folder)))
    installation.database = Database(errand.database)
    rules.prepare()  # as the job does, before it begins a transaction
    sys.stdout.write(str(run(installation, errand)))


if __name__ == "__main__":
    main()
