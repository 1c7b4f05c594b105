"""The log: plain lines or JSON, and in neither what people wrote or who they are.

An exception is told by its kind and its places in the code: its message may repeat what somebody sent. Addresses and
query strings are taken out of messages.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

PLAIN, JSON = "plain", "json"
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Tells which lines belong to one request; '' outside of requests."""

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'>]*=[^\s\"'>]*")
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def set_up(shape: str) -> None:
    """Have warnings and errors of this process written to its error output, where the service's log is."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if shape == JSON else PlainLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class PlainLines(logging.Formatter):
    """A line to be read by people, and the places of an exception below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Write the line."""
        record.message = without_people(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's name
        """Write what stands below it."""
        return told(ei)


class JsonLines(logging.Formatter):
    """A JSON object per line, for whoever gathers logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_people(record.getMessage()),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if record.exc_info:
            line["exception"] = told(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def without_people(message: str) -> str:
    """Return a message without addresses and query strings."""
    return _QUERY.sub("?…", _ADDRESS.sub("…@…", message))


def told(raised: _Raised) -> str:
    """Return where an exception was raised and of which kind it is; of the system's errors also what they say."""
    kind, error, trace = raised
    if kind is None:
        return ""
    said = f": {error.strerror}" if isinstance(error, OSError) and error.errno else ""
    return "".join(["Traceback:\n", *traceback.format_tb(trace), f"{kind.__module__}.{kind.__qualname__}{said}"])
