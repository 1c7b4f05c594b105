"""The log holds nobody's data, and as JSON each line can be read by a program."""

import json
import logging
import sys
from dataclasses import replace

import pytest

from elearn.core import logs
from elearn.core.logs import JsonLines, PlainLines


def line(message: str, *values: object, raised: BaseException | None = None) -> logging.LogRecord:
    exc_info = None
    if raised is not None:
        try:
            raise raised
        except BaseException:
            exc_info = sys.exc_info()
    return logging.LogRecord("elearn.test", logging.ERROR, __file__, 1, message, values, exc_info)


@pytest.mark.parametrize("formatter", [PlainLines(), JsonLines()])
@pytest.mark.parametrize(
    ("message", "value", "secret"),
    [
        ("refused: %s", "550 <mette@x.example> unknown", "mette"),
        ("refused: %s", "smtp://user:word@mail.example", "word"),
        ("away: %s", "https://x.example/sign-in?token=abc&next=/", "abc"),
        ("a line that", "bo.hansen+1@x.example, and another", "bo.hansen"),
    ],
)
def test_addresses_and_query_strings_are_taken_out(formatter, message: str, value: str, secret: str) -> None:
    said = formatter.format(line(message if "%" in message else f"{message} %s", value))

    assert secret not in said
    assert "…" in said


@pytest.mark.parametrize("formatter", [PlainLines(), JsonLines()])
def test_an_exception_is_told_without_what_it_repeats(formatter) -> None:
    said = formatter.format(line("failed", raised=ValueError("Mette Madsen, Favrskov")))

    assert "Mette" not in said
    assert "builtins.ValueError" in said
    assert "test_logs.py" in said


def test_what_the_system_says_is_kept() -> None:
    assert "No space left on device" in PlainLines().format(line("x", raised=OSError(28, "No space left on device")))


def test_json_is_one_line_that_can_be_read() -> None:
    said = JsonLines().format(line("two\nlines of %s", "æ", raised=KeyError("x")))

    assert "\n" not in said
    read = json.loads(said)
    assert (read["level"], read["logger"], read["message"]) == ("ERROR", "elearn.test", "two\nlines of æ")
    assert read["time"].endswith("+00:00")


@pytest.mark.parametrize(("proxies", "taken"), [(1, True), (0, False)])
def test_lines_carry_the_request_and_only_our_proxy_names_it(app, anonymous, proxies: int, taken: bool) -> None:
    installation = app.extensions["elearn"]
    installation.settings = replace(installation.settings, trusted_proxies=proxies)
    named = []
    app.before_request_funcs.setdefault(None, []).append(lambda: named.append(logs.request_id.get()))

    anonymous.get("/health", headers={"X-Request-ID": "0123456789abcdef"})
    anonymous.get("/health", headers={"X-Request-ID": "a b\n"[:3]})

    assert (named[0] == "0123456789abcdef") is taken
    assert len(named[1]) == 16
    assert named[0] != named[1]
