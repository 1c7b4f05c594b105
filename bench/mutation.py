"""Are the rules of money, seats, watched seconds and withholding really tested? Break them, one at a time, and see.

mutmut makes the changes (mutants) in a copy of the product and runs the tests named below against each. A mutant that
no test notices survives. The score is the share that was noticed, as promised per group: at least 95 %. Every survivor
is printed; those that change nothing anybody can see are in `bench/survivors.py`, each with its reason.

    bench/run mutation                     everything
    bench/run mutation seats               one group, or the rows whose module or tests have that in their name

mutmut changes functions and methods. Properties are turned into methods in the copy, so that they take part; tables of
constants and SQL that is built on import do not: the tests on both engines hold those. Tests of Hypothesis run with
fixed examples, so that two runs give one answer. One process at a time, at low priority.
"""

import ast
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutmut.stats import status_by_exit_code

from bench.survivors import ACCEPTED

ROOT = Path(__file__).parent.parent
TARGET = 95.0
COPIED = ("elearn", "tests", "migrations", "courses", "media_manifest", "pyproject.toml")
STOPPED = {"timeout", "segfault"}
"""What mutmut calls a mutant that ran into the limit of time or memory."""
NOTICED = {*STOPPED, "killed", "check was interrupted by user"}
"""The last is pytest itself giving up, over what it could not even import."""
MOST_MEMORY = 4 * 2**30
"""A mutant may loop for ever and remember all of it."""


@dataclass(frozen=True)
class Rules:
    """Functions that decide something, and the tests that hold them."""

    group: str
    module: str
    tests: tuple[str, ...]
    functions: tuple[str, ...] = ()
    """Which of the module's functions, 'name' or 'Class.name'; all when none is named."""


