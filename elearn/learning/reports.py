"""What a player sends: checked and turned into plain values."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from elearn.learning.errors import BadReport

MAX_RANGES = 500
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
TOLERANCE_S = 1.0
"""A container's duration and its last frame may differ by this much."""


class WatchReport(BaseModel):
    """One report of what was played."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    claims: Annotated[str, Field(min_length=1, max_length=2000)]
    """The signed ticket the seconds were played under."""
    id: Annotated[str, Field(min_length=1, max_length=64)]
    """The player's own name for the report; returned, so that it can be taken off the queue."""
    seq: Annotated[int, Field(ge=0, lt=2**53)]
    ranges: Annotated[list[tuple[Seconds, Seconds]], Field(max_length=MAX_RANGES)]
    position: Seconds
    ended: bool = False

    @model_validator(mode="after")
    def _run_forwards(self) -> "WatchReport":
        if any(end < begin for begin, end in self.ranges):
            raise ValueError("a range ends before it begins")
        return self

    def check_within(self, length_s: int) -> None:
        """Refuse places beyond the film. Raises `BadReport`."""
        furthest = max([self.position, *(end for _begin, end in self.ranges)])
        if furthest > length_s + TOLERANCE_S:
            raise BadReport(f"{furthest:g} s lies beyond the film's {length_s} s")


class TicketRequest(BaseModel):
    """A player asking to go on."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    claims: Annotated[str, Field(max_length=2000)] | None = None
    """The claims it holds already, so that it stays the same player."""
    language: Annotated[str, Field(max_length=8)] = ""
    """The spoken language wanted."""


def read_report(body: bytes) -> WatchReport:
    """Read a report. Raises `BadReport` with the reason."""
    try:
        return WatchReport.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadReport(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


def read_ticket_request(body: bytes) -> TicketRequest:
    """Read a player's request. Raises `BadReport`."""
    try:
        return TicketRequest.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise BadReport("the request is not understood") from error
