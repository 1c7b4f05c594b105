"""Refusals of feedback."""

from enum import StrEnum

from elearn.core.errors import DomainError


class Fault(StrEnum):
    """What is wrong with one answer."""

    MISSING = "missing"
    NOT_AN_ANSWER = "not an answer"
    """It is none of those the question offers."""
    TOO_LONG = "too long"
    TOO_MANY = "too many"
    TOO_SMALL = "too small"
    TOO_LARGE = "too large"
    NAMES_A_NUMBER = "names a number"
    """A text holds a personal number, a telephone number or an address."""


class BadAnswer(DomainError):
    """One answer cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class BadAnswers(DomainError):
    """Some answers of a form cannot be taken; nothing was stored."""

    def __init__(self, faults: dict[str, Fault]) -> None:
        super().__init__(", ".join(f"{question}: {fault}" for question, fault in faults.items()))
        self.faults = faults
        """By question id."""


class AlreadyAnswered(DomainError):
    """The person has answered this form in this round."""


class FormClosed(DomainError):
    """The form takes no answers: its round is closed, or it was retired."""


class FormChanged(DomainError):
    """A new version may not change who a form asks, when, or whether it is anonymous: that takes a new form."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a new version may not change {what}; write a new form with an id of its own")
        self.what = what


class QuestionChanged(DomainError):
    """A question's answers can no longer be counted with those to earlier versions of the form."""

    def __init__(self, question: str, loc: tuple[str | int, ...], version: int) -> None:
        super().__init__(
            f"the question '{question}' took other answers in version {version}; give the new one an id of its own"
        )
        self.question = question
        self.loc = loc
        """Where its id stands in the form."""
        self.version = version


class ComparedTooLate(DomainError):
    """A question was answered in the open round before another form asked it, too: those answers make no pairs."""

    def __init__(self, question: str, loc: tuple[str | int, ...]) -> None:
        super().__init__(
            f"the question '{question}' has been answered while no other form asked it; "
            "give the new one an id of its own, or wait for the next round"
        )
        self.question = question
        self.loc = loc
        """Where its id stands in the form."""


class FormExists(DomainError):
    """The course has a form, or the draft of one, under this id."""


class FormNotReady(DomainError):
    """A draft breaks rules, and was not published."""


class NotInTheAudience(DomainError):
    """The form does not ask people in this role."""