WATCHED = "watched ranges"
SEATS = "seats"
MONEY = "money"
WITHHOLDING = "withholding"
TERMS = ("tests/licensing/test_terms.py",)
COUNTS = ("tests/licensing/test_counts.py",)
HANDOVERS = (
    "tests/licensing/test_handovers.py",
    "tests/licensing/test_waiting_line.py::test_a_seat_taken_back_goes_to_the_first_in_line_after_ten_minutes",
)
RULES = (
    # group, module, tests, functions
    Rules(WATCHED, "elearn/learning/ranges.py", ("tests/learning/test_ranges.py",)),
    Rules(
        WATCHED,
        "elearn/learning/progress_rows.py",
        ("tests/learning/test_ranges.py",),
        ("seconds_within", "beyond_the_time"),
    ),
    Rules(WATCHED, "elearn/learning/progress.py", ("tests/learning/test_progress.py",)),
    Rules(WATCHED, "elearn/learning/reports.py", ("tests/learning/test_reports.py",)),
    Rules(WITHHOLDING, "elearn/core/privacy.py", ("tests/core/test_privacy.py",)),
    Rules(WITHHOLDING, "elearn/evaluation/steps.py", ("tests/evaluation/test_steps.py",)),
    Rules(WITHHOLDING, "elearn/evaluation/summarising.py", ("tests/evaluation/test_summarising.py",)),
    Rules(
        WITHHOLDING,
        "elearn/evaluation/statistics.py",
        ("tests/evaluation/test_statistics.py",),
        ("mean", "in_fives", "recommendation", "change", "_unpaired", "_moments", "_mean", "_effect"),
    ),
    Rules(SEATS, "elearn/licensing/history.py", ("tests/licensing/test_history.py",)),
    Rules(SEATS, "elearn/licensing/models/licences.py", TERMS),
    Rules(SEATS, "elearn/licensing/models/seats.py", TERMS),
    Rules(SEATS, "elearn/licensing/models/joining.py", TERMS),
    Rules(SEATS, "elearn/licensing/services/invitations.py", TERMS, ("hold_day", "holds_until")),
    Rules(
        SEATS,
        "elearn/licensing/services/seats.py",
        HANDOVERS,
        ("take_back_seat", "handovers_left", "handovers_used", "undo_take_back", "undoable", "undoable_among"),
    ),
    Rules(SEATS, "elearn/licensing/seat_rows/values.py", TERMS, ("valid_until",)),
    Rules(SEATS, "elearn/licensing/queries.py", TERMS, ("end_of",)),
    Rules(SEATS, "elearn/licensing/services/licences.py", COUNTS, ("usual_handovers",)),
    Rules(
        SEATS,
        "elearn/licensing/seat_lists.py",
        COUNTS,
        ("SeatCounts.all", "Page.first", "Page.last", "Page.has_next", "HeldSeat.sector"),
    ),
    Rules(SEATS, "elearn/licensing/renewals.py", COUNTS, ("Renewal.staying", "Renewal.fits")),
    Rules(
        SEATS,
        "elearn/learning/standing.py",
        ("tests/learning/test_standing.py",),
        (
            "standings",
            "standing_of",
            "_deciding",
            "CourseStanding.seat",
            "CourseStanding.municipalities",
            "CourseStanding.starts_on",
            "CourseStanding.ends_on",
        ),
    ),
    Rules(SEATS, "elearn/licensing/warning_stages.py", ("tests/licensing/test_warning_stages.py",)),
    Rules(SEATS, "elearn/licensing/join_codes.py", ("tests/licensing/test_join_codes.py",)),
    Rules(SEATS, "elearn/licensing/lists/plan.py", ("tests/licensing/lists/test_plan.py",)),
    Rules(MONEY, "elearn/billing/pricing.py", ("tests/billing/test_pricing.py",)),
    Rules(MONEY, "elearn/billing/discounts.py", ("tests/billing/test_discounts.py",)),
    Rules(MONEY, "elearn/billing/references.py", ("tests/billing/test_references.py",)),
    Rules(MONEY, "elearn/billing/vat.py", ("tests/billing/test_vat.py",)),
    Rules(MONEY, "elearn/billing/code_uses.py", ("tests/billing/test_order_codes.py", "tests/billing/test_orders.py")),
    Rules(MONEY, "elearn/billing/numbering.py", ("tests/billing/test_invoices.py",)),
    Rules(MONEY, "elearn/billing/services/order_seats.py", ("tests/billing/test_orders.py",), ("after_months",)),
)


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed."""

    module: str
    line: int
    function: str
    before: str
    after: str

    @property
    def reason(self) -> str | None:
        """Why it may survive; None when nobody has said so."""
        return ACCEPTED.get(self.module, {}).get(self.after or f"without {self.before}")


@dataclass(frozen=True)
class Score:
    """How many mutants of some rules there were, and which survived."""

    rules: Rules
    mutants: int
    stopped: int
    """How many ran into the limit of time or memory, which counts as noticed."""
    survivors: list[Survivor]

    @property
    def noticed(self) -> int:
        """How many some test noticed."""
        return self.mutants - len(self.survivors)


def measure(rows: list[Rules], folder: Path) -> list[Score]:
    """Run the mutants of rules that share their tests, in a copy of the product that may be changed at will."""
    for name in COPIED:
        source, copy = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, copy)
    for rules in rows:
        changed = folder / rules.module
        changed.write_text(with_properties_as_methods(changed.read_text()))
        gone = {_mangled(name) for name in rules.functions} - _first_lines(changed.read_text()).keys()
        assert not gone, f"{rules.module} has no {gone}: mend the table"
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write(_settings(rows))
    _mutmut(folder, "run", "--max-children", "1", *(pattern for rules in rows for pattern in _mutants_of(rules)))
    return [_score(rules, folder) for rules in rows]


def _score(rules: Rules, folder: Path) -> Score:
    found = json.loads((folder / "mutants" / f"{rules.module}.meta").read_text())["exit_code_by_key"]
    checked = {name: status_by_exit_code[code] for name, code in found.items() if code is not None}
    lines = _first_lines((folder / rules.module).read_text())
    survivors = [
        _survivor(rules.module, name, lines, _mutmut(folder, "show", name))
        for name, status in checked.items()
        if status not in NOTICED
    ]
    stopped = sum(status in STOPPED for status in checked.values())
    return Score(rules, len(checked), stopped, survivors)


def with_properties_as_methods(source: str) -> str:
    """Return a module in which `@property` is said after the method, in as many lines: mutmut passes by decorators."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and [ast.unparse(each) for each in node.decorator_list] == ["property"]:
            assert node.end_lineno
            lines[node.lineno - 2] = ""
            if node.end_lineno == len(lines):
                lines.append("")
            assert not lines[node.end_lineno]
            lines[node.end_lineno] = f"{' ' * node.col_offset}{node.name} = property({node.name})"
    return "\n".join(lines) + "\n"


