"""What web workers have loaded: each megabyte is held by all of them, and each second waited for at every start."""

import subprocess
import sys

import pytest

FOR_OTHERS = {"scipy", "numpy", "openpyxl", "alembic", "av", "typst", "saxonche"}
"""Slow or large, and for releases, workbooks, migrations, films, papers and the judging of invoices alone."""


@pytest.mark.looks
def test_web_workers_load_nothing_large_that_few_requests_need() -> None:
    program = "import sys, elearn.app, elearn.background; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert not FOR_OTHERS & set(loaded.split())
