"""Choosing a municipality by name: the public list, as it is written in forms and read back from them."""

from collections import Counter
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.billing.errors import UnknownMunicipality
from elearn.core.scope import PersonScope
from elearn.organisations.models import Municipality, Role
from elearn.organisations.queries import municipalities_as


class Choice:
    """The municipalities that somebody may order for, each under a name that no other has."""

    def __init__(self, session: Session, *, house_id: int | None = None, person_id: int | None = None) -> None:
        """Read the public list, and the bodies that a course house added and a signed-in person buys for."""
        listed = session.scalars(
            select(Municipality)
            .where(Municipality.course_house_id.is_(None))
            .order_by(Municipality.name, Municipality.id)
        )
        found = {municipality.id: municipality for municipality in listed}
        if person_id is not None:
            mine = municipalities_as(session, PersonScope(person_id), Role.BUYER)
            found.update({each.id: each for each in mine if each.course_house_id in (None, house_id)})
        self._all = list(found.values())
        self._twice = {name for name, times in Counter(each.official_name for each in self._all).items() if times > 1}
        self._by_name = {_key(self.written(each)): each for each in self._all}
        short = Counter(_short(each) for each in self._all)
        for each in self._all:
            if short[_short(each)] == 1:
                self._by_name.setdefault(_short(each), each)

    def written(self, municipality: Municipality) -> str:
        """Return how a municipality is written in a form: its official name, with its number where two share it."""
        name = municipality.official_name
        return f"{name} ({municipality.code})" if name in self._twice else name

    def names(self, countries: set[str]) -> list[str]:
        """Return the names to choose from."""
        return [self.written(each) for each in self._all if each.country in countries]

    def has(self, municipality: Municipality) -> bool:
        """Return whether a municipality may be chosen."""
        return municipality in self._all

    def find(self, typed: str) -> Municipality:
        """Return the municipality that is called so, however it is capitalised. Raises `UnknownMunicipality`."""
        found = self._by_name.get(_key(typed)) or self._by_name.get(_key(typed).removesuffix(" kommune"))
        if found is not None:
            return found
        near = get_close_matches(_key(typed), self._by_name, n=3, cutoff=0.6)
        beginning = [key for key in self._by_name if key.startswith(_key(typed))][:3]
        shown = dict.fromkeys(self.written(self._by_name[key]) for key in [*beginning, *near])
        raise UnknownMunicipality(list(shown)[:3])


def _short(municipality: Municipality) -> str:
    """Return the name as people type it: without 'Kommune'."""
    return _key(municipality.name).removesuffix(" kommune")


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
