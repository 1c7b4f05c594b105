"""Values for the variables of URLs: ours, theirs and nobody's, so that every route can be driven."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from elearn.accounts.models import Person
from elearn.app import Elearn
from elearn.core import clock
from elearn.core.installation import Installation
from tests.rules.values import Values, values_of
from tests.world import World, latest_token

NOWHERE = 999_999
SECRETS = {"occasion_code", "token", "code", "name", "key", "join_code", "joining_token", "quote_code", "order_token"}
"""Variables that nobody else knows: who has one may use it, so 'theirs' is no wrong value."""


@dataclass
class Field:
    """The world, and a value per variable name on either side of it."""

    app: Elearn
    world: World
    ours: Values
    theirs: Values

    def fill(self, rule: Rule, values: Values) -> str:
        """Return the rule's path with values. An unknown variable is a failure: the new route must be driven too."""
        for name in rule.arguments:
            assert name in values, f"{rule.rule}: give '{name}' a value in tests/rules/values.py"
        adapter = self.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})

    def foreign(self, rule: Rule) -> Iterator[str]:
        """Yield the rule's paths for us with at least one of their values: all theirs, and every mixture."""
        names = sorted(rule.arguments - SECRETS)
        for sides in product((self.ours, self.theirs), repeat=len(names)):
            chosen = {name: side[name] for name, side in zip(names, sides, strict=True)}
            if chosen != {name: self.ours[name] for name in names}:
                yield self.fill(rule, self.ours | chosen)

    def nowhere(self, rule: Rule) -> str:
        """Return the rule's path with values that nobody has."""
        missing: Values = {name: NOWHERE if isinstance(value, int) else "nowhere" for name, value in self.ours.items()}
        return self.fill(rule, missing | {name: self.ours[name] for name in rule.arguments & SECRETS})


def make_field(app: Elearn, session: Session, world: World) -> Field:
    installation: Installation = app.extensions["elearn"]
    token = latest_token(session, installation)
    for side in (world.ours, world.theirs):
        session.get_one(Person, side.invited.id).leave_page_explained_at = clock.now()
    return Field(
        app,
        world,
        ours=values_of(session, world.ours, token, installation.tokens),
        theirs=values_of(session, world.theirs, token, installation.tokens),
    )


def routes(app: Elearn) -> Iterator[tuple[Rule, str]]:
    """Yield every route with each of its methods."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method
