"""Rules of the house that are read from its source."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import elearn.background
from elearn.cli import COMMANDS, RUN_JOBS
from elearn.jobs import queue, schedule

PACKAGE = Path(elearn.background.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)

PUBLIC_READS = {
    "elearn.billing.buyer_queries": {
        "public_campaign",  # public pages
        "public_campaigns",
        "taken_places",
        "quote_by_code",  # whoever has the quote's address
        "ordered_on",  # the same: only the day is told
        "order_by_token",  # whoever holds the letter
    },
    "elearn.catalogue.queries": {
        "public_courses",  # public pages
        "public_course",
        "open_module",
        "courses_showing",  # to find out who may see a film's picture
    },
    "elearn.learning.queries": {"skipped_seconds"},  # arithmetic on passages the caller has read
    "elearn.licensing.queries": {
        "held_until",  # of a seat that signed claims name
        "open_invitation",  # whoever holds the letter
        "was_invitation_ours",  # whoever holds an old one
        "seats_past_their_hold",  # the nightly job, over all
        "end_of",  # arithmetic
        "by_country",  # a condition for others
        "is_somebody_in_line",  # the product's own question when a seat becomes free
        "runs_today",  # a condition for others
        "seats_to_remind",  # the hourly job, over all
    },
    "elearn.feedback.queries": {
        "occasion_by_code",  # the code is the permission
    },
    "elearn.media.queries": {
        "current_video",  # publishing, in a house that the command names
        "tracks",  # of a film already loaded
        "chapters",
        "transcript",
        "transcript_language",
    },
    "elearn.organisations.queries": {
        "course_houses",  # public pages
        "operators",  # the product's own question, for letters
    },
}
"""Reads that need no scope, each with its reason."""


def modules(pattern: str) -> list[str]:
    return sorted(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in PACKAGE.rglob(pattern))


@pytest.mark.parametrize("name", modules("*queries.py"))
def test_every_read_says_for_whom(name: str) -> None:
    module = import_module(name)
    excepted = PUBLIC_READS.get(name, set())
    public = {
        key: function
        for key, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == name and not key.startswith("_")
    }
    unscoped = [key for key, function in public.items() if key not in excepted and not _has_scope(function)]

    assert not unscoped, f"{name}: start with (session, scope, …), or give the reason in PUBLIC_READS: {unscoped}"
    assert excepted <= set(public), f"no longer there: {excepted - set(public)}"


def test_every_job_that_is_enqueued_has_a_handler() -> None:
    enqueued = {
        (str(path.relative_to(PACKAGE)), name) for path, call in _calls("enqueue") for name in _words(call.args[1:2])
    }
    handled = queue.handler_names()

    assert {name for _, name in enqueued} >= {"mail.send_letter", "accounts.send_link"}, "the scan sees them"
    assert not [where for where in enqueued if where[1] not in handled], "write @handles('…') in the feature's jobs.py"


def test_every_enqueue_names_its_job_in_place() -> None:
    hidden = [f"{path}:{call.lineno}" for path, call in _calls("enqueue") if not _words(call.args[1:2])]

    assert not hidden, f"write the job's name as a string, so that it can be found: {hidden}"


def test_what_the_worker_imports_holds_every_job_and_periodic_task() -> None:
    """elearn.cli imports elearn.background, and nothing else of the kind, for the commands that run jobs."""
    imported = set(elearn.background.__dict__) | {"elearn"}
    text = (PACKAGE / "background.py").read_text()
    missing = [name for name in modules("jobs.py") if name.removeprefix("elearn.").split(".")[0] not in text]

    assert imported
    assert not missing, f"import these in elearn/background.py: {missing}"


def test_every_command_that_runs_jobs_gets_their_handlers() -> None:
    files = {name: PACKAGE.parent / (module.replace(".", "/") + ".py") for name, module in COMMANDS.items()}
    runs = {name for name, file in files.items() if re.search(r"\b(run_due|work_until_signalled)\b", file.read_text())}

    assert runs == RUN_JOBS


def test_every_periodic_task_is_declared_once() -> None:
    declared = [name for _, call in _calls("every") for name in _words(call.args[:1])]

    assert sorted(declared) == sorted(schedule._tasks)
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_sql_is_put_together_from_texts(path: Path) -> None:
    built = [
        call.lineno
        for call in _calls_in(path, "text", "exec_driver_sql")
        for argument in call.args[:1]
        if not isinstance(argument, ast.Constant) and _may_be_sql(path, call)
    ]

    assert not built, f"{path}: give values as :name parameters, lines {built}"


def test_nothing_pickles_evaluates_or_starts_a_shell() -> None:
    dangerous = re.compile(
        r"\b(?:pickle|marshal)\.loads?\(|\beval\(|\bexec\(|shell=True|os\.system\(|yaml\.load\((?!.*Base)"
    )

    assert not [str(path) for path in SOURCES if dangerous.search(path.read_text())]


def test_randomness_that_matters_comes_from_secrets() -> None:
    """The demo, whose people must be the same every time, may use a seeded generator; a release names its type."""
    weak = re.compile(r"^\s*(?:import random|from random|.*\buuid[14]\()", re.MULTILINE)
    users = {str(path.relative_to(PACKAGE)) for path in SOURCES if weak.search(path.read_text())}

    shuffles = "feedback/services/releasing.py"  # by the system's randomness; tests seed it
    assert not {name for name in users if not name.startswith("home/demo")} - {shuffles}


def test_the_clock_is_asked_in_one_place() -> None:
    others = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(|\btime\.time\(")
    found = {str(path.relative_to(PACKAGE)) for path in SOURCES if others.search(path.read_text())}

    assert found <= {"core/clock.py"}, "ask elearn.core.clock, so that a test can own time"


def _has_scope(function: object) -> bool:
    parameters = list(inspect.signature(function).parameters)  # type: ignore[arg-type]  # functions only
    return parameters[:1] == ["session"] and len(parameters) > 1 and parameters[1].lstrip("_") == "scope"


def _calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in SOURCES:
        for call in _calls_in(path, name):
            yield path, call


def _calls_in(path: Path, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in names:
                yield node


def _words(arguments: list[ast.expr]) -> list[str]:
    return [argument.value for argument in arguments if isinstance(argument, ast.Constant)]


def _may_be_sql(path: Path, call: ast.Call) -> bool:
    """Whether the call is SQLAlchemy's: `text` is also a word for texts of ours."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "exec_driver_sql"
    imports = r"from sqlalchemy import (?:[^\n(]*|\([^)]*)\btext\b"
    return bool(re.search(imports, path.read_text()))
