"""Refusals of sign-in and accounts."""

from enum import StrEnum

from elearn.core.errors import DomainError


class NotAnAddress(DomainError):
    """What was written is no e-mail address."""


class LinkNotValid(DomainError):
    """The link has been used, is too old, or was never ours."""


class WrongPassword(DomainError):
    """Address and password do not belong together, or the person has no password: nobody is told which."""


class PasswordRefused(DomainError):
    """A new password is too easy to guess; `fault` says how."""

    def __init__(self, fault: "PasswordFault") -> None:
        super().__init__(fault)
        self.fault = fault


class PasswordFault(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    """Little is left of it without the words that everybody tries first."""
    CLOSE = "close"
    """Little is left of it without the person's own name, address and workplace."""


class CodeNotValid(DomainError):
    """The authenticator app's code is wrong, too old, or has been used."""


class PasskeyNotValid(DomainError):
    """The browser's answer proves no passkey of this person."""


class FactorExists(DomainError):
    """An authenticator app, or this very passkey, is there already."""


class SignInEnded(DomainError):
    """The browser was signed out while it asked."""
