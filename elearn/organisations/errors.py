"""Refusals about municipalities, departments and who manages them."""

from elearn.core.errors import DomainError


class DepartmentNameTaken(DomainError):
    """The municipality has a department of this name already."""


class DepartmentBelowItself(DomainError):
    """A department cannot lie under itself, nor under one that lies below it."""


class DepartmentInUse(DomainError):
    """Departments lie below it, or people belong to it."""


class LastBuyer(DomainError):
    """Nobody would be left who manages the municipality's seats."""


class SamePerson(DomainError):
    """Nobody hands over to themselves."""


class NumberHasOtherLength(DomainError):
    """A number has too few or too many digits."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.digits = digits


class NumberNotValid(DomainError):
    """A number has letters in it, or its check digit does not fit."""


class NumberTaken(DomainError):
    """The number is there already."""
