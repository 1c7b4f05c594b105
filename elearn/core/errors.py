"""Named refusals. A service raises one; a screen turns it into a sentence."""


class DomainError(Exception):
    """A rule of the product said no. Subclasses name the rule."""


class NotFound(DomainError):
    """The thing does not exist, or not for whoever asks: both are answered alike (404)."""


class Away(DomainError):
    """A service that is needed does not answer now; trying again later helps (503)."""


class TooManyAttempts(DomainError):
    """A limit was reached; `retry_after_s` says when it opens again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s
