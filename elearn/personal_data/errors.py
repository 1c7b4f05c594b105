"""Refusals of deletion and departure."""

from elearn.core.errors import DomainError


class LastOperator(DomainError):
    """Nobody else is a buyer or owner there; the message names the places. Hand over first."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(", ".join(places))
        self.places = places


class WrongDay(DomainError):
    """A departure's day has to lie between tomorrow and 30 days from today."""


class AlreadyLeaving(DomainError):
    """The municipality's departure has been started already."""