def _settings(rows: list[Rules]) -> str:
    return (
        "\n[tool.mutmut]\n"
        'source_paths = ["elearn"]\n'
        f"only_mutate = {json.dumps([rules.module for rules in rows])}\n"
        f"also_copy = {json.dumps([name for name in COPIED if name != 'elearn'])}\n"
        f"pytest_add_cli_args_test_selection = {json.dumps(rows[0].tests)}\n"
        "timeout_multiplier = 8\n"
        'pytest_add_cli_args = ["-p", "no:cacheprovider", "--hypothesis-profile=ci"]\n'
        "use_git_change_detection = false\n"
    )


def _mutmut(folder: Path, *arguments: str) -> str:
    def at_low_priority() -> None:
        os.setpriority(os.PRIO_PROCESS, 0, 10)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))

    # The copy is what the tests are to import, so nothing may point at the product itself.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["mutmut", *arguments],
        cwd=folder,
        env=environment | {"ELEARN_TEST_DATABASE": "sqlite"},
        preexec_fn=at_low_priority,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"mutmut {' '.join(arguments)} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def _mutants_of(rules: Rules) -> list[str]:
    """Return patterns of the names of their mutants."""
    module = rules.module.removesuffix(".py").replace("/", ".")
    names = [_mangled(name) for name in rules.functions] or ["x*"]
    return [f"{module}.{name}__mutmut_*" for name in names]


def _mangled(function: str) -> str:
    """Return what mutmut calls a function."""
    owner, dot, name = function.rpartition(".")
    return f"xǁ{owner}ǁ{name}" if dot else f"x_{name}"


def _first_lines(source: str) -> dict[str, int]:
    """Return the line of each function's `def`, by what mutmut calls it."""
    lines = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            lines[_mangled(node.name)] = node.lineno
        elif isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            lines |= {_mangled(f"{node.name}.{each.name}"): each.lineno for each in methods}
    return lines


def _survivor(module: str, name: str, first_lines: dict[str, int], shown: str) -> Survivor:
    """Read what `mutmut show` says of a mutant: one hunk, counted from the function's first line."""
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    begin = re.search(r"^@@ -(\d+)", shown, re.MULTILINE)
    assert begin, shown
    hunk = shown[begin.start() :].splitlines()[1:]
    above = next(number for number, line in enumerate(hunk) if line[:1] in "+-" and line)
    before = " ".join(line[1:].strip() for line in hunk if line.startswith("-"))
    after = " ".join(line[1:].strip() for line in hunk if line.startswith("+"))
    line = first_lines[function] + int(begin[1]) - 1 + above
    return Survivor(module, line, function.replace("ǁ", ".").removeprefix("x").lstrip("_."), before, after)


def _tell(score: Score) -> None:
    rules = score.rules
    which = f" ({', '.join(rules.functions)})" if rules.functions else ""
    stopped = f", {score.stopped} of them by never coming to an end" if score.stopped else ""
    print(
        f"{rules.module}{which}: {score.noticed} of {score.mutants} mutants noticed{stopped}, {_percent([score]):.1f} %"
    )
    for survivor in score.survivors:
        print(f"  {survivor.module}:{survivor.line} in {survivor.function}, {survivor.reason or 'UNEXPLAINED'}")
        print(f"    - {survivor.before}\n    + {survivor.after}")


def _percent(scores: Iterable[Score]) -> float:
    scores = list(scores)
    return 100 * sum(score.noticed for score in scores) / sum(score.mutants for score in scores)


def main(wanted: str) -> None:
    """Measure the rules asked for; leaves with 1 when a group misses the target, or a survivor is unexplained."""
    chosen = [rules for rules in RULES if any(wanted in name for name in (rules.group, rules.module, *rules.tests))]
    scores = []
    for tests in dict.fromkeys(rules.tests for rules in chosen):
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            scores += measure([rules for rules in chosen if rules.tests == tests], Path(folder))
    for score in scores:
        _tell(score)
    missed = False
    for group in dict.fromkeys(score.rules.group for score in scores):
        mine = [score for score in scores if score.rules.group == group]
        noticed, mutants = sum(score.noticed for score in mine), sum(score.mutants for score in mine)
        unexplained = sum(survivor.reason is None for score in mine for survivor in score.survivors)
        print(
            f"{group}: {noticed} of {mutants} mutants noticed, {_percent(mine):.1f} % (target: at least {TARGET:g} %), "
            f"{unexplained} survivors unexplained"
        )
        missed |= _percent(mine) < TARGET or unexplained > 0
    sys.exit(missed)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
