"""The table of `bench/run mutation` names what is there: a rule that moved takes its row along."""

import ast
from pathlib import Path

import pytest

from bench.mutation import ROOT, RULES, Rules


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.module)
def test_every_row_names_functions_and_tests_that_exist(rules: Rules) -> None:
    missing = set(rules.functions) - functions_of(ROOT / rules.module)

    assert not missing, f"{rules.module} has no {missing}: mend the row in bench/mutation.py"
    for test in rules.tests:
        file, _colons, function = test.partition("::")
        assert not function or function in functions_of(ROOT / file)
        assert (ROOT / file).exists(), f"{file} has gone: mend the row in bench/mutation.py"


def functions_of(module: Path) -> set[str]:
    """Return a module's functions, 'name' or 'Class.name'."""
    found = set()
    for part in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(part, ast.FunctionDef):
            found.add(part.name)
        if isinstance(part, ast.ClassDef):
            found |= {f"{part.name}.{each.name}" for each in part.body if isinstance(each, ast.FunctionDef)}
    return found
